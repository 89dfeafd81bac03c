"""What is decided about pushes: where they may go, and when they are unwelcome. Facts in, decision out."""

from datetime import time
from urllib.parse import urlsplit

from junzi.kit.text import refused
from junzi.notices.model import QuietHours

SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""The push services of the browsers there are, each with what lies below it. Nothing else is called: an address that a client may
choose would let it make us ask whatever stands behind our door."""

LONGEST_ENDPOINT = 1_000


def check_endpoint(endpoint: str, more_hosts: frozenset[str]) -> None:
    """Raise `InvalidRequest` unless it is an address of a push service.

    more_hosts: `host:port` of services of the operator's own
    """
    try:
        parts = urlsplit(endpoint)
        host, port, password = parts.hostname or "", parts.port, parts.password or parts.username
    except ValueError as failure:
        raise refused("endpoint", "This is no address.") from failure
    own = f"{host}:{port}" in more_hosts
    known = any(host == one or host.endswith(f".{one}") for one in SERVICES)
    is_safe = parts.scheme == "https" and port in (None, 443) and known
    if len(endpoint) > LONGEST_ENDPOINT or password or not endpoint.isascii() or not (own or is_safe):
        raise refused("endpoint", "This is no address of a push service that is known here.")


def is_quiet(hours: QuietHours | None, at: time) -> bool:
    """Whether a push is unwelcome at that hour of the operator's clocks."""
    if hours is None:
        return False
    if hours.quiet_from < hours.quiet_until:
        return hours.quiet_from <= at < hours.quiet_until
    return at >= hours.quiet_from or at < hours.quiet_until
