"""Every morning what a shop has goes to its bank account: once a business day, whatever is restarted, however late it gets."""

from datetime import datetime
from uuid import UUID

from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.kit import clock, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.merchants import accounts as merchant_accounts
from junzi.settlement import bank_account, payout, rules, store
from junzi.settlement.model import LEAST_MINOR

_decided = Point("settlement.morning.decided")


async def sweep(database: Database, ledger: Ledger, issuer: Issuer) -> int:
    """Pay out to the shops whose morning was not looked at yet; returns how many were looked at."""
    now = clock.now()
    morning = rules.latest_morning(clock.local(now, town.current().time_zone))
    async with database.read() as reader:
        due = await store.bank_accounts_due(reader, morning=morning, most=sweeping.MOST)
    return await sweeping.each(due, lambda shop_id: _pay_out(database, ledger, issuer, shop_id, now))


async def _pay_out(database: Database, ledger: Ledger, issuer: Issuer, shop_id: UUID, now: datetime) -> None:
    balance = await merchant_accounts.balance_minor(ledger, shop_id)
    payout_id = await _decide(database, shop_id, balance, now)
    if payout_id is not None:
        _decided.passed()
        await payout.run(database, ledger, issuer, payout_id)


async def _decide(database: Database, shop_id: UUID, balance: int, now: datetime) -> UUID | None:
    """The payout of that morning, intended; None when it was looked at before, or there is nothing to pay out or nowhere to."""
    local = clock.local(now, town.current().time_zone)
    morning = rules.latest_morning(local)
    async with database.transaction() as tx:
        account = await store.bank_account_locked(tx, shop_id)
        if account is None or not account.automatic or account.looked_on >= morning:
            return None
        card = await bank_store.card(tx, account.card_id)
        if card.state != bank_account.ACTIVE:
            await bank_account.lose(tx, account, card)
            return None
        await store.set_looked(tx, shop_id=shop_id, morning=morning)
        if balance < LEAST_MINOR:
            return None
        at = rules.morning_of(morning, local)
        payout_id = ids.derived_at(at, shop_id, f"payout of {morning}")
        tries = 1
        # One that a refund was faster than moved nothing, and its id is used up.
        while await store.payout(tx, payout_id) is not None:
            tries += 1
            payout_id = ids.derived_at(at, shop_id, f"payout of {morning}, try {tries}")
        await store.insert_payout(
            tx,
            id=payout_id,
            shop_id=shop_id,
            card_id=card.id,
            asked_by=None,
            amount_minor=balance,
            at=now,
            try_at=now + sweeping.FIRST,
        )
    return payout_id
