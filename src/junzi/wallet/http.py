"""The wallet's routes: cards, top-up, transfer, bills."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import Parameter

from junzi.bank import bind
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import Binding, BindingState, ShownCard
from junzi.bank.model import shown as shown_card
from junzi.codes import actions as codes
from junzi.codes import rules as code_rules
from junzi.codes.http import own_hosts
from junzi.codes.model import CodeKind
from junzi.kit import idempotency
from junzi.kit.address import origin, public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.people.actions import person_of
from junzi.people.model import PinKey, SignedIn
from junzi.wallet import actions, topup, transfer
from junzi.wallet.model import Bills, NewTopUp, NewTransfer, NotAPersonalCode, ShownTopUp, ShownTransfer, TopUp, Wallet

Req = Request[Any, Any, Any]


class Cards(msgspec.Struct):
    cards: list[ShownCard]


class ShownBinding(msgspec.Struct):
    id: UUID
    state: BindingState
    page_url: str
    card: ShownCard | None
    reason: str | None


@get("/api/wallet")
async def show_wallet(request: Req, person: SignedIn, database: Database, ledger: Ledger, settings: Settings) -> Wallet:
    return await actions.wallet_of(database, ledger, person.person_id, public_url(request, settings))


@get("/api/cards")
async def list_cards(person: SignedIn, database: Database) -> Cards:
    return Cards([shown_card(card) for card in await bind.cards(database, person.person_id)])


@delete("/api/cards/{card_id:uuid}", status_code=204)
async def remove_card(card_id: UUID, person: SignedIn, database: Database, issuer: Issuer) -> None:
    await bind.remove(database, issuer, card_id=card_id, person_id=person.person_id)


@post("/api/cards/bindings", status_code=201)
async def start_binding(
    request: Req, person: SignedIn, idempotency_key: str, database: Database, issuer: Issuer, settings: Settings
) -> ShownBinding:
    binding = await bind.start(
        database, issuer, person_id=person.person_id, key=idempotency_key, public_url=origin(request, settings)
    )
    return await _shown(database, binding)


@post("/api/cards/bindings/{binding_id:uuid}/confirmation", status_code=200)
async def confirm_binding(binding_id: UUID, person: SignedIn, database: Database, issuer: Issuer) -> ShownBinding:
    binding = await bind.finish(database, issuer, binding_id=binding_id, person_id=person.person_id)
    return await _shown(database, binding)


@post("/api/topups", status_code=201)
async def create_topup(
    data: NewTopUp,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
) -> ShownTopUp:
    done = await topup.top_up(
        database, ledger, issuer, pin_key, person_id=person.person_id, key=idempotency_key, new=data
    )
    return _shown_topup(done)


@get("/api/topups/{topup_id:uuid}")
async def show_topup(
    topup_id: UUID, person: SignedIn, database: Database, ledger: Ledger, issuer: Issuer
) -> ShownTopUp:
    return _shown_topup(await topup.topup_of(database, ledger, issuer, topup_id=topup_id, person_id=person.person_id))


@post("/api/transfers", status_code=201)
async def create_transfer(
    request: Req,
    data: NewTransfer,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    pin_key: PinKey,
    settings: Settings,
) -> ShownTransfer:
    code = code_rules.read(data.code, own_hosts(request, settings))
    async with database.read() as reader:
        target = await codes.resolve(reader, code)
        payee_id = target.target_id
        if target.kind is not CodeKind.PERSON:
            # A transfer that was begun before the code became a shop's is repeated until it is done.
            before = await codes.led_before(reader, target, CodeKind.PERSON)
            if before is None or not await idempotency.is_known(reader, person.person_id, idempotency_key):
                raise NotAPersonalCode
            payee_id = before
        payee = await person_of(reader, payee_id)
    done = await transfer.transfer(
        database,
        ledger,
        pin_key,
        payer_id=person.person_id,
        payee_id=payee.id,
        amount_minor=data.amount_minor,
        note=data.note,
        pin=data.pin,
        key=idempotency_key,
    )
    return ShownTransfer(done.id, done.state, done.amount_minor, payee, done.reason)


@get("/api/bills")
async def list_bills(
    person: SignedIn,
    database: Database,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=actions.PAGE)] = 30,
) -> Bills:
    return await actions.bills_of(database, person_id=person.person_id, before=before, limit=limit)


def _shown_topup(done: TopUp) -> ShownTopUp:
    return ShownTopUp(done.id, done.state, done.amount_minor, done.reason)


async def _shown(database: Database, binding: Binding) -> ShownBinding:
    card = None
    if binding.card_id is not None:
        async with database.read() as reader:
            card = shown_card(await bank_store.card(reader, binding.card_id))
    return ShownBinding(binding.id, binding.state, binding.page_url, card, binding.reason)


ROUTES: list[Any] = [
    show_wallet,
    list_cards,
    remove_card,
    start_binding,
    confirm_binding,
    create_topup,
    show_topup,
    create_transfer,
    list_bills,
]
