"""Take given coupons back, for cause: they count no more → money from outstanding back to the budget → withdrawn, and told.

What a payment holds or has used is not touched. Marked in one transaction with the intent, so that what is taken back is what
was there when the operator decided; the rest is gone through person by person: while the operator waits when it is of few, by
the sweep when it is of many, and after a crash.
"""

from uuid import UUID

from junzi.coupons import accounts, withdraw_store
from junzi.coupons.actions import access_campaign
from junzi.coupons.model import CampaignState, Coupon, CouponsWithdrawn, NewWithdrawal, Withdrawal
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, Transfer, chain_outcome
from junzi.operators import actions as operators
from junzi.people import actions as people

CODE_WITHDRAW, CODE_WITHDRAW_PIECE = 34, 35
RETURN_LEG, PIECE_LEG = 3, 4
"""Legs of a coupon's id; those before are its expiry's."""
MOST_PEOPLE, MOST_COUPONS = 200, 500
MOST_WAITED_FOR = 50
"""Of how many people coupons are taken back while the operator waits."""

_intended = Point("coupons.withdraw.intended")
_returned = Point("coupons.withdraw.returned")


async def withdraw(
    database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID, key: str, new: NewWithdrawal
) -> Withdrawal:
    """Take back what nothing holds; a repeat with the same key takes nothing more. Of many people it is still processing.

    Raises `NotFound` for a campaign or a handle that nobody has.
    """
    async with database.transaction() as tx:
        withdrawal_id = ids.new_id()
        body = {"campaign_id": campaign_id, "withdrawal": new}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="coupons.withdraw", body=body, intent_id=withdrawal_id
        )
        if claimed == withdrawal_id:
            campaign = await access_campaign(tx, campaign_id)
            if campaign.state is CampaignState.DRAFT:
                raise NotFound
            person_id = None if new.handle is None else (await people.person_by_handle(tx, new.handle)).id
            now = clock.now()
            await withdraw_store.insert_withdrawal(
                tx,
                id=withdrawal_id,
                campaign_id=campaign_id,
                person_id=person_id,
                reason=new.reason,
                by_id=operator_id,
                at=now,
                try_at=now + sweeping.FIRST,
            )
            pieces, amount_minor = await withdraw_store.mark(
                tx, withdrawal_id, campaign_id=campaign_id, person_id=person_id, at=now
            )
            facts = {
                "campaign_id": campaign_id,
                "person_id": person_id,
                "reason": new.reason,
                "pieces": pieces,
                "amount_minor": amount_minor,
            }
            await operators.audit(tx, operator_id, "coupons.withdrawn", facts)
    _intended.passed()
    async with database.read() as reader:
        if len(await withdraw_store.people_withdrawn_from(reader, claimed, most=MOST_WAITED_FOR + 1)) > MOST_WAITED_FOR:
            return await withdraw_store.withdrawal(reader, claimed)
    return await run(database, ledger, claimed)


async def run(database: Database, ledger: Ledger, withdrawal_id: UUID) -> Withdrawal:
    """Bring a withdrawal to its end. Repeatable."""
    async with database.read() as reader:
        withdrawal = await withdraw_store.withdrawal(reader, withdrawal_id)
        waiting = await withdraw_store.people_withdrawn_from(reader, withdrawal_id, most=MOST_PEOPLE)
    if withdrawal.state == "done":
        return withdrawal
    while waiting:
        for person_id in waiting:
            await _from_person(database, ledger, withdrawal, person_id)
        async with database.read() as reader:
            waiting = await withdraw_store.people_withdrawn_from(reader, withdrawal_id, most=MOST_PEOPLE)
    async with database.transaction() as tx:
        await withdraw_store.set_done(tx, withdrawal_id)
        return await withdraw_store.withdrawal(tx, withdrawal_id)


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish withdrawals that were interrupted; returns how many were tried."""
    return await sweeping.sweep(
        database,
        withdraw_store.withdrawals_to_try,
        withdraw_store.postpone_withdrawal,
        lambda id: run(database, ledger, id),
    )


async def _from_person(database: Database, ledger: Ledger, withdrawal: Withdrawal, person_id: UUID) -> None:
    async with database.read() as reader:
        coupons = await withdraw_store.withdrawing(reader, withdrawal.id, person_id, most=MOST_COUPONS)
    if not coupons:
        return
    transfers = [transfer for coupon in coupons for transfer in _transfers(coupon)]
    results = await ledger.create_transfers(transfers)
    for start in range(0, len(results), 2):
        outcome = chain_outcome(results[start : start + 2])
        if outcome not in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
            raise AssertionError(f"the ledger refused a withdrawal: {outcome.name}")
    _returned.passed()
    async with database.transaction() as tx:
        if await withdraw_store.set_withdrawn(tx, [coupon.id for coupon in coupons]):
            told = CouponsWithdrawn(
                campaign_id=withdrawal.campaign_id,
                title=coupons[0].title,
                person_id=person_id,
                pieces=len(coupons),
                # What is in a red packet is seen by whoever opens it, also when it is gone.
                amount_minor=sum(
                    coupon.amount_minor for coupon in coupons if not coupon.packet or coupon.opened_at is not None
                ),
                reason=withdrawal.reason,
            )
            await tx.emit(told, id=ids.derived(withdrawal.id, f"{person_id} from {coupons[0].id}"))


def _transfers(coupon: Coupon) -> list[Transfer]:
    campaign_id = coupon.campaign_id
    return accounts.chained(
        [
            accounts.money(
                ids.leg(coupon.id, RETURN_LEG),
                accounts.outstanding_id(campaign_id),
                accounts.budget_id(campaign_id),
                coupon.amount_minor,
                CODE_WITHDRAW,
            ),
            accounts.pieces(
                ids.leg(coupon.id, PIECE_LEG),
                accounts.outstanding_pieces_id(campaign_id),
                accounts.withdrawn_pieces_id(campaign_id),
                1,
                CODE_WITHDRAW_PIECE,
            ),
        ]
    )
