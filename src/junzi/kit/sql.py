"""A room's named queries, read from the `queries.sql` beside its code."""

from importlib import resources
from typing import Any, TypeVar

import aiosql
import msgspec

T = TypeVar("T")


def queries(package: str) -> Any:
    """Load `queries.sql` of that package; each query is a function of a connection and named arguments."""
    text = resources.files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    return aiosql.from_str(text, "asyncpg")


def struct(kind: type[T], row: Any) -> T:
    """A database row as the frozen struct it holds; column names are field names."""
    return msgspec.convert(dict(row), kind)


def maybe(kind: type[T], row: Any) -> T | None:
    """The same for a query that may find nothing."""
    return None if row is None else struct(kind, row)
