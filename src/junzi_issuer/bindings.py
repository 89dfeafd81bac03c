"""Binding a card: started by the operator, carried through by the person on the issuer's page, ended once.

started ── card number ── one-time code ── right ──────────────→ confirmed, with a token
   │            └ refuses to be bound ─────┬─────────────────────→ refused
   └ cancelled, 3 wrong codes, page too old ┘
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

import msgspec

from junzi_issuer import clock, keys, ledger, store
from junzi_issuer.cards import BANKS_BY_KEY, Behaviour
from junzi_issuer.database import Connection
from junzi_issuer.issuer import Issuer
from junzi_issuer.model import (
    BankNames,
    Binding,
    BindingAnswer,
    BindingEnded,
    BindingReason,
    BindingRequest,
    BindingStarted,
    BindingState,
    Card,
    InvalidRequest,
    NotFound,
    ReferenceReused,
)
from junzi_issuer.rules import (
    HOLDER_LENGTH,
    MAX_CODES_SENT,
    CodeVerdict,
    NumberFault,
    find_number_fault,
    is_web_address,
    judge_code,
    strip_number,
)


class Step(Enum):
    """Where a page stands."""

    CARD = auto()
    CODE = auto()
    ENDED = auto()


class PageView(msgspec.Struct, frozen=True):
    """What a page shows; `message_code` is what the sandbox's phone shows, where it still does."""

    binding: Binding
    step: Step
    card: Card | None
    message_code: str | None


class CardFaults(msgspec.Struct, frozen=True):
    """What is wrong with the first form, field by field."""

    number: NumberFault | None = None
    holder: bool = False


async def start_binding(issuer: Issuer, request: BindingRequest) -> BindingStarted:
    """Opens a page; harmless to repeat. Raises InvalidRequest and ReferenceReused."""
    public_url = request.public_url or issuer.settings.public_url
    for field, url in (("return_url", request.return_url), ("public_url", public_url)):
        if not is_web_address(url):
            errors = [{"field": field, "message": "must be an absolute http or https address"}]
            raise InvalidRequest(f"{field} is not an address a browser can be sent to.", errors=errors)
    fresh = Binding(
        reference=request.reference,
        page_id=keys.draw_secret(),
        csrf_token=keys.draw_secret(),
        return_url=request.return_url,
        public_url=public_url.rstrip("/"),
        holder_hint=request.holder_hint.strip(),
        state=BindingState.STARTED,
        reason=None,
        card_id=None,
        code_hash=None,
        code_expires_at=None,
        codes_sent=0,
        codes_wrong=0,
        started_at=clock.now(),
    )
    async with issuer.pool.acquire() as connection, connection.transaction():
        await store.add_binding(connection, fresh)
        binding = await _lock_current(connection, issuer, request.reference)
    if (binding.return_url, binding.holder_hint, binding.public_url) != (
        fresh.return_url,
        fresh.holder_hint,
        fresh.public_url,
    ):
        raise ReferenceReused("Another binding has this reference.")
    return BindingStarted(binding.reference, binding.state, f"{binding.public_url}/pages/{binding.page_id}")


async def read_binding(issuer: Issuer, reference: UUID) -> BindingAnswer:
    """Raises NotFound where the reference was never seen."""
    async with issuer.pool.acquire() as connection, connection.transaction():
        binding = await _lock_current(connection, issuer, reference)
        return await _answer(connection, issuer, binding)


async def simulate_binding(issuer: Issuer, reference: UUID, typed_number: str) -> BindingAnswer:
    """Does with one call what a person does on the page with a card, right code included; harmless to repeat.

    Raises NotFound, InvalidRequest (the number is not one of the sandbox) and BindingEnded.
    """
    number = strip_number(typed_number)
    if find_number_fault(number) is not None:
        errors = [{"field": "card_number", "message": "must be a card of the sandbox"}]
        raise InvalidRequest("card_number is no card of the sandbox.", errors=errors)
    async with issuer.pool.acquire() as connection, connection.transaction():
        binding = await _lock_current(connection, issuer, reference)
        card = await ledger.find_or_open_card(connection, issuer.keys, number, clock.now())
        if binding.state is BindingState.STARTED:
            await store.set_binding_card(connection, reference, card.card_id)
            await _conclude(connection, issuer, binding, card)
        elif binding.card_id != card.card_id:
            raise BindingEnded(f"The binding was {binding.state} before.", state=binding.state)
        return await _answer(connection, issuer, await _lock_current(connection, issuer, reference))


async def view_page(issuer: Issuer, page_id: str) -> PageView:
    """What the page shows now; raises NotFound."""
    async with _page(issuer, page_id) as (connection, binding):
        card = None if binding.card_id is None else await store.find_card(connection, binding.card_id)
        return PageView(binding, _step(binding), card, issuer.phone.read(binding.reference, clock.now()))


async def enter_card(issuer: Issuer, page_id: str, typed_number: str, holder: str) -> CardFaults | None:
    """The first form. None: the card is taken, and a code was sent or the binding is over; else what is wrong."""
    number = strip_number(typed_number)
    faults = CardFaults(find_number_fault(number), not 0 < len(holder.strip()) <= HOLDER_LENGTH)
    async with _page(issuer, page_id) as (connection, binding):
        if _step(binding) is not Step.CARD:
            return None
        if faults != CardFaults():
            return faults
        card = await ledger.find_or_open_card(connection, issuer.keys, number, clock.now())
        await store.set_binding_card(connection, binding.reference, card.card_id)
        if card.behaviour is Behaviour.UNBINDABLE:
            await _end(connection, issuer, binding, BindingState.REFUSED, BindingReason.CARD_REFUSED)
        else:
            await _send_code(connection, issuer, binding)
        return None


