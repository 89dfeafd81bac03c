"""Kill the server at every named point of every flow, and at random together with PostgreSQL; repeat what was unfinished.

Nothing may be lost, nothing doubled, and the auditor finds nothing.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

import junzi.app  # noqa: F401  makes every point known
from junzi.audit import audit
from junzi.cli.installation import DATABASE, ISSUER_DATABASE
from junzi.client import Client
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from junzi.kit.points import POINTS
from tests.crash.evening import (
    CARD_REFUND_MINOR,
    FIRST_MINOR,
    REFUND_MINOR,
    SECOND_MINOR,
    TOPUP_MINOR,
    TRANSFER_MINOR,
    Evening,
    all_told,
)
from tests.issuer.bank import Bank
from tests.support.found import CAMPAIGN
from tests.support.served import Served
from tests.support.street import Street, found, street_of

pytestmark = pytest.mark.crash

FOUNDING = "coupons.start_campaign.funded"
WITHDRAWING = sorted(point for point in POINTS if point.startswith("coupons.withdraw."))
SIGNING_UP = sorted(point for point in POINTS if point.startswith("field."))
IN_THE_SERVER = sorted(set(POINTS) - {FOUNDING} - set(WITHDRAWING) - set(SIGNING_UP))
EVENINGS = 6
"""The points of each flow, which are next to each other, are spread over so many."""
BEST_COUPON_MINOR, SECOND_COUPON_MINOR, LAST_COUPON_MINOR = 1000, 500, 200
BACK_MINOR, CARD_BACK_MINOR = 481, 225
"""The payer's parts of the refunds: 700 of 3,200 with 2,200 paid, 300 of 2,000 with 1,500 paid."""


@pytest_asyncio.fixture
async def street(database_url: str, postgres_url: str, data_folder: Path) -> AsyncIterator[Street]:
    async with street_of(database_url, postgres_url, data_folder) as street:
        yield street


@pytest.mark.parametrize("points", [IN_THE_SERVER[number::EVENINGS] for number in range(EVENINGS)], ids=" ".join)
async def test_a_server_killed_between_two_steps_finishes_what_it_began(
    street: Street, data_folder: Path, points: list[str]
) -> None:
    await found(street.database_url, data_folder)
    await street.served.start(die_at=points)
    evening = Evening(street.served, street.bank, street.database_url)
    await evening.live()
    await all_told(street.database_url, street.served)
    assert (sorted(street.served.died_at), street.served.deaths) == (points, len(points))
    await check(street, evening)
    await evening.close()


async def test_a_campaign_whose_start_was_cut_is_funded_once(street: Street, data_folder: Path) -> None:
    assert await found(street.database_url, data_folder, die_at=FOUNDING) == -signal.SIGKILL
    await found(street.database_url, data_folder)
    await street.served.start()
    evening = Evening(street.served, street.bank, street.database_url)
    await evening.live()
    await all_told(street.database_url, street.served)
    await check(street, evening)
    await evening.close()


async def test_a_withdrawal_that_was_cut_is_finished(street: Street, data_folder: Path) -> None:
    await found(street.database_url, data_folder)
    await street.served.start(die_at=WITHDRAWING)
    evening = Evening(street.served, street.bank, street.database_url)
    await evening.lose_all_coupons(CAMPAIGN)
    await all_told(street.database_url, street.served)
    assert (street.served.died_at, street.served.deaths) == (WITHDRAWING, len(WITHDRAWING))
    assert await audit(street.database_url) == []
    assert await kinds_told(evening.buyer) == ["coupons.given", "coupons.withdrawn"]
    gone = (await evening.buyer.get("/api/coupons?state=expired"))["coupons"]
    assert [coupon["state"] for coupon in gone] == ["withdrawn"] * 3
    await evening.close()


async def test_a_sign_up_that_was_cut_opens_one_shop_and_is_paid_for_once(street: Street, data_folder: Path) -> None:
    await found(street.database_url, data_folder)
    await street.served.start(die_at=SIGNING_UP)
    evening, promoter = Evening(street.served, street.bank, street.database_url), Client(street.served.url)
    shop = await evening.sign_up_a_shop(promoter)
    await evening.buy_one_thing(shop)
    await all_told(street.database_url, street.served)
    assert (sorted(street.served.died_at), street.served.deaths) == (SIGNING_UP, len(SIGNING_UP))
    assert await audit(street.database_url) == []
    [kept] = (await evening.keeper.get("/api/ops/street"))["places"]
    assert kept["place"]["shop"]["id"] == shop["id"]
    visits = (await evening.keeper.get(f"/api/ops/street/{kept['place']['id']}/visits"))["visits"]
    assert [visit["outcome"] for visit in visits] == ["signed_up"]
    assert [one["state"] for one in (await promoter.get("/api/field/commissions"))["commissions"]] == ["paid"]
    assert (await promoter.get("/api/wallet"))["balance_minor"] == 500
    await promoter.close()
    await evening.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_kills_at_random_moments_lose_and_double_nothing(
    own_postgres: Callable[..., EmbeddedPostgres], data_folder: Path, seed: int
) -> None:
    postgres = own_postgres()
    postgres.start()
    for name in (DATABASE, ISSUER_DATABASE):
        postgres.ensure_database(name)
    database_url = postgres.url(DATABASE)
    await migrate(database_url)
    await found(database_url, data_folder)
    async with street_of(database_url, postgres.url(ISSUER_DATABASE), data_folder) as street:
        await street.served.start()
        evening = Evening(street.served, street.bank, database_url)
        killer = asyncio.create_task(kill_now_and_then(random.Random(seed), postgres, street.served, data_folder))
        await evening.live()
        await killer
        await street.served.keep_alive()
        await evening.patiently(lambda: evening.buyer.get("/api/wallet"))
        await all_told(database_url, street.served)
        await check(street, evening)
        await evening.close()


