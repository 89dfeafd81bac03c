"""The operator's review of a shop: it waits, is asked something, answers, and is given a tier. Each step is on record."""

from uuid import UUID

import msgspec

from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants import profile, profile_store
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Deed, Shop, ShopState
from junzi.operators import actions as operators
from junzi.standing import room, rules, store
from junzi.standing.model import LONGEST_WORD, Review, ReviewState, Standing, StandingChanged, Tier, What, shown


async def standing(database: Database, ledger: Ledger, *, shop_id: UUID, person_id: UUID) -> Standing:
    """How the shop stands, for whoever works there; what is between owner and operator, for the owner. Raises `NotFound`."""
    async with database.read() as reader:
        shop = await merchants.access_shop(reader, shop_id, person_id, Deed.LOOK)
        review = await store.review(reader, shop_id) or new(shop_id)
        withdrawal = await store.withdrawal(reader, shop_id)
    limit = rules.limit_minor(review.tier, town.current().currency)
    return Standing(
        state=review.state,
        tier=review.tier,
        limit_minor=limit,
        left_minor=None if limit is None else await room.left_minor(ledger, shop_id, limit),
        question=review.question if shop.owner_id == person_id else "",
        answer=review.answer if shop.owner_id == person_id else "",
        withdrawal=None if withdrawal is None or shop.owner_id != person_id else shown(withdrawal),
    )


async def answer(database: Database, *, shop_id: UUID, person_id: UUID, key: str, said: str) -> None:
    """The owner answers what was asked, or asks for more room: the shop waits in the queue again, its tier as it was.

    Raises `NotFound`, `NotAllowed`, `InvalidRequest`.
    """
    said = text.one_line(said, field="text", least=1, most=LONGEST_WORD)
    async with database.transaction() as tx:
        await merchants.access_shop(tx, shop_id, person_id)
        if await _is_new(tx, person_id, key, "standing.answer", {"shop_id": shop_id, "text": said}):
            now = clock.now()
            review = await store.review_locked(tx, shop_id, at=now)
            # Who waits already keeps their place in the queue.
            since = review.since if review.state is ReviewState.WAITING else now
            changed = msgspec.structs.replace(review, state=ReviewState.WAITING, answer=said, since=since)
            await store.set_review(tx, changed)


async def ask(database: Database, *, shop_id: UUID, operator_id: UUID, key: str, question: str) -> None:
    """Ask the shop something before deciding. Raises `NotFound`, `InvalidRequest`."""
    question = text.one_line(question, field="text", least=1, most=LONGEST_WORD)
    async with database.transaction() as tx:
        await shop_on_desk(tx, shop_id)
        if await _is_new(tx, operator_id, key, "standing.ask", {"shop_id": shop_id, "text": question}):
            now = clock.now()
            review = await store.review_locked(tx, shop_id, at=now)
            asked = Review(shop_id, ReviewState.ASKED, review.tier, question, "", now)
            await store.set_review(tx, asked)
            await operators.audit(tx, operator_id, "standing.shop_asked", {"shop_id": shop_id, "question": question})
            await tx.emit(StandingChanged(shop_id=shop_id, what=What.ASKED, question=question))


async def decide(database: Database, ledger: Ledger, *, shop_id: UUID, operator_id: UUID, key: str, tier: Tier) -> None:
    """What the shop may receive a day from now on. A raise counts at once, less from the next business day. Raises `NotFound`."""
    async with database.transaction() as tx:
        await shop_on_desk(tx, shop_id)
        if await _is_new(tx, operator_id, key, "standing.review", {"shop_id": shop_id, "tier": tier}):
            await review_step(tx, shop_id=shop_id, operator_id=operator_id, tier=tier)
        # A repeat may come after another decision, which is the one that counts.
        limit = await room.limit_minor(tx, shop_id)
    if limit is not None:
        await room.open_day(ledger, shop_id, town.business_date(clock.now()), limit)


async def decide_change(database: Database, *, shop_id: UUID, operator_id: UUID, key: str, made: bool) -> None:
    """What the owner wants the shop to say of itself is made, or is not; the shop is reviewed again. Raises `NotFound` when
    nothing waits."""
    async with database.transaction() as tx:
        shop = await profile.held(tx, shop_id)
        if await _is_new(tx, operator_id, key, "standing.change", {"shop_id": shop_id, "made": made}):
            change = await profile.decide(tx, shop, operator_id=operator_id, made=made)
            if change is None:
                raise NotFound
            now = clock.now()
            review = await store.review_locked(tx, shop_id, at=now)
            await store.set_review(tx, msgspec.structs.replace(review, state=ReviewState.REVIEWED, since=now))
            facts = {"shop_id": shop_id, "made": made, **({} if shop.discreet else {"change": change})}
            await operators.audit(tx, operator_id, "standing.change_decided", facts)


async def review_step(tx: Transaction, *, shop_id: UUID, operator_id: UUID | None, tier: Tier) -> None:
    """The shop was looked at. operator_id: None for the machine's own console."""
    now = clock.now()
    review = await store.review_locked(tx, shop_id, at=now)
    waits = await profile_store.waiting(tx, [shop_id])
    state = ReviewState.WAITING if waits else ReviewState.REVIEWED
    await store.set_review(tx, Review(shop_id, state, tier, review.question, review.answer, now))
    await merchant_store.set_reviewed(tx, shop_id)
    facts = {"shop_id": shop_id, "tier": tier, "before": review.tier}
    await operators.audit(tx, operator_id, "standing.shop_reviewed", facts)
    limit = rules.limit_minor(tier, town.current().currency)
    await tx.emit(StandingChanged(shop_id=shop_id, what=What.REVIEWED, limit_minor=limit))


async def shop_on_desk(tx: Transaction, shop_id: UUID) -> Shop:
    """A shop as the operator reaches it. Raises `NotFound`."""
    shop = await merchant_store.shop_locked(tx, shop_id)
    if shop is None or shop.state is ShopState.OPENING:
        raise NotFound
    return shop


def new(shop_id: UUID) -> Review:
    """How a shop stands that nobody looked at."""
    return Review(shop_id, ReviewState.WAITING, Tier.NEW, "", "", ids.time_of(shop_id))


async def _is_new(tx: Transaction, person_id: UUID, key: str, action: str, body: object) -> bool:
    intent_id = ids.new_id()
    claimed = await idempotency.claim(tx, person_id=person_id, key=key, action=action, body=body, intent_id=intent_id)
    return claimed == intent_id
