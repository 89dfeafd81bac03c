"""Pay a shop's money out: intent → shop's balance → bank → card credit → outcome.

Repeatable from the intent row: every transfer's and event's id is a leg of the payout's. The money is set aside at the bank
before the card is credited, so that a crash or a silent bank leaves it where it can be asked for; a card that does not take it
leaves it to the shop, by a transfer of its own.
"""

from typing import Any
from uuid import UUID

from junzi.bank import credit as bank_credit
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import Card, CreditState, shown
from junzi.checkout.model import ShopBalanceTooSmall
from junzi.kit import clock, idempotency, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.people.model import PinKey
from junzi.people.pin import verify_pin
from junzi.settlement import bank_account, rules, store
from junzi.settlement.model import (
    LEAST_MINOR,
    NewPayout,
    PaidOut,
    Payout,
    PayoutReturned,
    PayoutState,
    PayoutTooSmall,
    ShownPayout,
)

PAGE = 100
SHOP_BALANCE_TOO_SMALL = ShopBalanceTooSmall.slug

_intended = Point("settlement.payout.intended")
_posted = Point("settlement.payout.posted")
_credited = Point("settlement.payout.credited")
_finished = Point("settlement.payout.finished")


async def pay_out(
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
    *,
    shop_id: UUID,
    person_id: UUID,
    key: str,
    new: NewPayout,
) -> Payout:
    """Bring money of the person's shop to its bank account; a repeat with the same key goes on with the same payout.

    Raises `NotFound`, `NotAllowed`, `BankAccountMissing`, `CardNotFound`, `PayoutTooSmall`, `ShopBalanceTooSmall`, and what
    `verify_pin` raises.
    """
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person_id)
    there_is = await merchant_accounts.balance_minor(ledger, shop_id)
    amount_minor = there_is if new.amount_minor is None else new.amount_minor

    async def check() -> None:
        async with database.read() as reader:
            await bank_account.usable_card(reader, shop_id)
        _check_amount(amount_minor, there_is)
        await verify_pin(database, pin_key, person_id, new.pin)

    await idempotency.check_once(database, person_id=person_id, key=key, check=check)
    async with database.transaction() as tx:
        payout_id, now = ids.new_id(), clock.now()
        body = {"shop_id": shop_id, "amount_minor": new.amount_minor}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="settlement.payout", body=body, intent_id=payout_id
        )
        if claimed == payout_id:
            card = await bank_account.usable_card(tx, shop_id)
            _check_amount(amount_minor, there_is)
            await store.insert_payout(
                tx,
                id=payout_id,
                shop_id=shop_id,
                card_id=card.id,
                asked_by=person_id,
                amount_minor=amount_minor,
                at=now,
                try_at=now + sweeping.FIRST,
            )
    _intended.passed()
    return await run(database, ledger, issuer, claimed)


async def run(database: Database, ledger: Ledger, issuer: Issuer, payout_id: UUID) -> Payout:
    """Bring a payout as far as the bank's answers allow."""
    async with database.read() as reader:
        payout = await store.payout(reader, payout_id)
        if payout is None:
            raise NotFound
        card = await bank_store.card(reader, payout.card_id)
    if payout.state is not PayoutState.PROCESSING:
        return payout
    number = town.current().money.number
    [out] = await ledger.create_transfers([rules.out_transfer(payout, number)])
    if out.status in (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED):
        return await _finish(database, payout, card, PayoutState.REFUSED, SHOP_BALANCE_TOO_SMALL)
    if not out.stands:
        raise AssertionError(f"the ledger refused a payout: {out.status.name}")
    _posted.passed()
    credit = await bank_credit.credit(
        database,
        issuer,
        id=ids.leg(payout_id, rules.CREDIT_LEG),
        card_id=payout.card_id,
        amount_minor=payout.amount_minor,
        # What anybody sees who looks at the card's movements: not which shop it was.
        text=f"{town.current().name} {town.business_date(payout.created_at):%y%m%d}",
    )
    if credit.state is CreditState.ASKED:
        return payout
    if credit.state is CreditState.DECLINED:
        [back] = await ledger.create_transfers([rules.returned_transfer(payout, number)])
        if not back.stands:
            raise AssertionError(f"the ledger refused what a card did not take: {back.status.name}")
    _credited.passed()
    if credit.state is CreditState.DECLINED:
        done = await _finish(database, payout, card, PayoutState.RETURNED, credit.reason or "declined")
    else:
        done = await _finish(database, payout, card, PayoutState.DONE, None)
    _finished.passed()
    return done


async def payout_of(
    database: Database, ledger: Ledger, issuer: Issuer, *, shop_id: UUID, payout_id: UUID, person_id: UUID
) -> Payout:
    """A payout of the person's shop, gone on with while it is processing. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person_id)
        payout = await store.payout(reader, payout_id)
    if payout is None or payout.shop_id != shop_id:
        raise NotFound
    return await run(database, ledger, issuer, payout_id)


async def payouts_of(
    reader: Reader, *, shop_id: UUID, before: UUID | None, limit: int
) -> tuple[list[ShownPayout], bool]:
    """A page of a shop's payouts, the newest first, and whether there are more."""
    most = min(limit, PAGE)
    page = await store.payouts(reader, shop_id=shop_id, before=before, most=most + 1)
    return [await shown_payout(reader, payout) for payout in page[:most]], len(page) > most


async def sweep(database: Database, ledger: Ledger, issuer: Issuer) -> int:
    """Go on with payouts that were interrupted or wait for a bank; returns how many were tried."""
    return await sweeping.sweep(
        database, store.payouts_to_try, store.postpone_payout, lambda id: run(database, ledger, issuer, id)
    )


async def shown_payout(reader: Reader, payout: Payout) -> ShownPayout:
    return ShownPayout(
        id=payout.id,
        state=payout.state,
        amount_minor=payout.amount_minor,
        automatic=payout.asked_by is None,
        card=shown(await bank_store.card(reader, payout.card_id)),
        reason=payout.reason,
        at=payout.created_at,
        finished_at=payout.finished_at,
    )


def _check_amount(amount_minor: int, there_is: int) -> None:
    if amount_minor > there_is:
        raise ShopBalanceTooSmall(balance_minor=there_is)
    if amount_minor < LEAST_MINOR:
        raise PayoutTooSmall(least_minor=LEAST_MINOR, balance_minor=there_is)


async def _finish(database: Database, payout: Payout, card: Card, state: PayoutState, reason: str | None) -> Payout:
    now = clock.now()
    async with database.transaction() as tx:
        locked = await store.payout_locked(tx, payout.id)
        if locked.state is not PayoutState.PROCESSING:
            return locked
        await store.set_payout(tx, id=payout.id, state=state, reason=reason, at=now)
        told: dict[str, Any] = {
            "payout_id": payout.id,
            "shop_id": payout.shop_id,
            "amount_minor": payout.amount_minor,
            "automatic": payout.asked_by is None,
            "bank_name": card.bank_name,
            "last4": card.last4,
        }
        told_id = ids.leg(payout.id, rules.TOLD_LEG)
        if state is PayoutState.DONE:
            await tx.emit(PaidOut(**told), id=told_id)
        elif state is PayoutState.RETURNED:
            await tx.emit(PayoutReturned(**told, reason=reason or ""), id=told_id)
        elif payout.asked_by is None:
            # A refund was faster than the morning: what it left is paid out instead.
            morning = rules.latest_morning(clock.local(payout.created_at, town.current().time_zone))
            await store.look_again(tx, shop_id=payout.shop_id, morning=morning)
        return await store.payout_locked(tx, payout.id)
