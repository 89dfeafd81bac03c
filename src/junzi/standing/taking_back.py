"""Take a shop's code back, and reinstate it: by an operator, for a reason of a closed list, on record, with word to the owner.

A scan is refused from then on and open orders cannot be paid. Payments under way finish, what was received stays the shop's,
refunds and payouts go on. What binds us is written in docs/taking-back.md.
"""

from uuid import UUID

from junzi.kit import clock, idempotency, ids, text
from junzi.kit.database import Database
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import CodeWithdrawn
from junzi.operators import actions as operators
from junzi.standing import store
from junzi.standing.model import BARS_OWNER, LONGEST_OBJECTION, NewWithdrawal, NotWithdrawn, StandingChanged, What
from junzi.standing.review import shop_on_desk


async def take_back(database: Database, *, shop_id: UUID, operator_id: UUID, key: str, new: NewWithdrawal) -> None:
    """The shop's code takes no payments from here on. Raises `NotFound`, and `CodeWithdrawn` when it takes none already."""
    async with database.transaction() as tx:
        shop = await shop_on_desk(tx, shop_id)
        id = ids.new_id()
        body = {"shop_id": shop_id, "reason": new.reason, "case_number": new.case_number}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="standing.take_back", body=body, intent_id=id
        )
        if claimed != id:
            return
        if shop.withdrawn:
            raise CodeWithdrawn
        await store.insert_withdrawal(
            tx,
            id=id,
            shop_id=shop_id,
            reason=new.reason,
            case_number=new.case_number,
            by_id=operator_id,
            at=clock.now(),
        )
        await merchant_store.set_withdrawn(tx, id=shop_id, withdrawn=True, bars_owner=new.reason in BARS_OWNER)
        await operators.audit(tx, operator_id, "standing.code_withdrawn", body)
        await tx.emit(StandingChanged(shop_id=shop_id, what=What.WITHDRAWN, reason=new.reason))


async def reinstate(database: Database, *, shop_id: UUID, operator_id: UUID, key: str) -> None:
    """The shop's code takes payments again. Raises `NotFound`, `NotWithdrawn`."""
    async with database.transaction() as tx:
        shop = await shop_on_desk(tx, shop_id)
        id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="standing.reinstate", body={"shop_id": shop_id}, intent_id=id
        )
        if claimed != id:
            return
        withdrawal = await store.withdrawal(tx, shop_id)
        if withdrawal is None:
            raise NotWithdrawn
        assert shop.withdrawn, "a shop whose withdrawal stands is withdrawn"
        await store.reinstate(tx, id=withdrawal.id, by_id=operator_id, at=clock.now())
        await merchant_store.set_withdrawn(tx, id=shop_id, withdrawn=False)
        await operators.audit(tx, operator_id, "standing.code_reinstated", {"shop_id": shop_id})
        await tx.emit(StandingChanged(shop_id=shop_id, what=What.REINSTATED))


async def object_to(database: Database, *, shop_id: UUID, person_id: UUID, said: str) -> None:
    """What the owner says against it, which stands before the desk; said again, the latest word counts.

    Raises `NotFound`, `NotAllowed`, `NotWithdrawn`, `InvalidRequest`.
    """
    said = text.several_lines(said, field="text", least=1, most=LONGEST_OBJECTION)
    async with database.transaction() as tx:
        await merchants.access_shop(tx, shop_id, person_id)
        withdrawal = await store.withdrawal(tx, shop_id)
        if withdrawal is None:
            raise NotWithdrawn
        await store.object_to(tx, id=withdrawal.id, text=said)
