"""What a shop may receive a business day. Pure."""

from junzi.standing.model import Tier

LADDER = {
    "CNY": (200_000, 2_000_000, 20_000_000),
    "EUR": (30_000, 300_000, 3_000_000),
    "USD": (30_000, 300_000, 3_000_000),
    "JPY": (40_000, 400_000, 4_000_000),
    "KWD": (80_000, 800_000, 8_000_000),
}
"""By currency, what a new, a small and a large shop may receive a day, in minor units."""

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