async def kill_now_and_then(
    chance: random.Random, postgres: EmbeddedPostgres, served: Served, data_folder: Path
) -> None:
    """The server twice and PostgreSQL once, in any order, at moments that nobody chose."""
    victims = ["server", "postgres", "server"]
    chance.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(chance.uniform(0.05, 0.6))
        if victim == "server":
            served.kill()
        else:
            os.kill(int((data_folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
            await asyncio.to_thread(_started_again, postgres)


async def check(street: Street, evening: Evening) -> None:
    """The evening happened exactly once, in every place that tells of it."""
    assert await audit(street.database_url) == []
    buyer, keeper = evening.buyer, evening.keeper
    spent = FIRST_MINOR - BEST_COUPON_MINOR
    assert (await buyer.get("/api/wallet"))["balance_minor"] == TOPUP_MINOR - spent - TRANSFER_MINOR + BACK_MINOR
    assert (await keeper.get("/api/wallet"))["balance_minor"] == TRANSFER_MINOR
    [shop] = (await keeper.get("/api/shops"))["shops"]
    takings = await keeper.get(f"/api/shops/{shop['id']}/takings")
    assert takings["today"] == {
        "count": 2,
        "amount_minor": FIRST_MINOR + SECOND_MINOR - REFUND_MINOR - CARD_REFUND_MINOR,
    }
    bills = (await buyer.get("/api/bills"))["bills"]
    assert sorted((bill["kind"], bill["amount_minor"], bill["discount_minor"]) for bill in bills) == [
        ("payment", -spent, BEST_COUPON_MINOR),
        ("payment", -(SECOND_MINOR - SECOND_COUPON_MINOR), SECOND_COUPON_MINOR),
        ("refund", CARD_BACK_MINOR, CARD_BACK_MINOR - CARD_REFUND_MINOR),
        ("refund", BACK_MINOR, BACK_MINOR - REFUND_MINOR),
        ("topup", TOPUP_MINOR, 0),
        ("transfer_out", -TRANSFER_MINOR, 0),
    ]
    card_spent = TOPUP_MINOR + SECOND_MINOR - SECOND_COUPON_MINOR
    assert await moved(street.bank, "debit") == card_spent
    taken = FIRST_MINOR + SECOND_MINOR - REFUND_MINOR - CARD_REFUND_MINOR
    assert await moved(street.bank, "credit") == CARD_BACK_MINOR + taken
    assert (await keeper.get(f"/api/shops/{shop['id']}/money"))["balance_minor"] == 0
    assert await kinds_told(buyer) == [
        "coupons.given", "payment.made", "payment.made", "payment.refunded", "payment.refunded", "topup.done", "transfer.sent",
    ]  # fmt: skip
    assert await kinds_told(keeper) == [
        "coupons.given", "payment.received", "payment.received", "payment.refund_made", "payment.refund_made",
        "shop.bank_account_set", "shop.paid_out", "shop.paid_out", "transfer.received",
    ]  # fmt: skip
    assert await counted(street.database_url) == {
        "sign_ups": 2,
        "cards_bound": 2,
        "payments": 2,
        "payments_minor": FIRST_MINOR + SECOND_MINOR,
        "refunds": 2,
        "refunds_minor": REFUND_MINOR + CARD_REFUND_MINOR,
        "coupons_given": 6,
        "coupons_given_minor": 2 * (BEST_COUPON_MINOR + SECOND_COUPON_MINOR + LAST_COUPON_MINOR),
        "coupons_redeemed": 2,
        "coupons_redeemed_minor": BEST_COUPON_MINOR + SECOND_COUPON_MINOR,
    }


async def kinds_told(client: Client) -> list[str]:
    return sorted(message["kind"] for message in await client.catch_up())


async def moved(bank: Bank, kind: str) -> int:
    """What the issuer took from the card or gave it, by its own books."""
    connection = await asyncpg.connect(bank.database_url)
    try:
        sum_minor: int = await connection.fetchval(
            "select coalesce(sum(amount_minor), 0)::bigint from issuer.payments where kind = $1 and state = 'succeeded'",
            kind,
        )
        return sum_minor
    finally:
        await connection.close()


async def counted(database_url: str) -> dict[str, int]:
    connection = await asyncpg.connect(database_url)
    try:
        row = await connection.fetchrow(
            "select sum(sign_ups)::bigint sign_ups, sum(cards_bound)::bigint cards_bound, sum(payments)::bigint payments,"
            " sum(payments_minor)::bigint payments_minor, sum(refunds)::bigint refunds,"
            " sum(refunds_minor)::bigint refunds_minor, sum(coupons_given)::bigint coupons_given,"
            " sum(coupons_given_minor)::bigint coupons_given_minor, sum(coupons_redeemed)::bigint coupons_redeemed,"
            " sum(coupons_redeemed_minor)::bigint coupons_redeemed_minor from growth.days"
        )
        return dict(row)
    finally:
        await connection.close()


def _started_again(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    postgres.start()
