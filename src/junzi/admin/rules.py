"""What the ledger's balances say of a campaign. Pure: accounts in, sums out."""

from junzi.admin.model import CampaignMoney
from junzi.ledger.model import Account


def campaign_money(budget_minor: int, budget: Account | None, outstanding: Account | None) -> CampaignMoney:
    """Where the money of a campaign is, by its two accounts.

    What left the outstanding account went to shops or, from coupons that ran out or were worth more than the purchase, back
    to the budget. What the budget received beyond its first funding is that return. A campaign that is not funded has none.
    """
    if budget is None or outstanding is None or budget.credits_posted < budget_minor:
        return CampaignMoney(0, 0)
    returned = budget.credits_posted - budget_minor
    return CampaignMoney(
        outstanding_minor=outstanding.credits_posted - outstanding.debits_posted,
        redeemed_minor=outstanding.debits_posted - returned,
    )
