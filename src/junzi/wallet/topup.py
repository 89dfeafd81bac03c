"""Top up: intent → card debit → ledger → outcome. Repeatable from the intent row.

The balance is credited only after the issuer said that the card was debited. Without an answer the top-up stays "processing"
and is asked about again, by the person who looks, by the sweep, or when the issuer sends word.
"""

from uuid import UUID

from junzi.bank import accounts as bank_accounts
from junzi.bank import debit as bank_debit
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import Card, CardNotFound, DebitState
from junzi.kit import clock, idempotency, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import Transfer as LedgerTransfer
from junzi.people.model import PinKey
from junzi.people.pin import verify_pin
from junzi.wallet import accounts, store
from junzi.wallet.model import (
    Bill,
    BillKind,
    Counterparty,
    NewTopUp,
    ToppedUp,
    TopUp,
    TopUpRefused,
    TopUpState,
)

CODE_TOPUP = 1
"""The ledger's code of transfers that a top-up made."""

DEBIT_LEG, CREDIT_LEG, EVENT_LEG = 1, 2, 3

_intended = Point("wallet.topup.intended")
_debited = Point("wallet.topup.debited")
_credited = Point("wallet.topup.credited")


async def top_up(
    database: Database, ledger: Ledger, issuer: Issuer, pin_key: PinKey, *, person_id: UUID, key: str, new: NewTopUp
) -> TopUp:
    """Move money from the person's card to the balance; a repeat with the same key goes on with the same top-up.

    Raises `CardNotFound` and what `verify_pin` raises.
    """

    async def check() -> None:
        async with database.read() as reader:
            if await bank_store.card_of(reader, id=new.card_id, person_id=person_id) is None:
                raise CardNotFound
        await verify_pin(database, pin_key, person_id, new.pin)

    await idempotency.check_once(database, person_id=person_id, key=key, check=check)
    async with database.transaction() as tx:
        topup_id, now = ids.new_id(), clock.now()
        body = {"card_id": new.card_id, "amount_minor": new.amount_minor}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="wallet.topup", body=body, intent_id=topup_id
        )
        if claimed == topup_id:
            await store.insert_topup(
                tx,
                id=topup_id,
                person_id=person_id,
                card_id=new.card_id,
                amount_minor=new.amount_minor,
                at=now,
                try_at=now + sweeping.FIRST,
            )
    _intended.passed()
    return await run(database, ledger, issuer, claimed)


async def run(database: Database, ledger: Ledger, issuer: Issuer, topup_id: UUID) -> TopUp:
    """Bring a top-up as far as the issuer's answers allow."""
    async with database.read() as reader:
        topup = await store.topup(reader, topup_id)
        if topup is None:
            raise NotFound
        card = await bank_store.card(reader, topup.card_id)
    if topup.state is not TopUpState.PROCESSING:
        return topup
    debit = await bank_debit.debit(
        database,
        issuer,
        id=ids.leg(topup_id, DEBIT_LEG),
        card_id=topup.card_id,
        amount_minor=topup.amount_minor,
        text=town.current().name,
    )
    if debit.state is DebitState.ASKED:
        return topup
    if debit.state is DebitState.DECLINED:
        return await _refused(database, topup, debit.reason or "declined")
    _debited.passed()
    await accounts.open_account(ledger, topup.person_id)
    [result] = await ledger.create_transfers(
        [
            LedgerTransfer(
                id=ids.leg(topup_id, CREDIT_LEG),
                debit_account_id=bank_accounts.BANK,
                credit_account_id=accounts.balance_id(topup.person_id),
                amount=topup.amount_minor,
                ledger=town.current().money.number,
                code=CODE_TOPUP,
            )
        ]
    )
    if not result.stands:
        raise AssertionError(f"the ledger refused a top-up: {result.status.name}")
    _credited.passed()
    return await _succeeded(database, topup, card)


async def topup_of(database: Database, ledger: Ledger, issuer: Issuer, *, topup_id: UUID, person_id: UUID) -> TopUp:
    """The person's top-up, asked about once more while it is processing. Raises `NotFound`."""
    async with database.read() as reader:
        topup = await store.topup(reader, topup_id)
    if topup is None or topup.person_id != person_id:
        raise NotFound
    return await run(database, ledger, issuer, topup_id)


async def sweep(database: Database, ledger: Ledger, issuer: Issuer) -> int:
    """Go on with top-ups that were interrupted or not answered; returns how many were tried."""
    return await sweeping.sweep(
        database, store.topups_to_try, store.postpone_topup, lambda id: run(database, ledger, issuer, id)
    )


async def _succeeded(database: Database, topup: TopUp, card: Card) -> TopUp:
    async with database.transaction() as tx:
        locked = await store.topup_locked(tx, topup.id)
        if locked.state is not TopUpState.PROCESSING:
            return locked
        await store.set_topup(tx, id=topup.id, state=TopUpState.SUCCEEDED, reason=None)
        await store.insert_bill(
            tx,
            person_id=topup.person_id,
            bill=Bill(
                id=ids.leg(topup.id, CREDIT_LEG),
                kind=BillKind.TOPUP,
                amount_minor=topup.amount_minor,
                discount_minor=0,
                counterparty=Counterparty(name=f"{card.bank_name} {card.last4}", picture="🏦"),
                note="",
                at=clock.now(),
                order_id=None,
                moves_balance=True,
            ),
        )
        await tx.emit(
            ToppedUp(
                topup_id=topup.id,
                person_id=topup.person_id,
                amount_minor=topup.amount_minor,
                bank_name=card.bank_name,
                last4=card.last4,
            ),
            id=ids.leg(topup.id, EVENT_LEG),
        )
        return await store.topup_locked(tx, topup.id)


async def _refused(database: Database, topup: TopUp, reason: str) -> TopUp:
    async with database.transaction() as tx:
        locked = await store.topup_locked(tx, topup.id)
        if locked.state is not TopUpState.PROCESSING:
            return locked
        await store.set_topup(tx, id=topup.id, state=TopUpState.REFUSED, reason=reason)
        await tx.emit(
            TopUpRefused(topup_id=topup.id, person_id=topup.person_id, amount_minor=topup.amount_minor, reason=reason),
            id=ids.leg(topup.id, EVENT_LEG),
        )
        return await store.topup_locked(tx, topup.id)
