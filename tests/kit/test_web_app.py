"""What the web app's page may reach is itself, and what the operator configured."""

from pathlib import Path

import pytest

from junzi.kit.config import MissingSetting, Settings, settings_from_environment
from junzi.kit.web_app import security

TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


def test_pictures_come_from_a_map_only_where_one_is_configured() -> None:
    plain = security(Settings(database_url="postgresql://", data=Path()))
    assert "img-src 'self' data: blob:;" in plain["content-security-policy"]
    assert "http" not in plain["content-security-policy"]
    assert plain["referrer-policy"] == "same-origin"
    mapped = security(Settings(database_url="postgresql://", data=Path(), map_tiles_url=TILES))
    assert "img-src 'self' https://tile.openstreetmap.org data: blob:;" in mapped["content-security-policy"]
    assert mapped["content-security-policy"].count("http") == 1
    assert mapped["referrer-policy"] == "strict-origin-when-cross-origin"


def test_the_address_of_tiles_says_where_its_numbers_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNZI_DATABASE_URL", "postgresql://")
    monkeypatch.setenv("JUNZI_MAP_TILES_URL", TILES)
    assert settings_from_environment().map_tiles_url == TILES
    for wrong in (
        "https://tile.example/{z}/{x}.png",
        "https://tile.example; script-src */{z}/{x}/{y}",
        "//{z}/{x}/{y}",
    ):
        monkeypatch.setenv("JUNZI_MAP_TILES_URL", wrong)
        with pytest.raises(MissingSetting, match="JUNZI_MAP_TILES_URL"):
            settings_from_environment()
