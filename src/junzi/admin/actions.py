"""What the operator is shown, composed from the rooms below. A fixed number of queries each."""

from junzi.admin import rules
from junzi.admin.model import CampaignLine, PaymentLine
from junzi.checkout import store as checkout
from junzi.coupons import accounts
from junzi.coupons import report as reports
from junzi.coupons import store as coupons
from junzi.kit.database import Database
from junzi.ledger import Ledger
from junzi.merchants import store as merchants
from junzi.merchants.model import card
from junzi.people.actions import persons_of

MOST_CAMPAIGNS = 100


async def latest_payments(database: Database, *, limit: int) -> list[PaymentLine]:
    """The newest payments of all shops, the newest first. Three queries."""
    async with database.read() as reader:
        payments = await checkout.latest_payments(reader, limit)
        payers = await persons_of(reader, (payment.payer_id for payment in payments))
        known = await merchants.shops(reader, list({payment.shop_id for payment in payments}))
        shops = {id: card(shop) for id, shop in known.items()}
    return [
        PaymentLine(
            id=payment.id,
            number=payment.number,
            payer=payers[payment.payer_id],
            shop_name=shops[payment.shop_id].name,
            picture=shops[payment.shop_id].picture,
            amount_minor=payment.amount_minor,
            coupon_minor=payment.coupon_minor,
            funding=payment.funding,
            state=payment.state,
            at=payment.created_at,
        )
        for payment in payments
    ]


async def campaigns(database: Database, ledger: Ledger) -> list[CampaignLine]:
    """The newest campaigns with their money and pieces by the ledger, the newest first. A query and a look-up. Raises `Busy`."""
    async with database.read() as reader:
        found = await coupons.campaigns(reader, most=MOST_CAMPAIGNS)
    # Outside the reading: the ledger has connections of its own.
    money_ids = [of(campaign.id) for campaign in found for of in (accounts.budget_id, accounts.outstanding_id)]
    ids = [*money_ids, *(id for campaign in found for id in reports.piece_ids(campaign.id))]
    books = {account.id: account for account in await ledger.lookup_accounts(ids)}
    lines = []
    for campaign in found:
        sums = reports.pieces(books, campaign.id)
        money = rules.campaign_money(
            campaign.budget_minor,
            books.get(accounts.budget_id(campaign.id)),
            books.get(accounts.outstanding_id(campaign.id)),
        )
        lines.append(
            CampaignLine(
                id=campaign.id,
                title=campaign.title,
                state=campaign.state,
                budget_minor=campaign.budget_minor,
                outstanding_minor=money.outstanding_minor,
                redeemed_minor=money.redeemed_minor,
                given=sums.given,
                redeemed=sums.redeemed,
            )
        )
    return lines
