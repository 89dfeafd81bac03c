"""Everything that can be set, read once at start.

Command line: database, port, key, addresses. Environment: the times of the sandbox, in milliseconds and within bounds,
so that tests are quick and a demo is not: ISSUER_DELAY_MS, ISSUER_TIMEOUT_MS, ISSUER_RETRY_MS, ISSUER_CODE_LIFE_MS and
ISSUER_PAGE_LIFE_MS.
"""

from collections.abc import Mapping

import msgspec

from junzi_issuer.rules import is_web_address


class ConfigError(Exception):
    """A setting is not usable; the text says which and why."""


class Times(msgspec.Struct, frozen=True):
    """In milliseconds: `delay` of the slow card, `timeout` until the silent card's connection is cut, first `retry` of
    a notification (doubled each time), life of a one-time code and of a page."""

    delay_ms: int = 3_000
    timeout_ms: int = 30_000
    retry_ms: int = 1_000
    code_life_ms: int = 300_000
    page_life_ms: int = 1_800_000


class Settings(msgspec.Struct, frozen=True):
    public_url: str
    notify_url: str
    times: Times


_BOUNDS_MS = {
    "ISSUER_DELAY_MS": ("delay_ms", 0, 60_000),
    "ISSUER_TIMEOUT_MS": ("timeout_ms", 0, 600_000),
    "ISSUER_RETRY_MS": ("retry_ms", 10, 60_000),
    "ISSUER_CODE_LIFE_MS": ("code_life_ms", 1, 3_600_000),
    "ISSUER_PAGE_LIFE_MS": ("page_life_ms", 1, 86_400_000),
}


def read_settings(public_url: str, notify_url: str, environment: Mapping[str, str]) -> Settings:
    """Checked settings; raises ConfigError."""
    for name, url in (("--public-url", public_url), ("--notify-url", notify_url)):
        if not is_web_address(url):
            raise ConfigError(f"{name} must be an absolute http or https address.")
    return Settings(public_url=public_url.rstrip("/"), notify_url=notify_url, times=_read_times(environment))


def _read_times(environment: Mapping[str, str]) -> Times:
    values = {}
    for variable, (field, least, most) in _BOUNDS_MS.items():
        text = environment.get(variable)
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise ConfigError(f"{variable} must be a whole number from {least} to {most}.")
        values[field] = int(text)
    return Times(**values)
