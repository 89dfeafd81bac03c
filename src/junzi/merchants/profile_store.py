"""The rows of what a shop says of itself and of its changes, one typed function a query."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.merchants.profile_model import Change, ChangeState, Profile, Proposal

_q = sql.queries("junzi.merchants")


async def is_reviewed(reader: Reader, shop_id: UUID) -> bool:
    return bool(await _q.is_reviewed(reader, id=shop_id))


async def hold_shops_of(tx: Transaction, owner_id: UUID) -> None:
    """Nobody else opens, joins, parts or renames shops of this person until the transaction ends."""
    await _q.hold_shops_of(tx, owner_id=owner_id)


async def set_profile(tx: Transaction, *, id: UUID, to: Profile) -> None:
    await _q.set_profile(
        tx,
        id=id,
        name=to.name,
        trade=to.trade,
        place=to.place,
        picture=to.picture,
        photo_id=to.photo_id,
        area_id=to.area_id,
    )


async def set_name(tx: Transaction, *, id: UUID, name: str) -> None:
    await _q.set_name(tx, id=id, name=name)


async def insert_change(
    tx: Transaction,
    *,
    id: UUID,
    shop_id: UUID,
    state: ChangeState,
    before: Profile,
    change: Change,
    by_id: UUID,
    at: datetime,
) -> None:
    await _q.insert_change(tx, id=id, shop_id=shop_id, state=state, before=before, change=change, by_id=by_id, at=at)


async def changes_since(reader: Reader, *, shop_id: UUID, at: datetime) -> int:
    found: int = await _q.changes_since(reader, shop_id=shop_id, at=at)
    return found


async def waiting(reader: Reader, shop_ids: list[UUID]) -> dict[UUID, tuple[Proposal, Change]]:
    """By shop, the change that waits for a look, as it is shown and as it would be made."""
    found = {}
    async for row in _q.waiting_changes(reader, shop_ids=shop_ids):
        change = msgspec.convert(row["change"], Change)
        proposal = Proposal(
            row["id"],
            row["asked_at"],
            change.name or None,
            change.trade or None,
            change.area_id or None,
            leaves_area=change.area_id is None,
            photo_id=change.photo_id or None,
        )
        found[row["shop_id"]] = proposal, change
    return found


async def decide_change(tx: Transaction, *, id: UUID, state: ChangeState, by_id: UUID, at: datetime) -> None:
    await _q.decide_change(tx, id=id, state=state, by_id=by_id, at=at)
