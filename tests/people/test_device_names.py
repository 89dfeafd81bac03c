"""What a person calls their devices by."""

import pytest

from junzi.people.rules import device_of

ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (ANDROID, "Chrome · Android"),
        (IPHONE, "Safari · iPhone"),
        (EDGE, "Edge · Windows"),
        (FIREFOX, "Firefox · Linux"),
        ("python-httpx/0.28.1", "Program"),
        ("", "Program"),
    ],
)
def test_a_device_is_named_by_browser_and_system(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
