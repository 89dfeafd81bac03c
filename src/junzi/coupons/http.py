"""A person's coupons, what they may ask for, and the operator's campaigns."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Parameter

from junzi.coupons import actions, claim, funding_store, life, shares, withdraw, withdraw_store
from junzi.coupons import report as reports
from junzi.coupons.claim import Gift
from junzi.coupons.co_funding import Share, ShownCampaign, ShownShare
from junzi.coupons.give import Giving
from junzi.coupons.model import (
    MOST_HANDLES,
    CampaignChange,
    Claim,
    Claimable,
    NewCampaign,
    NewWithdrawal,
    ShownCoupon,
    Withdrawal,
)
from junzi.coupons.report import Report
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.operators.model import Operator
from junzi.people import actions as people
from junzi.people.model import SignedIn

OPS = "/api/ops/campaigns"


class Coupons(msgspec.Struct):
    coupons: list[ShownCoupon]


class Claimables(msgspec.Struct):
    campaigns: list[Claimable]


class Shares(msgspec.Struct):
    shares: list[Share]


class ShownShares(msgspec.Struct):
    shares: list[ShownShare]


class Withdrawals(msgspec.Struct):
    withdrawals: list[Withdrawal]


class Handles(msgspec.Struct):
    handles: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\ud800-\udfff]*$")]],
        msgspec.Meta(min_length=1, max_length=MOST_HANDLES),
    ]


@get("/api/coupons")
async def list_coupons(
    person: SignedIn,
    database: Database,
    wanted: Annotated[Literal["available", "redeemed", "expired"], Parameter(query="state")] = "available",
) -> Coupons:
    async with database.read() as reader:
        return Coupons(await actions.coupons_of(reader, person.person_id, wanted))


@get("/api/campaigns", summary="Coupons I may ask for", tags=["coupons"])
async def list_claimable(person: SignedIn, database: Database) -> Claimables:
    return Claimables(await claim.claimable(database, person.person_id))


@post("/api/campaigns/{campaign_id:uuid}/claims", summary="Ask for a campaign's coupons", tags=["coupons"])
async def make_claim(campaign_id: UUID, person: SignedIn, idempotency_key: str, giving: Giving) -> Claim:
    return await claim.claim(giving, campaign_id=campaign_id, person_id=person.person_id, key=idempotency_key)


@post("/api/packets/{coupon_id:uuid}/opening", summary="Open a red packet", tags=["coupons"])
async def open_packet(coupon_id: UUID, person: SignedIn, database: Database) -> ShownCoupon:
    return await actions.open_packet(database, coupon_id=coupon_id, person_id=person.person_id)


@post(OPS, summary="Draft a campaign", tags=["operator"])
async def draft_campaign(
    data: NewCampaign, operator: Operator, idempotency_key: str, database: Database
) -> ShownCampaign:
    campaign_id = await life.draft(database, operator_id=operator.person_id, key=idempotency_key, new=data)
    return await _shown(database, campaign_id)


@get(OPS + "/{campaign_id:uuid}", summary="One campaign, all of it", tags=["operator"])
async def show_campaign(campaign_id: UUID, operator: Operator, database: Database) -> ShownCampaign:
    return await _shown(database, campaign_id)


@patch(OPS + "/{campaign_id:uuid}", summary="Raise its budget, make its end later", tags=["operator"])
async def change_campaign(
    campaign_id: UUID, data: CampaignChange, operator: Operator, database: Database, ledger: Ledger
) -> ShownCampaign:
    await life.change(database, ledger, campaign_id=campaign_id, operator_id=operator.person_id, change=data)
    return await _shown(database, campaign_id)


@post(OPS + "/{campaign_id:uuid}/approvals", summary="Approve what somebody else drafted", tags=["operator"])
async def approve_campaign(campaign_id: UUID, operator: Operator, database: Database, ledger: Ledger) -> ShownCampaign:
    await life.approve(database, ledger, campaign_id=campaign_id, operator_id=operator.person_id)
    return await _shown(database, campaign_id)


@post(OPS + "/{campaign_id:uuid}/pauses", summary="Give nothing for now", tags=["operator"])
async def pause_campaign(campaign_id: UUID, operator: Operator, database: Database) -> ShownCampaign:
    await life.pause(database, campaign_id=campaign_id, operator_id=operator.person_id)
    return await _shown(database, campaign_id)


@post(OPS + "/{campaign_id:uuid}/resumptions", summary="Give again", tags=["operator"])
async def resume_campaign(campaign_id: UUID, operator: Operator, database: Database) -> ShownCampaign:
    await life.resume(database, campaign_id=campaign_id, operator_id=operator.person_id)
    return await _shown(database, campaign_id)


@post(OPS + "/{campaign_id:uuid}/ends", summary="End it; the rest of the budget goes back", tags=["operator"])
async def end_campaign(campaign_id: UUID, operator: Operator, database: Database, ledger: Ledger) -> ShownCampaign:
    await life.end(database, ledger, campaign_id=campaign_id, operator_id=operator.person_id)
    return await _shown(database, campaign_id)


@post(OPS + "/{campaign_id:uuid}/gifts", summary="Give to a list of handles", tags=["operator"])
async def give_campaign(
    campaign_id: UUID,
    data: Handles,
    operator: Operator,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
) -> Gift:
    return await claim.give_to_list(
        database,
        ledger,
        campaign_id=campaign_id,
        operator_id=operator.person_id,
        key=idempotency_key,
        handles=data.handles,
    )


@get(OPS + "/{campaign_id:uuid}/report", summary="What became of a campaign", tags=["operator"])
async def report_campaign(campaign_id: UUID, operator: Operator, database: Database) -> Report:
    async with database.read() as reader:
        return await reports.report(reader, campaign_id)


@get(OPS + "/{campaign_id:uuid}/report.csv", summary="The same as CSV", tags=["operator"])
async def report_campaign_csv(campaign_id: UUID, operator: Operator, database: Database) -> Response[str]:
    async with database.read() as reader:
        text = reports.as_csv(await reports.report(reader, campaign_id))
    headers = {"content-disposition": f'attachment; filename="campaign-{campaign_id}.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


@get(OPS + "/{campaign_id:uuid}/shares", summary="What its shop was asked to pay", tags=["operator"])
async def list_campaign_shares(campaign_id: UUID, operator: Operator, database: Database) -> Shares:
    async with database.read() as reader:
        await actions.access_campaign(reader, campaign_id)
        return Shares(await funding_store.shares_of_campaign(reader, campaign_id))


@post(OPS + "/{campaign_id:uuid}/withdrawals", summary="Take given coupons back, for cause", tags=["operator"])
async def withdraw_coupons(
    campaign_id: UUID,
    data: NewWithdrawal,
    operator: Operator,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
) -> Withdrawal:
    return await withdraw.withdraw(
        database, ledger, campaign_id=campaign_id, operator_id=operator.person_id, key=idempotency_key, new=data
    )


@get(OPS + "/{campaign_id:uuid}/withdrawals", summary="What was taken back of a campaign", tags=["operator"])
async def list_withdrawals(campaign_id: UUID, operator: Operator, database: Database) -> Withdrawals:
    async with database.read() as reader:
        await actions.access_campaign(reader, campaign_id)
        return Withdrawals(await withdraw_store.withdrawals(reader, campaign_id))


@get("/api/shops/{shop_id:uuid}/shares", summary="What my shop is asked to pay of campaigns", tags=["coupons"])
async def list_shares(shop_id: UUID, person: SignedIn, database: Database) -> ShownShares:
    return ShownShares(await shares.shares(database, shop_id=shop_id, person_id=person.person_id))


@post("/api/shops/{shop_id:uuid}/shares/{share_id:uuid}/agreements", summary="Agree to pay it", tags=["coupons"])
async def agree_to_share(
    shop_id: UUID, share_id: UUID, person: SignedIn, database: Database, ledger: Ledger
) -> ShownShares:
    await shares.agree(database, ledger, share_id=share_id, shop_id=shop_id, person_id=person.person_id)
    return ShownShares(await shares.shares(database, shop_id=shop_id, person_id=person.person_id))


@post("/api/shops/{shop_id:uuid}/shares/{share_id:uuid}/declines", summary="Decline to pay it", tags=["coupons"])
async def decline_share(shop_id: UUID, share_id: UUID, person: SignedIn, database: Database) -> ShownShares:
    await shares.decline(database, share_id=share_id, shop_id=shop_id, person_id=person.person_id)
    return ShownShares(await shares.shares(database, shop_id=shop_id, person_id=person.person_id))


async def _shown(database: Database, campaign_id: UUID) -> ShownCampaign:
    async with database.read() as reader:
        campaign = await actions.access_campaign(reader, campaign_id)
        asked = await funding_store.raise_asked(reader, campaign_id)
        found = await people.persons_of(reader, [asked.asked_by]) if asked else {}
    asker = next((person.name for person in found.values()), "")
    return ShownCampaign(**msgspec.structs.asdict(campaign), raise_asked=asked, asker=asker)


ROUTES: list[Any] = [
    list_coupons,
    list_claimable,
    make_claim,
    open_packet,
    draft_campaign,
    show_campaign,
    change_campaign,
    approve_campaign,
    pause_campaign,
    resume_campaign,
    end_campaign,
    give_campaign,
    report_campaign,
    report_campaign_csv,
    list_campaign_shares,
    withdraw_coupons,
    list_withdrawals,
    list_shares,
    agree_to_share,
    decline_share,
]
