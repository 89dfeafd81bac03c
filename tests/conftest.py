"""What every test may ask for: a PostgreSQL, a database of its own, a folder that PostgreSQL can reach."""

import asyncio
import faulthandler
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import pytest
import pytest_asyncio
import structlog

from junzi.kit.embedded_postgres import EmbeddedPostgres
from tests.issuer.bank import Bank
from tests.support import issuer, postgres, warm
from tests.support.house import Running, running
from tests.support.issuer import SharedBank
from tests.support.market import Market, Time, opened_market
from tests.support.postgres import DURABLE, QUICK, TEMPLATE, SharedServer
from tests.support.up import Starter, copy_town, starting

_stderr = pytest.StashKey[TextIO]()


def pytest_configure(config: pytest.Config) -> None:
    # Its own choice for a terminal, a picture of every frame with all that is in it, takes a second or two each time.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    stack = ExitStack()
    config.add_cleanup(stack.close)
    stack.enter_context(warm.connections_kept())
    # Nothing is captured yet.
    config.stash[_stderr] = stack.enter_context(os.fdopen(os.dup(2), "w"))
    if not hasattr(config, "workerinput"):
        postgres.begin_run()


def pytest_collection_finish() -> None:
    # What has been imported stays; nothing has to look through it for garbage again and again.
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that does not end is ended by pytest's fault handler, which knows threads, but no tasks."""
    with warm.told_if_longer(longest_s(item) * 0.95, item.config.stash[_stderr]):
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("lasts"):
        # In place of the time that the fault handler gives every test.
        faulthandler.dump_traceback_later(longest_s(item), exit=True, file=item.config.stash[_stderr])


def longest_s(item: pytest.Item) -> float:
    more = item.get_closest_marker("lasts")
    return float(item.config.getini("faulthandler_timeout")) + (more.args[0] if more else 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Tests share a loop: what one of them left running would work on in the next."""
    yield
    if left := warm.end_tasks_left():
        pytest.fail(f"left running: {', '.join(left)}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.end_run()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": warm.new_loop}


def pytest_report_header() -> str:
    return "postgres: fsync off for ordinary tests, on for those marked crash"


@pytest.fixture
def postgres_server(request: pytest.FixtureRequest) -> SharedServer:
    """The shared server: the durable one for tests marked `crash`, the quick one for all others."""
    return postgres.shared_server(DURABLE if request.node.get_closest_marker("crash") else QUICK)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, postgres_server: SharedServer) -> Iterator[str]:
    """A database with every migration applied and nothing else in it, this test's own for as long as it lasts."""
    if any(map(request.node.get_closest_marker, ("crash", "slow", "new_database"))):
        url = postgres_server.make_database(template=TEMPLATE)
        yield url
        postgres_server.drop_database(url)
    else:
        database = postgres_server.lend_database()
        yield database.url
        postgres_server.take_back(database)


@pytest.fixture
def engine_url(database_url: str) -> str:
    """The same, on which no engine runs yet."""
    return database_url


@pytest.fixture
def postgres_url(postgres_server: SharedServer) -> Iterator[str]:
    """An empty database of this test's own, dropped afterwards."""
    url = postgres_server.make_database(template=None)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account can reach, which pytest's own `tmp_path` is not when root runs the tests."""
    parent = Path(tempfile.mkdtemp(prefix="junzi-data-"))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def start(data_folder: Path) -> Iterator[Starter]:
    """Starts `junzi up --demo`, as often as it is called, on this test's copy of a filled town; what still runs is stopped."""
    copy_town(data_folder)
    yield from starting(data_folder)


@pytest.fixture
def own_postgres(data_folder: Path) -> Iterator[Callable[..., EmbeddedPostgres]]:
    """Makes durable servers that belong to this test alone, which it may kill; those that still run are stopped."""
    made: list[EmbeddedPostgres] = []

    def make(**options: object) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(data_folder, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest_asyncio.fixture
async def served(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A served house that works in its background; it has no bank."""
    async with running(database_url, tmp_path) as house:
        yield house


@pytest.fixture(scope="session")
def shared_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedBank]:
    """The sandbox issuer, one process for all tests of this worker that only need a bank to be there."""
    database_url = postgres.shared_server(QUICK).make_database(template=None)
    bank = issuer.start(database_url, tmp_path_factory.mktemp("issuer"))
    yield bank
    bank.stop()


@pytest_asyncio.fixture
async def bank(shared_bank: SharedBank) -> AsyncIterator[Bank]:
    """That bank, as its operator asks it."""
    bank = shared_bank.asked()
    yield bank
    await bank.stop()


@pytest_asyncio.fixture
async def market(database_url: str, tmp_path: Path, shared_bank: SharedBank) -> AsyncIterator[Market]:
    """A served house with that bank; nothing happens in its background."""
    async with opened_market(database_url, tmp_path, shared_bank) as market:
        yield market


@pytest.fixture
def time() -> Iterator[Time]:
    """The time, which the test may move ahead."""
    time = Time()
    yield time
    time.end()
