"""What two accounts say of a campaign's money."""

from uuid import UUID

import pytest

from junzi.admin.model import CampaignMoney
from junzi.admin.rules import campaign_money
from junzi.ledger.model import Account


def account(*, debits: int, credits: int) -> Account:
    return Account(id=UUID(int=1), ledger=156, code=30, debits_posted=debits, credits_posted=credits)


@pytest.mark.parametrize(
    ("what", "budget", "outstanding", "expected"),
    [
        ("nothing given", (0, 1_000), (0, 0), (0, 0)),
        ("given and held", (300, 1_000), (0, 300), (300, 0)),
        ("redeemed", (300, 1_000), (300, 300), (0, 300)),
        ("ran out: back in the budget", (300, 1_300), (300, 300), (0, 0)),
        ("redeemed in part, the rest back", (300, 1_100), (300, 300), (0, 200)),
        ("of everything something", (1_000, 1_250), (650, 1_000), (350, 400)),
        ("not funded yet", (0, 0), (0, 0), (0, 0)),
    ],
)
def test_money_is_outstanding_redeemed_or_returned(
    what: str, budget: tuple[int, int], outstanding: tuple[int, int], expected: tuple[int, int]
) -> None:
    told = campaign_money(
        1_000,
        account(debits=budget[0], credits=budget[1]),
        account(debits=outstanding[0], credits=outstanding[1]),
    )
    assert told == CampaignMoney(*expected), what


def test_a_campaign_without_accounts_has_no_money_anywhere() -> None:
    assert campaign_money(1_000, None, None) == CampaignMoney(0, 0)
