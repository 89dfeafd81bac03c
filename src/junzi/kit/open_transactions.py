"""Whether the present task has a transaction open.

Engines and queues refuse to be called then: pooled connections that wait for an engine which waits for pooled connections would
hang for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_depth: ContextVar[int] = ContextVar("open_transactions", default=0)


@contextmanager
def counted() -> Iterator[None]:
    """The block holds a transaction open."""
    token = _depth.set(_depth.get() + 1)
    try:
        yield
    finally:
        _depth.reset(token)


def refuse_inside_transaction() -> None:
    """Engines call this first: waiting for an engine inside a transaction can hang for good, so it is a defect."""
    if _depth.get():
        raise AssertionError("an engine was called inside an open transaction")
