"""Coupons: claims a second against one hot counter row of the same run, and the choice of the best combination of sixty.

A claim is the whole flow: the intent, one linked chain in the ledger for money and pieces, the coupon. The baseline is what is
usually done, and does much less: one transaction that decrements a counter row, for which everybody waits, and inserts a row; no
key against doing it twice, no limit a person, no books, no event.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from uuid import UUID

import asyncpg

from junzi.app import House, open_house
from junzi.audit import audit
from junzi.cli.bench import Row, at_most
from junzi.coupons import choose, claim, rules
from junzi.coupons.model import (
    Campaign,
    CampaignState,
    Coupon,
    CouponState,
    Limits,
    Offer,
    Stacking,
    Trigger,
    Words,
)
from junzi.coupons.start_campaign import start_campaign
from junzi.kit import ids, town
from junzi.kit.config import Settings
from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate

AT_ONCE = 32
CHOICE_GOAL_MS = 5.0
MOST_SUMS = 20_000
Mix = Callable[[Random], tuple[list[Coupon], int]]
AT = datetime(2026, 3, 10, 4, tzinfo=UTC)


async def measure(quick: bool) -> list[Row]:
    parent = _folder()
    postgres = EmbeddedPostgres(parent / "postgres")
    try:
        postgres.start()
        postgres.ensure_database("bench")
        url = postgres.url("bench")
        await migrate(url)
        ours, baseline = await _claims(url, parent, 500 if quick else 4_000)
    finally:
        postgres.stop()
        shutil.rmtree(parent, ignore_errors=True)
    claims = Row(case="claims", ours=ours, baseline=baseline, ratio=ours / baseline, unit="/s")
    rounds = 200 if quick else 2_000
    ordinary, slow = _choices(_ordinary, rounds)
    contrary, _ = _choices(_contrary, rounds)
    return [
        claims,
        at_most("best combination of sixty coupons, p99", ordinary, "ms", CHOICE_GOAL_MS),
        at_most("the same of coupons made to be hard, p99", contrary, "ms", CHOICE_GOAL_MS),
        Row(case="its total by a table of all sums, median", ours=slow, unit="ms"),
    ]


def _folder() -> Path:
    parent = Path(tempfile.mkdtemp(prefix="junzi-bench-"))
    # PostgreSQL runs as another account when root measures.
    parent.chmod(0o711)
    return parent


async def _claims(url: str, data: Path, count: int) -> tuple[float, float]:
    database = await open_database(url, size=1)
    async with database.transaction() as tx:
        await town.found(tx, name="Bench", demo=False)
    await database.close()
    settings = Settings(database_url=url, data=data, pool_size=16)
    async with open_house(settings) as house:
        people = await _crowd(url, count)
        campaign_id = ids.new_id()
        await start_campaign(
            house.database,
            house.ledger,
            Campaign(
                campaign_id,
                Words("券", "Coupon"),
                Trigger.CLAIM,
                CampaignState.DRAFT,
                [Offer(100)],
                100 * (count // 2),
                7,
            ),
        )
        ours = await _ours(house, campaign_id, list(people))
        baseline = await _hot_row(url, list(people))
        given = await _value(url, "select count(*) from coupons.coupons")
        if given != count // 2 or await audit(url):
            raise AssertionError(f"the books are wrong: {given} of {count // 2} given")
    return ours, baseline


async def _ours(house: House, campaign_id: UUID, people: list[UUID]) -> float:
    count = len(people)

    async def claim_in_turn() -> None:
        while people:
            person_id = people.pop()
            await claim.claim(
                house.database, house.ledger, campaign_id=campaign_id, person_id=person_id, key=f"bench {person_id}"
            )

    began = time.perf_counter()
    await asyncio.gather(*[claim_in_turn() for _ in range(AT_ONCE)])
    return count / (time.perf_counter() - began)


async def _hot_row(url: str, people: list[UUID]) -> float:
    count = len(people)
    pool = await asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE)
    await pool.execute("create table hot_budget (id integer primary key, rest bigint not null)")
    await pool.execute("create table hot_coupons (person_id uuid primary key, amount_minor bigint not null)")
    await pool.execute("insert into hot_budget values (1, $1)", count // 2)

    async def claim_in_turn() -> None:
        while people:
            person_id = people.pop()
            async with pool.acquire() as connection, connection.transaction():
                done = await connection.execute("update hot_budget set rest = rest - 1 where id = 1 and rest > 0")
                if done == "UPDATE 1":
                    await connection.execute("insert into hot_coupons values ($1, 100)", person_id)

    began = time.perf_counter()
    await asyncio.gather(*[claim_in_turn() for _ in range(AT_ONCE)])
    took_s = time.perf_counter() - began
    await pool.close()
    return count / took_s


async def _crowd(url: str, count: int) -> list[UUID]:
    connection = await asyncpg.connect(url)
    people = [ids.new_id() for _ in range(count)]
    await connection.executemany(
        "insert into people.persons (id, handle, name, avatar, locale, password_hash, natural_person_id, created_at)"
        " values ($1, $2, $2, 0, 'zh', '', $1, $3)",
        [(person_id, f"crowd{number}", AT) for number, person_id in enumerate(people)],
    )
    await connection.close()
    return people


async def _value(url: str, query: str) -> int:
    connection = await asyncpg.connect(url)
    found: int = await connection.fetchval(query)
    await connection.close()
    return found


def _choices(mix: Mix, rounds: int) -> tuple[float, float]:
    """How long the choice takes at the 99th percentile, and the plain way at the median, in milliseconds of the processor's time.

    The processor's, since a choice waits for nothing: what else the machine does is not what is measured. Every 20th is compared.
    """
    chance = Random(60)
    ours, slow = [], []
    for round in range(rounds):
        coupons, amount = mix(chance)
        began = time.thread_time()
        _, uses = choose.choices(coupons, amount, AT)
        ours.append((time.thread_time() - began) * 1000)
        if round % 20 or amount > MOST_SUMS:
            continue
        began = time.thread_time()
        most = _most(coupons, amount)
        slow.append((time.thread_time() - began) * 1000)
        if sum(use.saved_minor for use in uses) != most:
            raise AssertionError("the best choice does not save most")
    return quantiles(ours, n=100)[98], median(slow) if slow else 0.0


def _most(coupons: list[Coupon], amount: int) -> int:
    """What can be saved at most: every sum there is, group by group, up to the amount."""
    worth = {one.id: rules.saves(one, amount) for one in coupons if rules.why_not(one, amount, AT) is None}
    counting = [one for one in coupons if one.id in worth]
    sums = {0}
    for group in list(Stacking)[1:]:
        of_group = [worth[one.id] for one in counting if one.limits.stacking is group]
        sums |= {min(amount, made + more) for made in sums for more in of_group}
    return max([*sums, *(worth[one.id] for one in counting)])


def _ordinary(chance: Random) -> tuple[list[Coupon], int]:
    """Coupons as people have them."""
    coupons = [
        _coupon(
            number,
            chance.randint(1, 3_000),
            chance.choice(list(Stacking)),
            chance.randint(0, 9),
            threshold_minor=chance.choice([0, 1_500, 3_000, 9_000]),
            percent=chance.choice([0, 0, 10, 25]),
        )
        for number in range(60)
    ]
    return coupons, chance.randint(1, 20_000)


def _contrary(chance: Random) -> tuple[list[Coupon], int]:
    """Many tiny ones that end first, each of which most combinations make needless, beside large ones that hardly ever meet."""
    groups, tiny = list(Stacking)[1:5], chance.random() * 0.6
    large = [10 ** chance.choice([1, 3, 6, 9]) for _ in groups]
    coupons = []
    for number in range(60):
        place = chance.randrange(len(groups))
        is_tiny = chance.random() < tiny
        worth = chance.randint(1, 3) if is_tiny else chance.randint(1, large[place])
        coupons.append(_coupon(number, worth, groups[place], chance.randint(0, 30 if is_tiny else 99)))
    most = sum(
        max((one.amount_minor for one in coupons if one.limits.stacking is group), default=0) for group in groups
    )
    return coupons, max(1, int(most * chance.choice([0.2, 0.5, 0.8, 0.99])) + chance.randint(-2, 2))


def _coupon(
    number: int, amount_minor: int, stacking: Stacking, days: int, *, threshold_minor: int = 0, percent: int = 0
) -> Coupon:
    return Coupon(
        id=UUID(int=number + 1),
        campaign_id=UUID(int=1),
        person_id=UUID(int=2),
        title=Words("券", "Coupon"),
        amount_minor=amount_minor,
        threshold_minor=threshold_minor,
        state=CouponState.AVAILABLE,
        given_at=AT,
        expires_at=AT + timedelta(days=days),
        payment_id=None,
        percent=percent,
        packet=stacking is Stacking.PACKET,
        limits=Limits(stacking=stacking),
    )
