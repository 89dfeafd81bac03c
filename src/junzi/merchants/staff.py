"""Who works at a shop beside its owner: asked by exact handle, working once they accepted, gone when either says so."""

from uuid import UUID

from junzi.kit import clock, text
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.merchants import actions, store
from junzi.merchants.model import (
    MOST_STAFF,
    Invitation,
    Shop,
    StaffAccepted,
    StaffInvited,
    StaffMember,
    StaffState,
    TooManyStaff,
    card,
)
from junzi.people.actions import person_by_handle, persons_of


async def invite(database: Database, *, shop_id: UUID, owner_id: UUID, handle: str) -> StaffMember:
    """Ask somebody to work at the till; who was asked stays asked. Raises `NotFound`, `NotAllowed`, `TooManyStaff`."""
    async with database.transaction() as tx:
        shop = await actions.access_shop(tx, shop_id, owner_id)
        person = await person_by_handle(tx, handle)
        if person.id == owner_id:
            raise text.refused("handle", "You are the owner yourself.")
        # Two who are asked at once are counted one after the other.
        await store.shop_locked(tx, shop_id)
        staff = await store.staff(tx, shop_id)
        known = next((one for one in staff if one.person_id == person.id), None)
        if known is None:
            if len(staff) >= MOST_STAFF:
                raise TooManyStaff
            await store.invite(tx, shop_id=shop_id, person_id=person.id, at=clock.now())
            known = await store.staff_row(tx, shop_id=shop_id, person_id=person.id)
            await tx.emit(
                StaffInvited(shop_id=shop_id, shop_name=card(shop).name, person_id=person.id, owner_id=owner_id)
            )
    assert known is not None, "somebody was just asked"
    return StaffMember(person, known.role, known.state, known.since)


async def staff(database: Database, *, shop_id: UUID, owner_id: UUID) -> list[StaffMember]:
    """Everybody who works there or is asked to. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, owner_id)
        rows = await store.staff(reader, shop_id)
        people = await persons_of(reader, [row.person_id for row in rows])
    return [StaffMember(people[row.person_id], row.role, row.state, row.since) for row in rows]


async def invitations(database: Database, person_id: UUID) -> list[Invitation]:
    """Where the person is asked to work."""
    async with database.read() as reader:
        rows = await store.invitations(reader, person_id)
        shops = await store.shops(reader, [row.shop_id for row in rows])
    return [Invitation(card(shops[row.shop_id]), row.role, row.since) for row in rows]


async def accept(database: Database, *, shop_id: UUID, person_id: UUID) -> Shop:
    """The person works there from now on; harmless to repeat. Raises `NotFound` to whoever was not asked."""
    async with database.transaction() as tx:
        shop = await store.shop_locked(tx, shop_id)
        row = await store.staff_row(tx, shop_id=shop_id, person_id=person_id)
        if shop is None or row is None:
            raise NotFound
        if row.state is StaffState.INVITED:
            await store.accept(tx, shop_id=shop_id, person_id=person_id, at=clock.now())
            await tx.emit(StaffAccepted(shop_id=shop_id, shop_name=shop.name, person_id=person_id))
    return shop


async def remove(database: Database, *, shop_id: UUID, person_id: UUID, by_id: UUID) -> None:
    """End somebody's work, or the asking: the owner anybody's, everybody their own. Raises `NotFound`, `NotAllowed`."""
    async with database.transaction() as tx:
        if by_id != person_id:
            await actions.access_shop(tx, shop_id, by_id)
        if await store.staff_row(tx, shop_id=shop_id, person_id=person_id) is None:
            raise NotFound
        await store.remove_staff(tx, shop_id=shop_id, person_id=person_id)
