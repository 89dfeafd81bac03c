"""The operator's lists."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter

from junzi.admin import actions
from junzi.admin.model import CampaignLine, PaymentLine
from junzi.kit.database import Database
from junzi.ledger import Ledger
from junzi.operators.model import Operator


class PaymentLines(msgspec.Struct, frozen=True):
    payments: list[PaymentLine]


class CampaignLines(msgspec.Struct, frozen=True):
    campaigns: list[CampaignLine]


@get("/api/ops/payments", summary="The newest payments of all shops", tags=["operator"])
async def list_payments(
    database: Database, operator: Operator, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> PaymentLines:
    return PaymentLines(await actions.latest_payments(database, limit=limit))


@get("/api/ops/campaigns", summary="Campaigns and where their money is", tags=["operator"])
async def list_campaigns(database: Database, ledger: Ledger, operator: Operator) -> CampaignLines:
    return CampaignLines(await actions.campaigns(database, ledger))


ROUTES: list[Any] = [list_payments, list_campaigns]
