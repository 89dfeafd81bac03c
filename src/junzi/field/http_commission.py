"""Commission: the operator's rule and books, the promoter's own."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import delete, get, post

from junzi.field import commission, commission_store
from junzi.field.commission_model import CommissionRule, NewCommissionRule, ShownCommission
from junzi.field.http import PROMOTER
from junzi.field.promoters import Promoter
from junzi.kit.database import Database
from junzi.operators.model import Operator


class Commissions(msgspec.Struct, frozen=True):
    commissions: list[ShownCommission]


class CommissionBooks(msgspec.Struct, frozen=True):
    rules: list[CommissionRule]
    commissions: list[ShownCommission]


class RuleSet(msgspec.Struct, frozen=True):
    id: UUID


@get("/api/field/commissions", summary="What I earned by shops that I signed up", tags=["field"], dependencies=PROMOTER)
async def list_my_commissions(promoter: Promoter, database: Database) -> Commissions:
    async with database.read() as reader:
        return Commissions(await commission.shown(reader, promoter.person_id))


@get("/api/ops/commissions", summary="What promoters earn and were paid", tags=["operator"])
async def list_commissions(operator: Operator, database: Database) -> CommissionBooks:
    async with database.read() as reader:
        return CommissionBooks(await commission_store.rules(reader), await commission.shown(reader, None))


@post("/api/ops/commissions", summary="Say what promoters earn from now on", tags=["operator"])
async def set_commission_rule(
    data: NewCommissionRule, operator: Operator, idempotency_key: str, database: Database
) -> RuleSet:
    return RuleSet(await commission.set_rule(database, operator_id=operator.person_id, key=idempotency_key, new=data))


@delete("/api/ops/commissions", summary="Promise nothing from now on", tags=["operator"], status_code=204)
async def end_commission_rule(operator: Operator, database: Database) -> None:
    await commission.end_rule(database, operator_id=operator.person_id)


ROUTES: list[Any] = [list_my_commissions, list_commissions, set_commission_rule, end_commission_rule]
