"""The ledger accounts of a campaign, in money and in pieces.

Money goes from the operator's marketing account, and from a shop that pays a part, into the campaign's budget when it starts,
from the budget to what is outstanding when a coupon is given, and from there to a shop when it is redeemed, or back when it
expires or is withdrawn. Pieces go beside it in a ledger of their own: a piece that was given is given for good, so that redeemed,
expired and withdrawn ones have accounts to end in.
None of them can be overdrawn, so that no race gives a coupon too many.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from junzi.kit import ids, town
from junzi.ledger.model import Account, AccountFlags, Transfer, TransferFlags

CODE_MARKETING = 2
CODE_BUDGET = 30
CODE_OUTSTANDING = 31
MARKETING = UUID("00000000-0000-7000-8000-000000000200")
"""What the operator has spent on campaigns."""

PIECES = 1000
"""The ledger in which coupons are counted; those of money have their currency's number, which is below."""
CODE_ALL_PIECES = 3
CODE_BUDGET_PIECES = 32
CODE_OUTSTANDING_PIECES = 33
CODE_REDEEMED_PIECES = 34
CODE_EXPIRED_PIECES = 35
CODE_DAY = 36
CODE_WITHDRAWN_PIECES = 37
ALL_PIECES = UUID("00000000-0000-7000-8000-000000000300")
"""Where pieces come from and allowances go back to."""


def budget_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 1)


def outstanding_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 2)


def budget_pieces_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 5)


def outstanding_pieces_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 6)


def redeemed_pieces_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 7)


def expired_pieces_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 8)


def withdrawn_pieces_id(campaign_id: UUID) -> UUID:
    return ids.leg(campaign_id, 9)


def day_id(campaign_id: UUID, day: date) -> UUID:
    """What a campaign may still give on a business day."""
    return ids.leg(ids.derived(campaign_id, f"pieces of {day}"), 1)


def sources() -> list[Account]:
    """Where money and pieces of all campaigns come from."""
    return [
        Account(id=MARKETING, ledger=town.current().money.number, code=CODE_MARKETING),
        Account(id=ALL_PIECES, ledger=PIECES, code=CODE_ALL_PIECES),
    ]


def of_campaign(campaign_id: UUID) -> list[Account]:
    money = town.current().money.number
    return [
        _limited(budget_id(campaign_id), money, CODE_BUDGET),
        _limited(outstanding_id(campaign_id), money, CODE_OUTSTANDING),
        _limited(budget_pieces_id(campaign_id), PIECES, CODE_BUDGET_PIECES),
        _limited(outstanding_pieces_id(campaign_id), PIECES, CODE_OUTSTANDING_PIECES),
        _limited(redeemed_pieces_id(campaign_id), PIECES, CODE_REDEEMED_PIECES),
        _limited(expired_pieces_id(campaign_id), PIECES, CODE_EXPIRED_PIECES),
        _limited(withdrawn_pieces_id(campaign_id), PIECES, CODE_WITHDRAWN_PIECES),
    ]


def of_day(campaign_id: UUID, day: date) -> Account:
    return _limited(day_id(campaign_id, day), PIECES, CODE_DAY)


def money(id: UUID, debit: UUID, credit: UUID, amount: int, code: int) -> Transfer:
    """A transfer of minor units."""
    ledger = town.current().money.number
    return Transfer(id=id, debit_account_id=debit, credit_account_id=credit, amount=amount, ledger=ledger, code=code)


def pieces(id: UUID, debit: UUID, credit: UUID, amount: int, code: int) -> Transfer:
    """A transfer of pieces."""
    return Transfer(id=id, debit_account_id=debit, credit_account_id=credit, amount=amount, ledger=PIECES, code=code)


def chained(transfers: Sequence[Transfer]) -> list[Transfer]:
    """The transfers as one linked chain: all or none."""
    last = len(transfers)
    return [
        msgspec.structs.replace(one, flags=TransferFlags.NONE if place == last else TransferFlags.LINKED)
        for place, one in enumerate(transfers, start=1)
    ]


def _limited(id: UUID, ledger: int, code: int) -> Account:
    return Account(id=id, ledger=ledger, code=code, flags=AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
