"""Waiting for something to become true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE_S = 0.01
LONGEST_S = 30.0
"""Only what never comes true lasts so long, however busy the machine is."""


async def until(condition: Callable[[], T | Awaitable[T]], timeout_s: float = LONGEST_S) -> T:
    """Asks again and again until the answer is truthy, and returns it. The condition may be async.

    Raises AssertionError, with the last answer, when time is up.
    """
    give_up_at = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > give_up_at:
            raise AssertionError(_too_late(condition, timeout_s, answer))
        await asyncio.sleep(PAUSE_S)


def until_blocking(condition: Callable[[], T], timeout_s: float = LONGEST_S) -> T:
    """The same for tests without an event loop."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > give_up_at:
            raise AssertionError(_too_late(condition, timeout_s, answer))
        time.sleep(PAUSE_S)


def _too_late(condition: object, timeout_s: float, answer: object) -> str:
    name = getattr(condition, "__name__", repr(condition))
    return f"{name} was not true within {timeout_s} s; it last said {answer!r}"
