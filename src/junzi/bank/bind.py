"""Bind a card: intent → the issuer's page → the issuer confirms → card.

The number is typed on the issuer's page only; what comes back is a token and what the person recognises the card by.
"""

import contextlib
from datetime import timedelta
from uuid import UUID

from junzi.bank import store
from junzi.bank.issuer import Issuer
from junzi.bank.model import (
    MOST_CARDS,
    BankUnreachable,
    Binding,
    BindingAnswer,
    BindingState,
    Card,
    CardBound,
    CardNotFound,
    TooManyCards,
    Unanswered,
)
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.points import Point

PAGE_LIFETIME = timedelta(hours=1)
"""A binding that the issuer does not know as finished by then never will be: no page is open for so long."""

RETURN_PATH = "/wallet/cards/bound"

_intended = Point("bank.bind.intended")
_asked = Point("bank.bind.asked")
_confirmed = Point("bank.bind.confirmed")


async def start(database: Database, issuer: Issuer, *, person_id: UUID, key: str, public_url: str) -> Binding:
    """Begin a binding; a repeat with the same key returns the same one.

    public_url: our address as the person's browser sees it, to which the issuer's page returns.
    Raises `TooManyCards`, `BankUnreachable`.
    """
    async with database.transaction() as tx:
        binding_id = ids.new_id()
        return_url = f"{public_url}{RETURN_PATH}?binding={binding_id}"
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="bank.bind", body={}, intent_id=binding_id
        )
        if claimed == binding_id:
            if await store.card_count(tx, person_id) >= MOST_CARDS:
                raise TooManyCards
            await store.insert_binding(tx, id=binding_id, person_id=person_id, return_url=return_url, at=clock.now())
    _intended.passed()
    return await _with_page(database, issuer, claimed)


async def finish(database: Database, issuer: Issuer, *, binding_id: UUID, person_id: UUID) -> Binding:
    """Ask the issuer what became of a person's binding. Raises `NotFound`, `BankUnreachable`."""
    async with database.read() as reader:
        binding = await store.binding(reader, binding_id)
    if binding is None or binding.person_id != person_id:
        raise NotFound
    try:
        return await settle(database, issuer, binding_id)
    except Unanswered as failure:
        raise BankUnreachable from failure


async def settle(database: Database, issuer: Issuer, binding_id: UUID) -> Binding:
    """Bring a started binding to its outcome as far as the issuer knows it. Raises `Unanswered`."""
    async with database.read() as reader:
        binding = await store.binding(reader, binding_id)
    if binding is None:
        raise NotFound
    if binding.state is not BindingState.STARTED:
        return binding
    answer = await issuer.binding(binding_id)
    _confirmed.passed()
    async with database.transaction() as tx:
        return await _decided(tx, binding_id, answer)


async def sweep(database: Database, issuer: Issuer) -> int:
    """Ask about bindings whose person may have finished the page and never come back; returns how many were asked about."""

    async def ask(binding_id: UUID) -> None:
        with contextlib.suppress(Unanswered):
            await settle(database, issuer, binding_id)

    return await sweeping.sweep(database, store.bindings_to_ask, store.postpone_binding, ask)


async def remove(database: Database, issuer: Issuer, *, card_id: UUID, person_id: UUID) -> None:
    """Take a card out of the wallet and make its token worthless. Raises `CardNotFound`, `BankUnreachable`."""
    async with database.read() as reader:
        card = await store.card_of(reader, id=card_id, person_id=person_id)
    if card is None:
        raise CardNotFound
    try:
        await issuer.revoke(card.token)
    except Unanswered as failure:
        raise BankUnreachable from failure
    async with database.transaction() as tx:
        await store.remove_card(tx, id=card_id, person_id=person_id)


async def cards(database: Database, person_id: UUID) -> list[Card]:
    async with database.read() as reader:
        return await store.cards_of(reader, person_id)


async def _with_page(database: Database, issuer: Issuer, binding_id: UUID) -> Binding:
    async with database.read() as reader:
        binding = await store.binding(reader, binding_id)
    if binding is None:
        raise NotFound
    if binding.state is not BindingState.STARTED or binding.page_url:
        return binding
    # From the row, not from this request: a repeat may come by another of our addresses, and the issuer keeps to the first.
    public_url = binding.return_url.partition(RETURN_PATH)[0]
    try:
        answer = await issuer.start_binding(
            binding_id, return_url=binding.return_url, public_url=f"{public_url}/sandbox-bank"
        )
    except Unanswered as failure:
        raise BankUnreachable from failure
    _asked.passed()
    async with database.transaction() as tx:
        await store.set_page(tx, id=binding_id, page_url=answer.page_url or "")
        return await store.binding_locked(tx, binding_id)


async def _decided(tx: Transaction, binding_id: UUID, answer: BindingAnswer | None) -> Binding:
    binding = await store.binding_locked(tx, binding_id)
    if binding.state is not BindingState.STARTED:
        return binding
    if answer is None or answer.state == "started":
        if binding.started_at + PAGE_LIFETIME < clock.now():
            await store.set_refused(tx, id=binding_id, reason="expired")
        return await store.binding_locked(tx, binding_id)
    if answer.state != "confirmed":
        await store.set_refused(tx, id=binding_id, reason=answer.reason or "refused")
        return await store.binding_locked(tx, binding_id)
    assert answer.token and answer.bank_name and answer.last4 and answer.fingerprint, (
        "a confirmed binding names its card"
    )
    # Several bindings may have been begun while there was room for one.
    if not await store.has_room_for(tx, person_id=binding.person_id, fingerprint=answer.fingerprint, most=MOST_CARDS):
        await store.set_refused(tx, id=binding_id, reason=TooManyCards.slug)
        return await store.binding_locked(tx, binding_id)
    card_id = await store.put_card(
        tx,
        id=binding_id,
        person_id=binding.person_id,
        token=answer.token,
        bank_name=answer.bank_name,
        last4=answer.last4,
        fingerprint=answer.fingerprint,
        at=clock.now(),
    )
    await store.set_bound(tx, id=binding_id, card_id=card_id)
    if card_id == binding_id:
        await tx.emit(
            CardBound(card_id=card_id, person_id=binding.person_id, bank_name=answer.bank_name, last4=answer.last4),
            id=ids.leg(binding_id, 1),
        )
    return await store.binding_locked(tx, binding_id)
