"""The process: what it refuses to start with, how it stops, how small it is, and what it never says."""

import ast
import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.issuer.bank import KEY, SILENT, SLOW, WORKS, Bank, run_issuer
from tests.support.until import LONGEST_S, until

SOURCES = Path(__file__).parents[2] / "src"
MEMORY_LIMIT_KIB = 60 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("card", [SLOW, SILENT])
async def test_it_stops_cleanly_at_once_while_a_request_waits(
    make_bank: Callable[..., Bank], number: signal.Signals, card: str
) -> None:
    async with make_bank(ISSUER_DELAY_MS="60000", ISSUER_TIMEOUT_MS="600000") as bank:
        token, reference = await bank.bind(card), uuid4()
        debit = asyncio.create_task(bank.debit(token, 700, reference))

        async def found() -> bool:
            return (await bank.find_debit(reference)).status_code == 200

        await until(found)
        assert bank.process is not None
        bank.process.send_signal(number)
        # The request would take twice as long.
        assert await asyncio.wait_for(bank.process.wait(), LONGEST_S) == 0
        await asyncio.gather(debit, return_exceptions=True)
        assert debit.exception() is None or isinstance(debit.exception(), httpx.TransportError)
        assert bank.said == ""


@pytest.mark.slow
async def test_it_stays_small(own_bank: Bank) -> None:
    token = await own_bank.bind(WORKS)
    for _ in range(5):
        await asyncio.gather(*(own_bank.debit(token, 1) for _ in range(40)))
        page = await own_bank.open_page()
        await page.enter_card(WORKS)
    assert own_bank.process is not None
    assert _resident_kib(own_bank.process.pid) < MEMORY_LIMIT_KIB


async def test_it_says_nothing_that_should_not_be_read(own_bank: Bank, database: asyncpg.Connection) -> None:
    page = await own_bank.open_page()
    await page.enter_card(WORKS)
    code = page.message_code
    await page.enter_code(page.wrong_code)
    await page.enter_code(code)
    token = (await own_bank.read_binding(page.reference))["token"]
    await own_bank.debit(token, 1)
    await database.execute("alter table issuer.payments rename to elsewhere")
    failed = await own_bank.debit(token, 1)
    assert (failed.status_code, failed.json()["type"]) == (500, "/problems/internal-error")
    assert (
        await own_bank.request("POST", f"/v1/bindings/{uuid4()}/simulate", {"card_number": WORKS})
    ).status_code == 404
    await own_bank.request("DELETE", f"/v1/tokens/{token}")
    await until(lambda: "request failed: UndefinedTableError" in own_bank.said)
    for secret in (WORKS, "6200 0001", code, token, KEY, page.path.rpartition("/")[2]):
        assert secret not in own_bank.said
        assert secret not in failed.text


async def test_a_second_start_on_the_same_database_changes_nothing(
    own_bank: Bank, database: asyncpg.Connection
) -> None:
    token = await own_bank.bind(WORKS)
    await own_bank.kill()
    await own_bank.start()
    assert (await own_bank.debit(token, 1)).json()["state"] == "succeeded"
    assert await database.fetchval("select count(*) from issuer.versions") == 1
    assert await database.fetchval("select count(*) from issuer.accounts where kind <> 'card'") == 2


@pytest.mark.slow
async def test_two_that_start_together_on_an_empty_database_both_come_up(make_bank: Callable[..., Bank]) -> None:
    first, second = make_bank(), make_bank()
    try:
        await asyncio.gather(first.start(), second.start())
        token = await first.bind(WORKS)
        assert (await second.debit(token, 1)).json()["state"] == "succeeded"
    finally:
        await first.stop()
        await second.stop()


async def test_a_newer_schema_is_refused(own_bank: Bank, database: asyncpg.Connection) -> None:
    await own_bank.kill()
    await database.execute("insert into issuer.versions values (99, '2030-01-01Z')")
    assert await _refusal(own_bank, {}) == "junzi-issuer: The database is at version 99, this program knows 1.\n"


@pytest.mark.slow
async def test_unusable_settings_are_refused_in_words(make_bank: Callable[..., Bank]) -> None:
    bank = make_bank()
    assert "ISSUER_DELAY_MS must be a whole number from 0 to 60000." in await _refusal(bank, {"ISSUER_DELAY_MS": "-1"})
    assert "ISSUER_TIMEOUT_MS must be" in await _refusal(bank, {"ISSUER_TIMEOUT_MS": "999999999"})
    assert "--public-url must be" in await _refusal(bank, {}, ("--public-url", "ftp://x"))
    assert "cannot be read" in await _refusal(bank, {}, ("--key-file", "/nowhere/key"))
    short = bank.folder / "short.key"
    short.write_text("short")
    assert "at least 16 characters" in await _refusal(bank, {}, ("--key-file", str(short)))
    assert "cannot be used" in await _refusal(bank, {}, ("--database-url", "postgresql://nobody@127.0.0.1:1/none"))


async def test_a_taken_port_is_refused_in_words(make_bank: Callable[..., Bank]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"Cannot listen on 127.0.0.1 port {port}" in await _refusal(make_bank(), {}, ("--port", port))


def test_neither_package_imports_the_other() -> None:
    for package, other in (("junzi", "junzi_issuer"), ("junzi_issuer", "junzi")):
        for path in (SOURCES / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not [name for name in names if name.split(".")[0] == other], path


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("memory is read from /proc, which this system does not have")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


async def _refusal(bank: Bank, environment: dict[str, str], changed: tuple[str, str] = ("--port", "0")) -> str:
    """What a start that is refused says; the changed argument replaces the usual one."""
    arguments = ["serve", "--port", "0", *bank.arguments()]
    arguments[arguments.index(changed[0]) + 1] = changed[1]
    stderr = bank.folder / f"{uuid4()}.err"
    process = await run_issuer(arguments, environment, stderr)
    assert await asyncio.wait_for(process.wait(), 20) == 1
    return stderr.read_text()
