"""A shop's room for a business day: what of it is left, taking some for a payment before any money moves, giving it back.

Taken first, since a card that was debited cannot be told afterwards that the shop was full; given back when the payment comes
to nothing. Every transfer's id follows from the shop and day or from the payment, so that all of it can be repeated.
"""

from datetime import date
from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus
from junzi.standing import accounts, rules, store
from junzi.standing.model import ShopLimitReached, StandingChanged, Tier, What


async def limit_minor(reader: Reader, shop_id: UUID) -> int | None:
    """What the shop may receive a business day; None for no bound."""
    return (await limits_minor(reader, [shop_id]))[shop_id]


async def limits_minor(reader: Reader, shop_ids: list[UUID]) -> dict[UUID, int | None]:
    """The same of several shops at once."""
    reviews = await store.reviews(reader, shop_ids)
    return {
        id: rules.limit_minor(reviews[id].tier if id in reviews else Tier.NEW, town.current().currency)
        for id in shop_ids
    }


async def left_minor(ledger: Ledger, shop_id: UUID, limit: int) -> int:
    """What of today's room is left."""
    day = town.business_date(clock.now())
    for room in await ledger.lookup_accounts([accounts.room_id(shop_id, day)]):
        # The account is there a moment before what it allows.
        if room.credits_posted:
            return room.credits_posted - room.debits_posted
    return limit


async def open_day(ledger: Ledger, shop_id: UUID, day: date, limit: int) -> None:
    """Let the day's room be there, raised to this limit; it is never lowered before the day is over."""
    await ledger.create_accounts([accounts.room(shop_id, day)])
    steps = rules.rungs(limit, town.current().currency)
    results = await ledger.create_transfers(accounts.allow(shop_id, day, steps))
    if not all(result.stands for result in results):
        raise AssertionError(f"the ledger refused a day's room: {[result.status.name for result in results]}")


async def check(
    database: Database, ledger: Ledger, shop_id: UUID, amount_minor: int, *, limit_minor: int | None
) -> None:
    """Refuse what the shop has no room for today, before anything is asked of the payer. Raises `ShopLimitReached`.

    limit_minor: what it may receive a day

    The shop is told once a day that its room is used up, and how to get more.
    """
    if limit_minor is None or amount_minor <= await left_minor(ledger, shop_id, limit_minor):
        return
    async with database.transaction() as tx:
        await tell_full(tx, shop_id, limit_minor)
    raise ShopLimitReached


async def tell_full(tx: Transaction, shop_id: UUID, limit: int | None) -> None:
    """The shop hears that somebody could not pay it today."""
    if await store.fill_day(tx, shop_id=shop_id, day=town.business_date(clock.now())):
        await tx.emit(StandingChanged(shop_id=shop_id, what=What.LIMIT_REACHED, limit_minor=limit))


async def take(
    database: Database, ledger: Ledger, payment_id: UUID, shop_id: UUID, day: date, amount_minor: int
) -> bool:
    """Take room of that day for a payment, or have taken it before; False when there is not enough."""
    limit = await database.together(limits_minor, shop_id)
    # Whoever has no bound any more was bound when the payment began: the last step there is covers what it then was.
    await open_day(ledger, shop_id, day, rules.LADDER[town.current().currency][-1] if limit is None else limit)
    [result] = await ledger.create_transfers([accounts.use(payment_id, shop_id, day, amount_minor)])
    if result.stands:
        return True
    if result.status in (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED):
        return False
    raise AssertionError(f"the ledger refused to take room: {result.status.name}")


async def give_back(ledger: Ledger, payment_id: UUID, shop_id: UUID, day: date, amount_minor: int) -> None:
    """The payment came to nothing: the room it took is there again."""
    [result] = await ledger.create_transfers([accounts.give_back(payment_id, shop_id, day, amount_minor)])
    if not result.stands:
        raise AssertionError(f"the ledger refused to give room back: {result.status.name}")
