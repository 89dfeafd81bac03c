"""Commission by rule: promised when a shop that a promoter signed up stands, due by days or by different payers, paid once.

What is promised by a rule is never more than its budget: whoever promises holds the rule. A commission is paid from the
operator's account to the promoter's balance under an id that follows from the sign-up, repeatable from its row; not while the
shop's code is taken back, and not at all when the shop was closed before.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from junzi.contacts import store as contacts
from junzi.field import accounts
from junzi.field import commission_store as store
from junzi.field.commission_model import (
    Commission,
    CommissionState,
    NewCommissionRule,
    NoCommissionRule,
    Paid,
    ShownCommission,
)
from junzi.field.sign_up_model import ShopSignedUp
from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.merchants import store as merchants
from junzi.merchants.model import ShopState, card
from junzi.operators import actions as operators
from junzi.people.actions import persons_of
from junzi.wallet import accounts as wallet_accounts
from junzi.wallet import store as wallet
from junzi.wallet.model import Bill, BillKind, Counterparty

AGAIN_WHILE_WITHDRAWN = timedelta(days=1)

_paid = Point("field.commission.paid")


async def set_rule(database: Database, *, operator_id: UUID, key: str, new: NewCommissionRule) -> UUID:
    """What is promised from now on, in place of the rule before; a repeat with the same key sets nothing more.

    Raises `InvalidRequest`.
    """
    if new.after_days is None and new.payers is None:
        raise text.refused("after_days", "Say after how many days, or after how many payers.")
    if new.budget_minor < new.amount_minor:
        raise text.refused("budget_minor", "The budget is not enough for one shop.")
    async with database.transaction() as tx:
        rule_id, now = ids.new_id(), clock.now()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="field.commission_rule", body=new, intent_id=rule_id
        )
        if claimed == rule_id:
            await store.rule_locked(tx)
            await store.end_rule(tx, at=now)
            await store.insert_rule(tx, rule_id, new, by_id=operator_id, at=now)
            facts = {"rule_id": rule_id, "amount_minor": new.amount_minor, "budget_minor": new.budget_minor}
            facts |= {"after_days": new.after_days, "payers": new.payers}
            await operators.audit(tx, operator_id, "field.commission_set", facts)
    return claimed


async def end_rule(database: Database, *, operator_id: UUID) -> None:
    """Nothing is promised from now on; what was promised stays so. Raises `NoCommissionRule`."""
    async with database.transaction() as tx:
        rule = await store.rule_locked(tx)
        if rule is None:
            raise NoCommissionRule
        await store.end_rule(tx, at=clock.now())
        await operators.audit(tx, operator_id, "field.commission_ended", {"rule_id": rule[0]})


async def on_signed_up(database: Database, event: ShopSignedUp) -> None:
    """A shop stands: promise by the rule of now, if there is one, while its budget lasts. Again it changes nothing."""
    async with database.transaction() as tx:
        found = await store.rule_locked(tx)
        if found is None:
            return
        rule_id, rule = found
        now = clock.now()
        is_covered = await store.promised_by(tx, rule_id) + rule.amount_minor <= rule.budget_minor
        days = None if rule.after_days is None else timedelta(days=rule.after_days)
        promised = Commission(
            id=ids.derived(event.sign_up_id, "commission"),
            rule_id=rule_id,
            promoter_id=event.promoter_id,
            shop_id=event.shop_id,
            amount_minor=rule.amount_minor,
            state=CommissionState.PROMISED if is_covered else CommissionState.OVER_BUDGET,
            stands_on=None if days is None else town.business_date(now) + days,
            payers=rule.payers,
            promised_at=now,
            paid_at=None,
        )
        await store.insert_commission(tx, promised, sign_up_id=event.sign_up_id, owner_id=event.owner_id)


async def on_payments_made(database: Database, ledger: Ledger, paid: Sequence[Paid]) -> None:
    """People paid at shops: what is due by it is paid. Again it changes nothing.

    Who signed the shop up, their friends and its owner are no payers: they could pay for the sake of the commission.
    """
    async with database.transaction() as tx:
        waiting = await store.waiting_for_payers(tx, [shop_id for _, shop_id, _ in paid])
        here = [one for one in paid if one[1] in waiting and one[2] not in waiting[one[1]]]
        friends = {
            promoter_id: await contacts.friends_among(tx, promoter_id, [payer_id for _, _, payer_id in here])
            for promoter_id in {waiting[shop_id][0] for _, shop_id, _ in here}
        }
        here = [one for one in here if one[2] not in friends[waiting[one[1]][0]]]
        if not here:
            return
        due = await store.count_payments(tx, here, try_at=clock.now() + sweeping.FIRST)
    for commission_id in due:
        await run(database, ledger, commission_id)


async def on_payment_refunded(database: Database, paid: Paid) -> None:
    """A payment that was refunded, if only in part, counts no more. Again it changes nothing; what was paid by it stays paid."""
    async with database.transaction() as tx:
        await store.count_no_more(tx, paid)


async def run(database: Database, ledger: Ledger, commission_id: UUID) -> None:
    """Pay a commission that is due. Repeatable."""
    async with database.read() as reader:
        found = await store.commission(reader, commission_id)
        shop = None if found is None else await merchants.shop(reader, found.shop_id)
    if found is None or shop is None or found.state is not CommissionState.DUE:
        return
    if shop.withdrawn:
        async with database.transaction() as tx:
            await store.postpone_commission(tx, id=commission_id, try_at=clock.now() + AGAIN_WHILE_WITHDRAWN)
        return
    if shop.state is ShopState.CLOSED:
        await _settle(database, commission_id, CommissionState.LAPSED, card(shop).name)
        return
    await wallet_accounts.open_account(ledger, found.promoter_id)
    [result] = await ledger.create_transfers([accounts.paid(commission_id, found.promoter_id, found.amount_minor)])
    if not result.stands:
        raise AssertionError(f"the ledger refused a commission: {result.status.name}")
    _paid.passed()
    await _settle(database, commission_id, CommissionState.PAID, card(shop).name)


async def sweep(database: Database, ledger: Ledger) -> int:
    """Pay what is due by its day or was interrupted; returns how many were tried."""
    now = clock.now()
    async with database.transaction() as tx:
        await store.set_due_by_days(tx, town.business_date(now), try_at=now)
    return await sweeping.sweep(
        database, store.commissions_to_try, store.postpone_commission, lambda id: run(database, ledger, id)
    )


async def shown(reader: Reader, promoter_id: UUID | None) -> list[ShownCommission]:
    """Of one promoter or of all, the latest first; a discreet shop goes by its neutral name."""
    found = await store.commissions(reader, promoter_id)
    shops = await merchants.shops(reader, [one.shop_id for one in found])
    people = await persons_of(reader, list({one.promoter_id for one in found}))
    return [
        ShownCommission(
            one.id,
            people.get(one.promoter_id),
            card(shops[one.shop_id]).name,
            one.amount_minor,
            one.state,
            one.stands_on,
            one.payers,
            one.paid_there,
            one.promised_at,
            one.paid_at,
        )
        for one in found
    ]


async def _settle(database: Database, commission_id: UUID, state: CommissionState, shop_name: str) -> None:
    async with database.transaction() as tx:
        found = await store.commission_locked(tx, commission_id)
        if found is None or found.state is not CommissionState.DUE:
            return
        now = clock.now()
        await store.set_commission(tx, commission_id, state, paid_at=now if state is CommissionState.PAID else None)
        if state is CommissionState.PAID:
            bill = Bill(
                id=ids.leg(commission_id, accounts.PAID_LEG),
                kind=BillKind.COMMISSION,
                amount_minor=found.amount_minor,
                discount_minor=0,
                counterparty=Counterparty(name=town.current().name, picture="🤝"),
                note=shop_name,
                at=now,
                order_id=None,
                moves_balance=True,
            )
            await wallet.insert_bill(tx, person_id=found.promoter_id, bill=bill)
