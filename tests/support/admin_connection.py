"""A connection for what stands around a test: kept for as long as the process lives, on a loop of its own."""

import asyncio
from typing import Any

import asyncpg

PATIENCE_S = 60.0

_CUT_OFF = """
with waiting as materialized (
    select pid, concat(left(query, 200), ' in ', datname) as told from pg_stat_activity
    where state = 'active' and wait_event_type = 'Client' and query_start < now() - make_interval(secs => {patience_s})
        and pid <> pg_backend_pid()
)
select told from waiting where pg_terminate_backend(pid, 5000)
"""


class AdminConnection:
    """Every method waits for its answer; none may be called from a running loop.

    patience_s: so long a statement may take; then `asyncpg.QueryCanceledError`
    """

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self._runner = asyncio.Runner()
        self._patience_s = patience_s
        settings = {"statement_timeout": str(round(patience_s * 1000))}
        self._connection = self._runner.run(asyncpg.connect(url, server_settings=settings))

    def execute(self, statement: str) -> None:
        self._runner.run(self._connection.execute(statement))

    def value(self, query: str) -> Any:
        return self._runner.run(self._connection.fetchval(query))

    def column(self, query: str) -> list[Any]:
        return [row[0] for row in self._runner.run(self._connection.fetch(query))]

    def cut_off_who_waits_for_a_client(self) -> list[str]:
        """Ends the sessions that have been in the middle of a statement for as long as our patience, and says of which.

        Dropping a database waits for every session of the server, and one whose client stopped in the middle of a COPY
        hears nothing: while the loop of that client stands still because it is we who wait, nobody would ever go on.
        """
        return self.column(_CUT_OFF.format(patience_s=self._patience_s))

    def close(self) -> None:
        self._connection.terminate()
        self._runner.close()
