"""The operator's lists."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter

from junzi.admin import actions, books, fees
from junzi.admin.fees import AgreementLine, FeeLine, PayoutLine
from junzi.admin.model import CampaignLine, PaymentLine
from junzi.kit.database import Database
from junzi.ledger import Ledger
from junzi.merchants import agreement
from junzi.merchants.agreement_model import NewAgreement
from junzi.operators.model import Operator


class PaymentLines(msgspec.Struct, frozen=True):
    payments: list[PaymentLine]


class CampaignLines(msgspec.Struct, frozen=True):
    campaigns: list[CampaignLine]


class PayoutLines(msgspec.Struct, frozen=True):
    payouts: list[PayoutLine]


class FeeLines(msgspec.Struct, frozen=True):
    shops: list[FeeLine]
    more: bool


class AgreementLines(msgspec.Struct, frozen=True):
    agreements: list[AgreementLine]


@get("/api/ops/payments", summary="The newest payments of all shops", tags=["operator"])
async def list_payments(
    database: Database, operator: Operator, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> PaymentLines:
    return PaymentLines(await actions.latest_payments(database, limit=limit))


@get("/api/ops/campaigns", summary="Campaigns and where their money is", tags=["operator"])
async def list_campaigns(database: Database, ledger: Ledger, operator: Operator) -> CampaignLines:
    return CampaignLines(await actions.campaigns(database, ledger))


@get("/api/ops/payouts", summary="The newest payouts of all shops", tags=["operator"])
async def list_payouts(
    database: Database, operator: Operator, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> PayoutLines:
    return PayoutLines(await fees.payouts(database, limit=limit))


@get("/api/ops/fees", summary="Shops, the newest first, and what they pay of their payments", tags=["operator"])
async def list_fees(
    database: Database,
    operator: Operator,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=fees.MOST_SHOPS)] = 50,
) -> FeeLines:
    return FeeLines(*await fees.fees(database, before=before, limit=limit))


@get("/api/ops/fees/{shop_id:uuid}/agreements", summary="What was agreed on with a shop", tags=["operator"])
async def list_agreements(shop_id: UUID, database: Database, operator: Operator) -> AgreementLines:
    return AgreementLines(await fees.agreements(database, shop_id))


@post("/api/ops/fees/{shop_id:uuid}/agreements", summary="Agree on what a shop pays", tags=["operator"])
async def make_agreement(
    shop_id: UUID, data: NewAgreement, operator: Operator, idempotency_key: str, database: Database
) -> AgreementLine:
    """From now, or from the beginning of a later day, on; payments that are under way keep what was valid before."""
    made = await agreement.agree(
        database, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key, new=data
    )
    return await fees.line(database, made)


ROUTES: list[Any] = [
    list_payments,
    list_campaigns,
    list_payouts,
    list_fees,
    list_agreements,
    make_agreement,
    *books.ROUTES,
]
