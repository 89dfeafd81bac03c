"""A shop's room for a business day as a ledger account, so that no race lets it receive more.

Room is counted in a ledger of its own: it is no money, and what it says of the day is over with the day. An account cannot be
overdrawn; a shop without a bound has none.
"""

from datetime import date
from uuid import UUID

from junzi.kit import ids
from junzi.ledger.model import Account, AccountFlags, Transfer

ROOM = 1001
"""The ledger in which room is counted, in minor units of the home currency."""

CODE_ALL_ROOM, CODE_ROOM = 5, 22
CODE_ALLOW, CODE_USE, CODE_GIVE_BACK = 50, 51, 52
USE_LEG, GIVE_BACK_LEG = 8, 9
"""Legs of a payment's id."""

_FIRST_RUNG_LEG = 2

ALL_ROOM = UUID("00000000-0000-7000-8000-000000000500")
"""Where room comes from and goes to."""


def source() -> Account:
    return Account(id=ALL_ROOM, ledger=ROOM, code=CODE_ALL_ROOM)


def room_id(shop_id: UUID, day: date) -> UUID:
    return ids.leg(_day(shop_id, day), 1)


def room(shop_id: UUID, day: date) -> Account:
    return Account(
        id=room_id(shop_id, day), ledger=ROOM, code=CODE_ROOM, flags=AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS
    )


def allow(shop_id: UUID, day: date, rungs: list[int]) -> list[Transfer]:
    """What puts a day's room there, a transfer a step; sent again, they change nothing."""
    return [
        _moved(
            ids.leg(_day(shop_id, day), _FIRST_RUNG_LEG + place), ALL_ROOM, room_id(shop_id, day), amount, CODE_ALLOW
        )
        for place, amount in enumerate(rungs)
    ]


def use(payment_id: UUID, shop_id: UUID, day: date, amount_minor: int) -> Transfer:
    return _moved(ids.leg(payment_id, USE_LEG), room_id(shop_id, day), ALL_ROOM, amount_minor, CODE_USE)


def give_back(payment_id: UUID, shop_id: UUID, day: date, amount_minor: int) -> Transfer:
    return _moved(ids.leg(payment_id, GIVE_BACK_LEG), ALL_ROOM, room_id(shop_id, day), amount_minor, CODE_GIVE_BACK)


def _moved(id: UUID, debit: UUID, credit: UUID, amount: int, code: int) -> Transfer:
    return Transfer(id=id, debit_account_id=debit, credit_account_id=credit, amount=amount, ledger=ROOM, code=code)


def _day(shop_id: UUID, day: date) -> UUID:
    return ids.derived(shop_id, f"room of {day}")
