"""What the other wallets do in the demo town, and with which wallet people pay: a simulated population.

Nobody's books know of a payment with another wallet. What our side could see is put on record by the real actions: a move in the
calendar when it begins, and at the end the scans that a promoter counts at each place.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from junzi.growth.calendar_model import MoveKind


class Wallet(Enum):
    OURS = "ours"
    THEIRS = "theirs"


class Push(NamedTuple):
    """starts: so many days before the present; lasts: days; face_minor, threshold_minor: of its coupon, 0 where it has none"""

    rival: str
    starts: int
    lasts: int
    kind: MoveKind
    face_minor: int = 0
    threshold_minor: int = 0
    burn_minor: int | None = None
    source: str = ""


PUSHES = (
    Push("Blue Wallet", 11, 3, MoveKind.COUPON, 600, 2000, 240_000, "面馆门口的海报"),
    Push("远帆支付", 7, 2, MoveKind.PACKET, 300, 0, 90_000, "顾客收到的短信"),
    Push("Blue Wallet", 5, 1, MoveKind.PRESSURE, source="麦田面包的老板转述"),
    Push("Blue Wallet", 3, 3, MoveKind.COUPON, 800, 2500, 400_000, "店里的易拉宝"),
)
CROWD = 40
"""People who pay with another wallet alone, each about once a day."""


def choose(*, ours: int | None, theirs: int | None, habit: Wallet) -> Wallet | None:
    """With which wallet somebody pays: the one whose coupon saves more, then the other one with a coupon, then out of habit.

    ours, theirs:  what the best coupon of each saves there in minor units, 0 for no coupon; None where that wallet is not taken.
    None: with cash
    """
    taken = {Wallet.OURS: ours, Wallet.THEIRS: theirs}
    offers = {wallet: saves for wallet, saves in taken.items() if saves is not None}
    most = max(offers.values(), default=0)
    best = [wallet for wallet, saves in offers.items() if saves == most > 0]
    if len(best) == 1:
        return best[0]
    return habit if habit in offers else next(iter(offers), None)


class Rivals:
    """today: of the town; scans: what was scanned of theirs today, by the number of the place"""

    def __init__(self, chance: random.Random, present: date) -> None:
        self._chance = chance
        self._present = present
        self.today = present
        self.scans: Counter[str] = Counter()

    def begin_day(self, today: date, places: Iterable[str]) -> list[Push]:
        """Another day, on which the crowd goes shopping at places that take theirs; returns what begins on it."""
        self.today = today
        self.scans = Counter(self._chance.choices(tuple(places), k=CROWD))
        return [push for push in PUSHES if self._first_day(push) == today]

    def saves(self, amount_minor: int, wallets: Collection[str]) -> int | None:
        """What the best coupon of these wallets saves today, of that sum; None where there is none of them.

        wallets: whose code hangs there
        """
        if not wallets:
            return None
        running = [
            one
            for one in PUSHES
            if one.rival in wallets
            and self._first_day(one) <= self.today < self._first_day(one) + timedelta(days=one.lasts)
        ]
        return max(
            (min(one.face_minor, amount_minor) for one in running if amount_minor >= one.threshold_minor), default=0
        )

    def _first_day(self, push: Push) -> date:
        return self._present - timedelta(days=push.starts)
