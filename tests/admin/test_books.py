"""The ledger as the operator reads it."""

from uuid import UUID

import httpx
import pytest

from junzi.app import House
from junzi.kit import ids
from junzi.ledger import Account, AccountFlags, Transfer, TransferFlags
from junzi.operators.actions import make_administrator
from tests.admin.story import answered, sign_up

PURSE, TILL, ORDER = UUID(int=71), UUID(int=72), UUID(int=73)


@pytest.fixture
async def administrator(house: House) -> httpx.AsyncClient:
    client = await sign_up(house, "administrator")
    async with house.database.transaction() as tx:
        await make_administrator(tx, UUID((await client.get("/api/me")).json()["id"]))
    return client


@pytest.fixture
async def moved(house: House) -> list[Transfer]:
    """Five transfers from the till to a purse that remembers its balances, and a hold that closes the till."""
    await house.ledger.create_accounts(
        [Account(id=PURSE, ledger=156, code=10, flags=AccountFlags.HISTORY), Account(id=TILL, ledger=156, code=20)]
    )
    moves = [
        Transfer(
            id=ids.new_id(),
            debit_account_id=TILL,
            credit_account_id=PURSE,
            amount=number,
            ledger=156,
            code=2,
            user_data_128=ORDER if number == 3 else None,
            user_data_64=2**63 - 1,
        )
        for number in range(1, 6)
    ]
    hold = Transfer(
        id=ids.new_id(),
        debit_account_id=TILL,
        credit_account_id=PURSE,
        amount=0,
        ledger=156,
        code=9,
        flags=TransferFlags.PENDING | TransferFlags.CLOSING_DEBIT,
        timeout=60,
    )
    results = await house.ledger.create_transfers([*moves, hold])
    assert all(result.stands for result in results)
    return [*moves, hold]


async def test_an_account_and_a_transfer(administrator: httpx.AsyncClient, moved: list[Transfer]) -> None:
    purse = await answered(administrator.get(f"/api/ops/ledger/accounts/{PURSE}"), 200)
    assert (purse["ledger"], purse["code"], purse["flags"]) == (156, 10, ["history"])
    assert (purse["credits_posted"], purse["debits_posted"]) == (15, 0)
    assert purse["at"].startswith("2026-03-10T04:00:")
    till = await answered(administrator.get(f"/api/ops/ledger/accounts/{TILL}"), 200)
    assert till["flags"] == ["closed"]
    hold = await answered(administrator.get(f"/api/ops/ledger/transfers/{moved[-1].id}"), 200)
    assert (hold["flags"], hold["timeout_s"]) == (["pending", "closing_debit"], 60)
    one = await answered(administrator.get(f"/api/ops/ledger/transfers/{moved[2].id}"), 200)
    assert (one["user_data_128"], one["user_data_64"]) == (str(ORDER), str(2**63 - 1))
    for kind in ("accounts", "transfers"):
        missing = await answered(administrator.get(f"/api/ops/ledger/{kind}/{ids.new_id()}"), 404)
        assert missing["type"].endswith("not-found")


async def test_an_account_s_transfers_and_balances_by_page(
    administrator: httpx.AsyncClient, moved: list[Transfer]
) -> None:
    of_purse = f"/api/ops/ledger/accounts/{PURSE}"
    page = await answered(administrator.get(f"{of_purse}/transfers?limit=4"), 200)
    assert [one["amount"] for one in page["transfers"]] == [0, 5, 4, 3]
    rest = await answered(administrator.get(f"{of_purse}/transfers?limit=4&timestamp_max={page['next']}"), 200)
    assert ([one["amount"] for one in rest["transfers"]], rest["next"]) == ([2, 1], None)
    oldest = await answered(administrator.get(f"{of_purse}/transfers?limit=2&newest_first=false"), 200)
    assert [one["amount"] for one in oldest["transfers"]] == [1, 2]
    then = await answered(
        administrator.get(f"{of_purse}/transfers?limit=2&newest_first=false&timestamp_min={oldest['next']}"), 200
    )
    assert [one["amount"] for one in then["transfers"]] == [3, 4]
    assert (await answered(administrator.get(f"{of_purse}/transfers?credits=false"), 200))["transfers"] == []
    assert len((await answered(administrator.get(f"{of_purse}/transfers?code=9"), 200))["transfers"]) == 1
    balances = await answered(administrator.get(f"{of_purse}/balances?limit=3"), 200)
    assert [one["credits_posted"] for one in balances["balances"]] == [15, 15, 10]
    assert balances["next"] == str(int(balances["balances"][-1]["timestamp"]) - 1)
    assert (await answered(administrator.get(f"/api/ops/ledger/accounts/{TILL}/balances"), 200))["balances"] == []


async def test_by_what_is_written_on_them(administrator: httpx.AsyncClient, moved: list[Transfer]) -> None:
    found = await answered(administrator.get(f"/api/ops/ledger/transfers?user_data_128={ORDER}"), 200)
    assert [one["amount"] for one in found["transfers"]] == [3]
    found = await answered(administrator.get("/api/ops/ledger/transfers?code=9&ledger_number=156"), 200)
    assert [one["amount"] for one in found["transfers"]] == [0]
    found = await answered(administrator.get(f"/api/ops/ledger/transfers?user_data_64={2**63 - 1}&limit=2"), 200)
    assert [one["amount"] for one in found["transfers"]] == [5, 4]
    found = await answered(administrator.get("/api/ops/ledger/accounts?code=20"), 200)
    assert [one["id"] for one in found["accounts"]] == [str(TILL)]
    assert (await answered(administrator.get("/api/ops/ledger/accounts?code=999"), 200))["accounts"] == []


@pytest.mark.parametrize(
    "bad", ["limit=0", "limit=101", "code=65536", "timestamp_max=-1", "timestamp_min=x", f"user_data_64={2**63}"]
)
async def test_what_has_no_sense_is_refused(administrator: httpx.AsyncClient, bad: str) -> None:
    await answered(administrator.get(f"/api/ops/ledger/transfers?{bad}"), 400)


async def test_it_is_for_administrators(house: House, visitor: httpx.AsyncClient) -> None:
    person = await sign_up(house, "somebody")
    for path in ("accounts", "transfers", f"accounts/{PURSE}", f"transfers/{PURSE}", f"accounts/{PURSE}/balances"):
        await answered(visitor.get(f"/api/ops/ledger/{path}"), 401)
        await answered(person.get(f"/api/ops/ledger/{path}"), 403)
