"""The rows of what is put into a campaign's budget and of what goes back: shares, fundings, rests. A typed function a query."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.coupons.co_funding import RaiseAsked, Share, ShareState, ShownShare
from junzi.coupons.model import Funded
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

MOST_SHARES = 100

_q = sql.queries("junzi.coupons")


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the way into a campaign's budget. raises: beside what is there; shop_minor: what a shop pays of it."""

    id: UUID
    campaign_id: UUID
    amount_minor: int
    pieces: int
    raises: bool
    share_id: UUID | None = None
    shop_id: UUID | None = None
    shop_minor: int = 0


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the way out of a campaign's budget. shop_minor: what of it goes to a shop."""

    id: UUID
    campaign_id: UUID
    amount_minor: int
    shop_id: UUID | None
    shop_minor: int
    pieces: int


async def insert_share(tx: Transaction, share: Share) -> None:
    await _q.insert_share(
        tx,
        id=share.id,
        campaign_id=share.campaign_id,
        shop_id=share.shop_id,
        amount_minor=share.amount_minor,
        shop_minor=share.shop_minor,
        pieces=share.pieces,
        raises=share.raises,
        at=share.asked_at,
    )


async def void_shares(tx: Transaction, campaign_id: UUID) -> None:
    await _q.void_shares(tx, campaign_id=campaign_id)


async def share(reader: Reader, id: UUID) -> Share | None:
    return sql.maybe(Share, await _q.share(reader, id=id))


async def open_share(reader: Reader, campaign_id: UUID) -> Share | None:
    return sql.maybe(Share, await _q.open_share(reader, campaign_id=campaign_id))


async def shares_of_campaign(reader: Reader, campaign_id: UUID) -> list[Share]:
    rows = _q.shares_of_campaign(reader, campaign_id=campaign_id, most=MOST_SHARES)
    return [sql.struct(Share, row) async for row in rows]


async def shares_of_shop(reader: Reader, shop_id: UUID) -> list[ShownShare]:
    return [sql.struct(ShownShare, row) async for row in _q.shares_of_shop(reader, shop_id=shop_id, most=MOST_SHARES)]


async def set_share(
    tx: Transaction, id: UUID, state: ShareState, *, at: datetime, decided_by: UUID | None = None
) -> None:
    await _q.set_share(tx, id=id, state=state, decided_by=decided_by, at=at)


async def ask_raise(
    tx: Transaction, campaign_id: UUID, *, budget_minor: int, budget_pieces: int, asked_by: UUID, at: datetime
) -> None:
    await _q.ask_raise(
        tx,
        campaign_id=campaign_id,
        budget_minor=budget_minor,
        budget_pieces=budget_pieces,
        asked_by=asked_by,
        at=at,
    )


async def raise_asked(reader: Reader, campaign_id: UUID) -> RaiseAsked | None:
    return sql.maybe(RaiseAsked, await _q.raise_asked(reader, campaign_id=campaign_id))


async def void_raise(tx: Transaction, campaign_id: UUID) -> None:
    await _q.void_raise(tx, campaign_id=campaign_id)


async def insert_funding(tx: Transaction, funding: Funding, *, at: datetime) -> None:
    await _q.insert_funding(
        tx,
        id=funding.id,
        campaign_id=funding.campaign_id,
        amount_minor=funding.amount_minor,
        pieces=funding.pieces,
        raises=funding.raises,
        share_id=funding.share_id,
        shop_id=funding.shop_id,
        shop_minor=funding.shop_minor,
        at=at,
    )


async def fundings_processing(reader: Reader, campaign_id: UUID) -> list[Funding]:
    return [sql.struct(Funding, row) async for row in _q.fundings_processing(reader, campaign_id=campaign_id)]


async def set_funding(tx: Transaction, id: UUID, *, state: str) -> bool:
    """False when what became of it was known."""
    return bool(await _q.set_funding(tx, id=id, state=state))


async def funding_state(reader: Reader, id: UUID) -> str:
    state: str = await _q.funding_state(reader, id=id)
    return state


async def funded(reader: Reader, campaign_id: UUID) -> Funded:
    return sql.struct(Funded, await _q.funded(reader, campaign_id=campaign_id))


async def insert_rest(tx: Transaction, rest: Rest, *, at: datetime) -> None:
    await _q.insert_rest(
        tx,
        id=rest.id,
        campaign_id=rest.campaign_id,
        amount_minor=rest.amount_minor,
        shop_id=rest.shop_id,
        shop_minor=rest.shop_minor,
        pieces=rest.pieces,
        at=at,
    )


async def rest_processing(reader: Reader, campaign_id: UUID) -> Rest | None:
    return sql.maybe(Rest, await _q.rest_processing(reader, campaign_id=campaign_id))


async def set_rest(tx: Transaction, id: UUID, *, state: str) -> bool:
    """False when what became of it was known."""
    return bool(await _q.set_rest(tx, id=id, state=state))
