"""A shop's photo: a file of its owner's, which media keeps and everybody sees who sees the shop under its own face.

What waits for an operator's look, and the photo of a discreet shop, are for its keepers and the operator's staff alone. The desk
learns the id of a discreet shop's photo by looking the shop up, which is on record.
"""

from uuid import UUID

from junzi.kit import text
from junzi.kit.database import Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.media import actions as media
from junzi.media.model import Held, Kind
from junzi.merchants import rules, store
from junzi.operators import actions as operators

ROOM = "merchants"
SHOWN, WAITING = "photo", "waiting"
"""What in a shop shows a photo: its face, or the change that waits for a look."""


async def hide(tx: Transaction, shop_id: UUID, reference: str = SHOWN) -> None:
    """The shop shows no photo there."""
    await media.show_no_more(tx, room=ROOM, place_id=shop_id, reference=reference)


async def show(tx: Transaction, *, shop_id: UUID, owner_id: UUID, photo_id: UUID, reference: str = SHOWN) -> None:
    """The shop shows this photo there, too. Raises `InvalidRequest` for what is no picture of its owner's."""
    wanted = [(photo_id, False)]
    found = await media.show_to_place(tx, owner_id, wanted, room=ROOM, place_id=shop_id, reference=reference)
    if photo_id not in found or found[photo_id].kind is not Kind.PICTURE:
        raise text.refused("photo_id", "This photo is not here any more. Choose it again.")


async def readable(reader: Reader, photo_id: UUID, person_id: UUID) -> Held:
    """The photo for somebody who may see it. Raises `NotFound`."""
    held, shop_ids = await media.shown_in(reader, photo_id, room=ROOM)
    if held.kind is not Kind.PICTURE:
        raise NotFound
    if held.owner_id == person_id:
        return held
    shops = await store.shops(reader, shop_ids)
    if any(shop.photo_id == photo_id and not shop.discreet for shop in shops.values()):
        return held
    rows = await store.staff_rows(reader, shop_ids=shop_ids, person_id=person_id)
    if any(rules.role_of(shop, person_id, rows.get(shop.id)) for shop in shops.values()):
        return held
    if shops and await operators.role_of(reader, person_id):
        return held
    raise NotFound
