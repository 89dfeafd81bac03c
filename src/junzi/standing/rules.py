"""What a shop may receive a business day, and what its moving seal shows at a time. Pure."""

import hmac
import math
from datetime import datetime
from uuid import UUID

from junzi.standing.model import Distance, Frame, Position, Tier

LADDER = {
    "CNY": (200_000, 2_000_000, 20_000_000),
    "EUR": (30_000, 300_000, 3_000_000),
    "USD": (30_000, 300_000, 3_000_000),
    "JPY": (40_000, 400_000, 4_000_000),
    "KWD": (80_000, 800_000, 8_000_000),
}
"""By currency, what a new, a small and a large shop may receive a day, in minor units."""

SLOT_MS = 3_000
"""How long a frame of the seal is shown: long enough to compare two screens, short enough that a picture of one is old."""

SIGNS, SIGNS_SHOWN, HUES = 12, 3, 12

FAR_KM = 2.0
"""From here on a scan is far from its shop, surely: what rounding both places may hide is added to it."""

_ROUNDED_AWAY_KM = 0.9
_EARTH_KM = 6371.0

_RUNGS = (Tier.NEW, Tier.SMALL, Tier.LARGE)


def limit_minor(tier: Tier, currency: str) -> int | None:
    """What a shop of that tier may receive a business day; None for no bound."""
    return None if tier is Tier.UNLIMITED else LADDER[currency][_RUNGS.index(tier)]


def rungs(limit_minor: int, currency: str) -> list[int]:
    """The limit as steps from tier to tier.

    A day's room is put into the ledger step by step, each under an id of its own, so that a shop whose limit is raised at noon is
    given the difference and whatever is sent twice is given once.
    """
    steps, below = [], 0
    for step in LADDER[currency]:
        if step > limit_minor:
            break
        steps.append(step - below)
        below = step
    return steps


def slot_of(at: datetime) -> int:
    """The number of the frame that is shown at that moment."""
    return int(at.timestamp() * 1000) // SLOT_MS


def frame(secret: bytes, shop_id: UUID, slot: int) -> Frame:
    """What a shop's seal shows in that slot: signs, all different, and a colour. HMAC-SHA256, as RFC 2104 has it."""
    drawn = hmac.digest(secret, shop_id.bytes + slot.to_bytes(8, "big"), "sha256")
    left = list(range(SIGNS))
    signs = [
        left.pop(int.from_bytes(drawn[4 * place : 4 * place + 4], "big") % len(left)) for place in range(SIGNS_SHOWN)
    ]
    return Frame(signs, int.from_bytes(drawn[12:16], "big") % HUES)


def coarse(position: Position) -> Position:
    """A phone's position to a hundredth of a degree, about a kilometre: more is not needed and so not used."""
    return Position(round(position.latitude_e3, -1), round(position.longitude_e3, -1))


def kilometres(one: Position, other: Position) -> float:
    """The distance on the great circle between two places (haversine)."""
    above, below = math.radians(one.latitude_e3 / 1000), math.radians(other.latitude_e3 / 1000)
    across = math.radians((other.longitude_e3 - one.longitude_e3) / 1000)
    half = math.sin((below - above) / 2) ** 2 + math.cos(above) * math.cos(below) * math.sin(across / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def distance(far_km: float) -> Distance | None:
    """How far that is from a shop, or None when it is near enough to be at it."""
    if far_km < FAR_KM + _ROUNDED_AWAY_KM:
        return None
    return Distance.UNDER_10 if far_km < 10 else Distance.UNDER_100 if far_km < 100 else Distance.OVER_100
