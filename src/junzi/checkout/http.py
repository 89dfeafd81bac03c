"""The routes of scanning, ordering, paying and giving back."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post

from junzi.bank.issuer import Issuer
from junzi.checkout import order as orders
from junzi.checkout import pay
from junzi.checkout import refund as refunding
from junzi.checkout import scan as scanning
from junzi.checkout import show as shown
from junzi.checkout.model import (
    NewOrder,
    NewPayment,
    NewRefund,
    Scan,
    ShopPayment,
    ShownOrder,
    ShownPayment,
    ShownRefund,
)
from junzi.checkout.scan import ScannedCharge, ScannedPerson, ScannedShop
from junzi.codes.http import own_hosts
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.ledger.engine import Ledger
from junzi.people.model import PinKey, SignedIn
from junzi.standing.model import Seal
from junzi.standing.seal import SHOWN_AFTER_PAYMENT, seal

Req = Request[Any, Any, Any]

MOST_SCANS, MOST_ORDERS = 240, 240
"""In a minute, by one person: more than hands can do, and few enough that codes and a shop's room cannot be guessed by trying."""

_scans, _orders = Pace(), Pace()


@post("/api/scans", status_code=200)
async def scan(
    request: Req, data: Scan, person: SignedIn, database: Database, settings: Settings
) -> ScannedShop | ScannedCharge | ScannedPerson:
    _scans.keep(person.person_id, most=MOST_SCANS)
    return await scanning.scan(
        database,
        person_id=person.person_id,
        text=data.text,
        own_hosts=own_hosts(request, settings),
        position=data.position,
    )


@post("/api/orders", status_code=201)
async def create_order(
    request: Req,
    data: NewOrder,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    settings: Settings,
) -> ShownOrder:
    _orders.keep(person.person_id, most=MOST_ORDERS)
    order = await orders.create(
        database,
        ledger,
        payer_id=person.person_id,
        key=idempotency_key,
        new=data,
        own_hosts=own_hosts(request, settings),
    )
    return await shown.show(database, ledger, order)


@get("/api/orders/{order_id:uuid}")
async def show_order(order_id: UUID, person: SignedIn, database: Database, ledger: Ledger) -> ShownOrder:
    async with database.read() as reader:
        order = await orders.access_order(reader, order_id, person.person_id)
    return await shown.show(database, ledger, order)


@post("/api/orders/{order_id:uuid}/payments", status_code=201)
async def create_payment(
    order_id: UUID,
    data: NewPayment,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    paying: pay.Paying,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
) -> ShownPayment:
    return await pay.pay(
        database,
        paying,
        ledger,
        issuer,
        pin_key,
        order_id=order_id,
        payer_id=person.person_id,
        key=idempotency_key,
        new=data,
    )


@get("/api/payments/{payment_id:uuid}")
async def show_payment(
    payment_id: UUID, person: SignedIn, database: Database, ledger: Ledger, issuer: Issuer
) -> ShownPayment:
    payment = await pay.payment_of(database, ledger, issuer, payment_id=payment_id, payer_id=person.person_id)
    return await shown.show_payment(database, payment)


@get("/api/payments/{payment_id:uuid}/seal")
async def show_payment_seal(payment_id: UUID, person: SignedIn, database: Database, settings: Settings) -> Seal:
    """The shop's moving seal, for three minutes after it was paid."""
    async with database.read() as reader:
        shop_id, paid_at = await orders.paid(reader, payment_id=payment_id, payer_id=person.person_id)
    return seal(settings.data, shop_id, until=paid_at + SHOWN_AFTER_PAYMENT)


@delete("/api/orders/{order_id:uuid}", status_code=204)
async def close_order(order_id: UUID, person: SignedIn, database: Database) -> None:
    await orders.close(database, order_id=order_id, payer_id=person.person_id)


@post("/api/shops/{shop_id:uuid}/payments/{payment_id:uuid}/refunds", status_code=201)
async def create_refund(
    shop_id: UUID,
    payment_id: UUID,
    data: NewRefund,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
) -> ShownRefund:
    return refunding.shown(
        await refunding.refund(
            database,
            ledger,
            issuer,
            shop_id=shop_id,
            payment_id=payment_id,
            person_id=person.person_id,
            key=idempotency_key,
            new=data,
        )
    )


@get("/api/shops/{shop_id:uuid}/payments/{payment_id:uuid}")
async def show_shop_payment(
    shop_id: UUID, payment_id: UUID, person: SignedIn, database: Database, ledger: Ledger, issuer: Issuer
) -> ShopPayment:
    return await refunding.shop_payment(
        database, ledger, issuer, shop_id=shop_id, payment_id=payment_id, person_id=person.person_id
    )


OFTEN: list[Any] = [scan, create_order, create_payment]
"""What every purchase asks for."""

ROUTES: list[Any] = [
    scan,
    create_order,
    show_order,
    close_order,
    create_payment,
    show_payment,
    show_payment_seal,
    create_refund,
    show_shop_payment,
]
