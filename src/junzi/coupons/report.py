"""What became of a campaign, for the operator."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from junzi.coupons import accounts, funding_store, rules
from junzi.coupons.actions import access_campaign
from junzi.kit import sql, table, town
from junzi.kit.database import Reader
from junzi.ledger.model import Account
from junzi.merchants import store as merchants
from junzi.merchants.model import card

MOST_SHOPS = 500

_q = sql.queries("junzi.coupons")


class CampaignSums(msgspec.Struct, frozen=True):
    """How often a campaign gave and how often that was redeemed, in pieces."""

    given: int
    redeemed: int


class ShopLine(msgspec.Struct, frozen=True):
    """What a campaign's coupons did at one shop."""

    shop_id: UUID
    redeemed: int
    redeemed_minor: int
    sales_minor: int
    name: str = ""
    picture: str = ""


class HourLine(msgspec.Struct, frozen=True):
    hour: int
    redeemed: int
    sales_minor: int


class FunderLine(msgspec.Struct, frozen=True):
    """What one who pays a campaign put in, got back, and has paid of what was redeemed. shop_id: None for the operator."""

    shop_id: UUID | None
    name: str
    funded_minor: int
    returned_minor: int
    redeemed_minor: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a campaign, in pieces and in money.

    given = redeemed + expired + withdrawn + outstanding, and
    given_minor = redeemed_minor + unused_minor + expired_minor + withdrawn_minor + outstanding_minor;
    claimed: how often somebody was given it; unused_minor: rests of coupons larger than their purchase; sales_minor: purchases
    with a coupon of it, before the coupon; new_payers: people who paid a shop for the first time with a coupon of it
    """

    given: int
    claimed: int
    redeemed: int
    expired: int
    withdrawn: int
    outstanding: int
    given_minor: int
    redeemed_minor: int
    unused_minor: int
    expired_minor: int
    withdrawn_minor: int
    outstanding_minor: int
    sales_minor: int
    new_payers: int
    by_shop: list[ShopLine]
    by_hour: list[HourLine]
    by_funder: list[FunderLine]


async def report(reader: Reader, campaign_id: UUID) -> Report:
    """Raises `NotFound`."""
    campaign = await access_campaign(reader, campaign_id)
    sums = dict(await _q.report(reader, id=campaign_id))
    shops = [sql.struct(ShopLine, row) async for row in _q.report_by_shop(reader, id=campaign_id, most=MOST_SHOPS)]
    zone = town.current().time_zone
    hours = [sql.struct(HourLine, row) async for row in _q.report_by_hour(reader, id=campaign_id, zone=zone)]
    funder_ids = [] if campaign.funder is None else [campaign.funder.shop_id]
    found = await merchants.shops(reader, [*(line.shop_id for line in shops), *funder_ids])
    # As customers know them: a discreet one by its neutral name.
    named = {id: card(shop) for id, shop in found.items()}
    funded = await funding_store.funded(reader, campaign_id)
    by_shop = rules.shop_part_of_redeemed(funded, sums["redeemed_minor"])
    funders = [
        FunderLine(
            None,
            town.current().name,
            funded.amount_minor - funded.shop_minor,
            funded.returned_minor - funded.shop_returned_minor,
            sums["redeemed_minor"] - by_shop,
        ),
        *(FunderLine(id, named[id].name, funded.shop_minor, funded.shop_returned_minor, by_shop) for id in funder_ids),
    ]
    return msgspec.convert(
        {
            **sums,
            "new_payers": await _q.new_payers(reader, id=campaign_id),
            "by_shop": [
                msgspec.structs.replace(line, name=named[line.shop_id].name, picture=named[line.shop_id].picture)
                for line in shops
            ],
            "by_hour": hours,
            "by_funder": funders,
        },
        Report,
    )


async def redeemed_minor(reader: Reader, campaign_ids: list[UUID]) -> dict[UUID, int]:
    """By campaign, what its coupons have paid; a campaign of which none was used is left out."""
    rows = _q.redeemed_of(reader, campaign_ids=campaign_ids)
    return {row["campaign_id"]: row["redeemed_minor"] async for row in rows}


def pieces(books: Mapping[UUID, Account], campaign_id: UUID) -> CampaignSums:
    """How many coupons a campaign gave and how many of them were redeemed, by its accounts of pieces.

    What was given is outstanding, redeemed, expired or withdrawn: the budget identity, whose accounts are kept with every coupon.
    """
    outstanding, redeemed, expired, withdrawn = (
        0 if account is None else account.credits_posted - account.debits_posted
        for account in (books.get(id) for id in piece_ids(campaign_id))
    )
    return CampaignSums(given=outstanding + redeemed + expired + withdrawn, redeemed=redeemed)


def piece_ids(campaign_id: UUID) -> tuple[UUID, UUID, UUID, UUID]:
    """The accounts in which pieces that were given are: outstanding, redeemed, expired, withdrawn."""
    return (
        accounts.outstanding_pieces_id(campaign_id),
        accounts.redeemed_pieces_id(campaign_id),
        accounts.expired_pieces_id(campaign_id),
        accounts.withdrawn_pieces_id(campaign_id),
    )


def as_csv(report: Report) -> str:
    """The report as CSV: the whole, by funder, by shop and by hour, one below the other."""
    currency = town.current().money

    def row(
        part: str, of: str = "", pieces: int | None = None, minor: int | None = None, sales_minor: int | None = None
    ) -> list[object]:
        amounts = ("" if each is None else table.plain(each, currency) for each in (minor, sales_minor))
        return [part, table.words(of), "" if pieces is None else pieces, *amounts, currency.code]

    return table.table(
        [
            ["part", "of", "pieces", "amount", "sales", "currency"],
            row("claimed", pieces=report.claimed),
            row("given", pieces=report.given, minor=report.given_minor),
            row("redeemed", "", report.redeemed, report.redeemed_minor, report.sales_minor),
            row("unused rests", minor=report.unused_minor),
            row("expired", pieces=report.expired, minor=report.expired_minor),
            row("withdrawn", pieces=report.withdrawn, minor=report.withdrawn_minor),
            row("outstanding", pieces=report.outstanding, minor=report.outstanding_minor),
            row("new payers", pieces=report.new_payers),
            *(row("funded by", one.name, minor=one.funded_minor) for one in report.by_funder),
            *(row("returned to", one.name, minor=one.returned_minor) for one in report.by_funder),
            *(row("redeemed, paid by", one.name, minor=one.redeemed_minor) for one in report.by_funder),
            *(row("at", one.name, one.redeemed, one.redeemed_minor, one.sales_minor) for one in report.by_shop),
            *(
                row("in the hour", f"{one.hour:02}:00", one.redeemed, sales_minor=one.sales_minor)
                for one in report.by_hour
            ),
        ]
    )
