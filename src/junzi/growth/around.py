"""What a figure was before something happened and after it: means over as many days, or hours, on both sides. Pure.

The day, or hour, in which it happened counts as after it. What is not over yet counts nowhere, and neither does what was before
the first day that anything is known of.
"""

from collections.abc import Mapping

DAYS, HOURS = 3, 3
"""How many there are on each side."""


def before_and_after(
    values: Mapping[int, float], at: int, *, each: int, first: int, until: int
) -> tuple[float | None, float | None]:
    """The two means, None where nothing counts.

    values: by the number of the day or hour, what is missing being 0; at: when it happened; first: the first one that anything is
    known of; until: the first one that is not over
    """
    return _mean(values, max(first, at - each), min(until, at)), _mean(values, max(first, at), min(until, at + each))


def _mean(values: Mapping[int, float], first: int, until: int) -> float | None:
    if until <= first:
        return None
    return sum(values.get(number, 0) for number in range(first, until)) / (until - first)
