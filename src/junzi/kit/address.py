"""Under which address we are reached: by the browser that asks, and by other people's phones."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from junzi.kit.config import Settings


def origin(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Our address as this browser sees it: where it comes back to from elsewhere."""
    asked = str(request.base_url).rstrip("/")
    # Behind a proxy that ends TLS we are asked without it.
    return settings.public_url if host_of(settings.public_url) == host_of(asked) else asked


def public_url(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Our address as other people's phones reach it: what goes into a code."""
    asked = origin(request, settings)
    is_this_machine = host_of(asked).rpartition(":")[0] in ("localhost", "127.0.0.1")
    return settings.public_url or (is_this_machine and settings.network_url) or asked


def host_of(address: str) -> str:
    """Host and port of an address, in lower case."""
    return urlsplit(address).netloc.lower()
