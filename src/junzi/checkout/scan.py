"""What a scanned code leads to: a shop to pay, an amount it asks for, or a person to add or to transfer to."""

from typing import Literal
from uuid import UUID

import msgspec

from junzi.checkout.model import OWN_SHOP, CodeScanned, OwnCode
from junzi.codes import actions as codes
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeKind
from junzi.contacts import actions as contacts
from junzi.kit.database import Database
from junzi.merchants import actions as merchants
from junzi.merchants import charge as charges
from junzi.merchants import till as tills
from junzi.merchants.model import ShopCard
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
    text = code_rules.read(text, own_hosts)
    async with database.transaction() as tx:
        code = await codes.resolve(tx, text)
        if code.target_id == person_id:
            raise OwnCode
        scanned = CodeScanned(person_id=person_id, kind=code.kind.name.lower(), target_id=code.target_id)
        if code.kind is CodeKind.CHARGE:
            charge = await charges.charge_to_pay(tx, code.target_id, person_id)
            shop = await merchants.shop_to_pay(tx, charge.shop_id)
            if shop.owner_id == person_id:
                raise OwnCode(OWN_SHOP)
            await tx.emit(scanned)
            away = await far.notice(tx, shop, position)
            return ScannedCharge("charge", code.code, shop_card(shop), charge.amount_minor, charge.note, away)
        if code.kind in (CodeKind.SHOP, CodeKind.TILL):
            place = await tills.place_of(tx, code)
            shop = await merchants.shop_to_pay(tx, place.shop_id)
            if shop.owner_id == person_id:
                raise OwnCode(OWN_SHOP)
            await tx.emit(scanned)
            away = await far.notice(tx, shop, position)
            return ScannedShop("shop", code.code, shop_card(shop), tills.shown_name(shop, place), away)
        person = await person_of(tx, code.target_id)
        relation, _ = await contacts.relation(tx, person_id, person.id)
        await tx.emit(scanned)
        return ScannedPerson("person", code.code, person, relation)
