"""A till's charge: an amount that is asked for once, as a code that ten minutes later nobody can scan any more.

Who scans it first holds it by an order of that amount; an order is paid once, and so is the charge.
"""

from datetime import timedelta
from uuid import UUID

from junzi.codes import actions as codes
from junzi.codes.model import Code, CodeKind, CodeUnknown
from junzi.kit import clock, idempotency, ids, text
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import actions, rules, store, till
from junzi.merchants.model import LONGEST_NOTE, Charge, Deed, NewCharge, ShownCharge

LIFETIME = timedelta(minutes=10)


async def ask(
    database: Database, *, shop_id: UUID, person_id: UUID, key: str, new: NewCharge, public_url: str
) -> ShownCharge:
    """Ask for the amount at that shop; a repeat with the same key returns the same charge. Raises `NotFound`, `ShopClosed`."""
    note = text.one_line(new.note, field="note", least=0, most=LONGEST_NOTE)
    async with database.transaction() as tx:
        await actions.access_shop(tx, shop_id, person_id, Deed.CHARGE)
        charge_id = ids.new_id()
        body = {
            "shop_id": shop_id,
            "amount_minor": new.amount_minor,
            "note": note,
            **({"till_id": new.till_id} if new.till_id else {}),
        }
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="merchants.charge", body=body, intent_id=charge_id
        )
        if claimed == charge_id:
            await actions.shop_to_pay(tx, shop_id)
            if new.till_id is not None:
                await till.till_of(tx, shop_id=shop_id, till_id=new.till_id)
            now = clock.now()
            await store.insert_charge(
                tx,
                id=charge_id,
                shop_id=shop_id,
                amount_minor=new.amount_minor,
                note=note,
                asked_by=person_id,
                at=now,
                expires_at=now + LIFETIME,
                till_id=new.till_id,
            )
            await codes.issue(tx, CodeKind.CHARGE, charge_id)
        return await _shown(tx, await _charge(tx, shop_id, claimed), public_url)


async def show(database: Database, *, shop_id: UUID, charge_id: UUID, person_id: UUID, public_url: str) -> ShownCharge:
    """How the charge stands, for the till. Raises `NotFound`."""
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id, Deed.CHARGE)
        return await _shown(reader, await _charge(reader, shop_id, charge_id), public_url)


async def charge_to_pay(reader: Reader, charge_id: UUID, payer_id: UUID) -> Charge:
    """The charge behind a scanned code. Raises `CodeUnknown`, `ChargeOver`."""
    charge = await store.charge(reader, charge_id)
    if charge is None:
        raise CodeUnknown
    rules.check_charge(charge, payer_id, clock.now())
    return charge


async def charge_locked(tx: Transaction, code: Code) -> Charge | None:
    """The charge of that code, held until the transaction ends; None for a code of another kind."""
    return await store.charge_locked(tx, code.target_id) if code.kind is CodeKind.CHARGE else None


async def take(tx: Transaction, charge: Charge, *, amount_minor: int, order_id: UUID, payer_id: UUID) -> None:
    """A step of checkout: the order holds the charge from here on, or did before. Raises `ChargeOver`, `InvalidRequest`."""
    rules.check_charge(charge, payer_id, clock.now())
    if amount_minor != charge.amount_minor:
        raise text.refused("amount_minor", "This code is for another amount.")
    await store.take_charge(tx, id=charge.id, order_id=order_id, payer_id=payer_id)


async def let_go(tx: Transaction, order_id: UUID) -> None:
    """A step of checkout: the order was closed, so that whoever scans next may hold the charge it held, if any."""
    await store.let_charge_go(tx, order_id=order_id)


async def _charge(reader: Reader, shop_id: UUID, charge_id: UUID) -> Charge:
    charge = await store.charge(reader, charge_id)
    if charge is None or charge.shop_id != shop_id:
        raise NotFound
    return charge


async def _shown(reader: Reader, charge: Charge, public_url: str) -> ShownCharge:
    code = await codes.own(reader, charge.id)
    return ShownCharge(
        charge.id,
        charge.amount_minor,
        charge.note,
        rules.charge_state(charge, clock.now()),
        charge.expires_at,
        codes.shown(code, public_url),
        charge.payment_id,
    )
