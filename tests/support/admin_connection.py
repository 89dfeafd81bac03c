"""A connection for what stands around a test: kept for as long as the process lives, on a loop of its own."""

import asyncio
from typing import Any

import asyncpg


class AdminConnection:
    """Every method waits for its answer; none may be called from a running loop."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(asyncpg.connect(url))

    def execute(self, statement: str) -> None:
        self._runner.run(self._connection.execute(statement))

    def value(self, query: str) -> Any:
        return self._runner.run(self._connection.fetchval(query))

    def column(self, query: str) -> list[Any]:
        return [row[0] for row in self._runner.run(self._connection.fetch(query))]

    def close(self) -> None:
        self._connection.terminate()
        self._runner.close()
