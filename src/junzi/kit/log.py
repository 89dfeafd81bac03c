"""Structured logs: one JSON object a line on standard error, each with the request it belongs to."""

import logging
import sys
from io import TextIOBase
from typing import Any, TextIO, cast

import asyncpg
import structlog

PRIVATE = frozenset(
    {
        "pin",
        "current_pin",
        "password",
        "token",
        "text",
        "payload",
        "body",
        "card_number",
        "cookie",
        "authorization",
        "greeting",
    }
)
"""Names whose values are never written, whoever passes them."""


def set_up(*, level: int = logging.INFO, to: TextIO | TextIOBase = sys.stderr) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _without_private,
            _without_values,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, to)),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=to)


def _without_private(_logger: Any, _method: str, event: Any) -> Any:
    for name in PRIVATE & event.keys():
        event[name] = "…"
    return event


def _without_values(_logger: Any, _method: str, event: Any) -> Any:
    """The database's errors repeat the row, or the argument, that they refuse."""
    failure = event.get("exc_info")
    while isinstance(failure, BaseException):
        if isinstance(failure, asyncpg.PostgresError):
            failure.detail = None
        if isinstance(failure, asyncpg.DataError | asyncpg.InterfaceError):
            failure.args = (str(failure.args[0]).partition(": ")[0],)
        failure = failure.__cause__ or failure.__context__
    return event
