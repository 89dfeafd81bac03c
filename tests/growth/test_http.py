"""The operator's figures through HTTP: who may see them, what they look like, and what they cost."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.di import Provide

from junzi.growth import actions, http
from junzi.growth.model import Figures, Kind
from junzi.kit import clock, ids
from junzi.kit.clock import SimulatedClock
from junzi.kit.database import Database, Reader
from junzi.kit.web import EXCEPTION_HANDLERS
from junzi.operators.actions import make_administrator
from junzi.operators.http import provide_operator
from junzi.people.actions import sign_up_here
from junzi.people.http import provide_person
from junzi.people.model import NewSession, SignUp

NOTHING = dict.fromkeys(Figures.__struct_fields__, 0)
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon in Shanghai, and stays so."""
    clock.use(SimulatedClock(NOON))
    yield
    clock.use(None)


@pytest_asyncio.fixture
async def session(database: Database) -> NewSession:
    return await sign_up_here(database, SignUp("zhang_wei", "张伟", "a long sentence"))


@pytest_asyncio.fixture
async def visitor(database: Database, session: NewSession) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in without a role."""
    app = Litestar(
        http.ROUTES,
        dependencies={
            "database": Provide(lambda: database, sync_to_thread=False),
            "person": Provide(provide_person),
            "operator": Provide(provide_operator),
        },
        exception_handlers=EXCEPTION_HANDLERS,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://town.test") as client:
        client.cookies.set("junzi_session", session.token)
        yield client


@pytest_asyncio.fixture
async def administrator(database: Database, session: NewSession, visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    async with database.transaction() as tx:
        await make_administrator(tx, session.person_id)
    return visitor


@pytest.mark.parametrize("path", ["/api/ops/today", "/api/ops/days"])
async def test_figures_are_for_administrators(visitor: httpx.AsyncClient, path: str) -> None:
    assert _problem(await visitor.get(path)) == (403, "/problems/not-an-operator")
    visitor.cookies.clear()
    assert _problem(await visitor.get(path)) == (401, "/problems/not-signed-in")


async def test_a_day_without_events_is_all_zeros(administrator: httpx.AsyncClient) -> None:
    today = (await administrator.get("/api/ops/today")).json()
    assert set(today) == {"date", "figures", "yesterday", "hours", "at"}
    assert today["figures"] == today["yesterday"] == NOTHING
    nothing = {"payments": 0, "amount_minor": 0, "scans": 0, "cards_bound": 0}
    assert today["hours"] == [{"hour": hour, **nothing} for hour in range(24)]
    assert today["at"].endswith("Z")
    days = (await administrator.get("/api/ops/days")).json()["days"]
    assert len(days) == 14
    assert days[-1] == {"date": today["date"], **NOTHING}
    assert [day["date"] for day in days] == sorted(day["date"] for day in days)


async def test_today_shows_what_was_counted(database: Database, administrator: httpx.AsyncClient) -> None:
    for kind, counted in (
        (Kind.SIGNED_UP, {}),
        (Kind.ACTIVE, {}),
        (Kind.CARD_BOUND, {}),
        (Kind.CODE_SCANNED, {}),
        (Kind.PAYMENT_MADE, {"amount_minor": 2_500, "coupon_minor": 600}),
        (Kind.PAYMENT_REFUNDED, {"amount_minor": 700, "coupon_minor": 100}),
        (Kind.COUPONS_GIVEN, {"amount_minor": 1_800, "pieces": 3}),
    ):
        await actions.record(database, [actions.fact(ids.new_id(), kind, ids.new_id(), NOON, **counted)])
    expected = {
        "sign_ups": 1,
        "actives": 1,
        "cards_bound": 1,
        "scans": 1,
        "payments": 1,
        "payments_minor": 2_500,
        "refunds": 1,
        "refunds_minor": 700,
        "coupons_given": 3,
        "coupons_given_minor": 1_800,
        "coupons_redeemed": 1,
        "coupons_redeemed_minor": 600,
    }
    today = (await administrator.get("/api/ops/today")).json()
    assert (today["date"], today["figures"], today["yesterday"]) == ("2026-03-10", expected, NOTHING)
    assert today["hours"][12] == {"hour": 12, "payments": 1, "amount_minor": 2_500, "scans": 1, "cards_bound": 1}
    days = (await administrator.get("/api/ops/days?count=2")).json()["days"]
    assert days == [{"date": "2026-03-09", **NOTHING}, {"date": "2026-03-10", **expected}]


@pytest.mark.parametrize("count", ["0", "367", "many"])
async def test_the_number_of_days_is_bounded(administrator: httpx.AsyncClient, count: str) -> None:
    answer = await administrator.get(f"/api/ops/days?count={count}")
    assert _problem(answer) == (400, "/problems/invalid-request")


async def test_today_costs_three_queries_however_much_happened(
    database: Database, administrator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await administrator.get("/api/ops/today")  # writes down that the device was seen
    asked = _count_queries(monkeypatch)
    await administrator.get("/api/ops/today")
    quiet_day = list(asked)
    for _ in range(30):
        await actions.record(database, [actions.fact(ids.new_id(), Kind.CODE_SCANNED, ids.new_id(), NOON)])
    asked.clear()
    await administrator.get("/api/ops/today")
    # Who is asking, their role, the figures.
    assert asked == quiet_day
    assert len(asked) == 3


def _count_queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query from here on, in order."""
    asked: list[str] = []

    def counted(method: Any) -> Any:
        async def count(self: Reader, query: str, *arguments: object) -> Any:
            asked.append(query)
            return await method(self, query, *arguments)

        return count

    for name in ("fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(Reader, name, counted(getattr(Reader, name)))
    return asked


def _problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]
