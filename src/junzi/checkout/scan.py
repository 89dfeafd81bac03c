"""What a scanned code leads to: a shop to pay, an amount it asks for, or a person to add or to transfer to."""

from typing import Literal
from uuid import UUID

import msgspec

from junzi.checkout.counter import Counter, counter_at
from junzi.checkout.model import OWN_SHOP, CodeScanned, OwnCode
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeKind
from junzi.contacts import actions as contacts
from junzi.kit import ids
from junzi.kit.database import Database, Transaction
from junzi.merchants import actions as merchants
from junzi.merchants import charge as charges
from junzi.merchants import till as tills
from junzi.merchants.model import Shop, ShopCard
from junzi.merchants.model import card as shop_card
from junzi.people.actions import person_of
from junzi.people.model import Person
from junzi.standing import far
from junzi.standing.model import Away, Position


class ScannedShop(msgspec.Struct, frozen=True):
    """till: at which of several; away: the code was scanned far from the shop."""

    kind: Literal["shop"]
    code: str
    shop: ShopCard
    till: str | None = None
    away: Away | None = None


class ScannedCharge(msgspec.Struct, frozen=True):
    """An amount that a shop asks for once: an order with this code is of that amount."""

    kind: Literal["charge"]
    code: str
    shop: ShopCard
    amount_minor: int
    note: str
    away: Away | None = None


class ScannedPerson(msgspec.Struct, frozen=True):
    kind: Literal["person"]
    code: str
    person: Person
    relation: str


async def scan(
    database: Database, *, person_id: UUID, text: str, own_hosts: frozenset[str], position: Position | None = None
) -> ScannedShop | ScannedCharge | ScannedPerson:
    """Find what the code stands for, and store that it was scanned.

    position: where the phone is, if it says so

    Raises `CodeForeign`, `CodeDamaged`, `CodeUnknown`, `ShopClosed`, `OwnCode`, `ChargeOver`.
    """
    counter = await counter_at(database, code_rules.read(text, own_hosts))
    code = counter.code
    if code.target_id == person_id:
        raise OwnCode
    found = await _found(database, counter, person_id)
    scanned = CodeScanned(person_id=person_id, kind=code.kind.name.lower(), target_id=code.target_id)
    # Should this be lost in a crash, a figure is one lower; nothing else follows from a scan.
    await database.carry(_note, scanned, durable=False)
    if isinstance(found, ScannedPerson) or position is None:
        return found
    return msgspec.structs.replace(found, away=await far.notice(database, found.shop.id, position))


async def _found(database: Database, counter: Counter, person_id: UUID) -> ScannedShop | ScannedCharge | ScannedPerson:
    code = counter.code
    if code.kind is CodeKind.PERSON:
        async with database.read() as reader:
            person = await person_of(reader, code.target_id)
            relation, _ = await contacts.relation(reader, person_id, person.id)
        return ScannedPerson("person", code.code, person, relation)
    if code.kind is CodeKind.CHARGE:
        async with database.read() as reader:
            charge = await charges.charge_to_pay(reader, code.target_id, person_id)
            shop = _of_others(await merchants.shop_to_pay(reader, charge.shop_id), person_id)
        return ScannedCharge("charge", code.code, shop_card(shop), charge.amount_minor, charge.note)
    assert counter.place is not None, "a shop's and a till's code is paid at a place"
    shop = _of_others(merchants.to_pay(counter.shop), person_id)
    return ScannedShop("shop", code.code, shop_card(shop), tills.shown_name(shop, counter.place))


def _of_others(shop: Shop, person_id: UUID) -> Shop:
    if shop.owner_id == person_id:
        raise OwnCode(OWN_SHOP)
    return shop


async def _note(tx: Transaction, scans: list[CodeScanned]) -> list[None]:
    """A step for all who scan at the same time."""
    await tx.emit_all([(ids.new_id(), scanned) for scanned in scans])
    return [None] * len(scans)