async def send_code_again(issuer: Issuer, page_id: str) -> bool:
    """A new code instead of the one before; False where no more are sent."""
    async with _page(issuer, page_id) as (connection, binding):
        if _step(binding) is not Step.CODE:
            return True
        if binding.codes_sent >= MAX_CODES_SENT:
            return False
        await _send_code(connection, issuer, binding)
        return True


async def enter_code(issuer: Issuer, page_id: str, typed: str) -> CodeVerdict | None:
    """The second form; None where it is not its turn. A right code confirms, the third wrong one refuses."""
    code = "".join(typed.split())
    async with _page(issuer, page_id) as (connection, binding):
        if _step(binding) is not Step.CODE:
            return None
        assert binding.code_hash is not None and binding.code_expires_at is not None and binding.card_id is not None
        matches = keys.equal(keys.hash_code(issuer.keys, binding.reference, code), binding.code_hash)
        verdict = judge_code(code, matches, clock.now(), binding.code_expires_at, binding.codes_wrong)
        if verdict is CodeVerdict.RIGHT:
            card = await store.find_card(connection, binding.card_id)
            assert card is not None, "cards are never deleted"
            await _conclude(connection, issuer, binding, card)
        elif verdict in (CodeVerdict.WRONG, CodeVerdict.WRONG_TOO_OFTEN):
            await store.count_wrong_code(connection, binding.reference)
        if verdict is CodeVerdict.WRONG_TOO_OFTEN:
            await _end(connection, issuer, binding, BindingState.REFUSED, BindingReason.WRONG_CODE)
        return verdict


async def cancel_binding(issuer: Issuer, page_id: str) -> None:
    """The person goes back; harmless where the binding is over."""
    async with _page(issuer, page_id) as (connection, binding):
        if binding.state is BindingState.STARTED:
            await _end(connection, issuer, binding, BindingState.REFUSED, BindingReason.CANCELLED)


@asynccontextmanager
async def _page(issuer: Issuer, page_id: str) -> AsyncIterator[tuple[Connection, Binding]]:
    """A page's binding, held until the block's transaction is committed; raises NotFound."""
    async with issuer.pool.acquire() as connection, connection.transaction():
        reference = await store.find_reference_of_page(connection, page_id) if page_id.isprintable() else None
        if reference is None:
            raise NotFound("There is no such page.")
        yield connection, await _lock_current(connection, issuer, reference)


async def _lock_current(connection: Connection, issuer: Issuer, reference: UUID) -> Binding:
    """The binding, held, and refused first where its page has grown too old."""
    binding = await store.lock_binding(connection, reference)
    if binding is None:
        raise NotFound("No binding was ever started under this reference.")
    if binding.state is not BindingState.STARTED or clock.now() < _page_ends_at(issuer, binding):
        return binding
    await _end(connection, issuer, binding, BindingState.REFUSED, BindingReason.EXPIRED)
    return msgspec.structs.replace(binding, state=BindingState.REFUSED, reason=BindingReason.EXPIRED)


def _page_ends_at(issuer: Issuer, binding: Binding) -> datetime:
    return binding.started_at + timedelta(milliseconds=issuer.settings.times.page_life_ms)


def _step(binding: Binding) -> Step:
    if binding.state is not BindingState.STARTED:
        return Step.ENDED
    return Step.CARD if binding.code_hash is None else Step.CODE


async def _send_code(connection: Connection, issuer: Issuer, binding: Binding) -> None:
    code = keys.draw_code()
    expires_at = clock.now() + timedelta(milliseconds=issuer.settings.times.code_life_ms)
    code_hash = keys.hash_code(issuer.keys, binding.reference, code)
    await store.set_binding_code(connection, binding.reference, code_hash, expires_at)
    issuer.phone.receive(binding.reference, code, expires_at)


async def _conclude(connection: Connection, issuer: Issuer, binding: Binding, card: Card) -> None:
    """The person has shown that the card is theirs: a token, unless the card is one that refuses."""
    if card.behaviour is Behaviour.UNBINDABLE:
        await _end(connection, issuer, binding, BindingState.REFUSED, BindingReason.CARD_REFUSED)
        return
    await store.add_token(connection, keys.draw_secret("card_"), binding.reference, card.card_id, clock.now())
    await _end(connection, issuer, binding, BindingState.CONFIRMED, None)


async def _end(
    connection: Connection, issuer: Issuer, binding: Binding, state: BindingState, reason: BindingReason | None
) -> None:
    issuer.phone.forget(binding.reference)
    await store.end_binding(connection, binding.reference, state, reason, clock.now())


async def _answer(connection: Connection, issuer: Issuer, binding: Binding) -> BindingAnswer:
    token = bank = card = None
    if binding.state is BindingState.CONFIRMED:
        assert binding.card_id is not None, "a confirmed binding has its card"
        card = await store.find_card(connection, binding.card_id)
        token = await store.find_token_of_binding(connection, binding.reference)
    if card is not None:
        bank = BANKS_BY_KEY[card.bank]
    return BindingAnswer(
        reference=binding.reference,
        state=binding.state,
        token=token,
        bank_name=bank.zh if bank else None,
        bank_names=BankNames(bank.zh, bank.en) if bank else None,
        last4=card.last4 if card else None,
        fingerprint=keys.fingerprint(issuer.keys, card.card_id) if card else None,
        reason=binding.reason,
    )
