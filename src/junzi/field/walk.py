"""In which order places are walked: the nearest next, then straightened while that makes it shorter. Pure.

Nearest neighbour and 2-opt: G. A. Croes, "A method for solving traveling-salesman problems", Operations Research 6 (1958).
The way is open: it begins where it is begun and ends anywhere.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians

from junzi.field.model import Position

METRES_A_DEGREE = 111_195
"""Of latitude, on a sphere of 6,371 km."""


def narrow_at(position: Position) -> float:
    """How long a degree of longitude is there, in degrees of latitude."""
    return max(0.01, cos(radians(position.latitude_e6 / 1e6)))


def metres(one: Position, other: Position) -> float:
    """Between two positions of one town, as the crow flies."""
    middle = Position((one.latitude_e6 + other.latitude_e6) // 2, 0)
    north = (one.latitude_e6 - other.latitude_e6) / 1e6
    east = (one.longitude_e6 - other.longitude_e6) / 1e6 * narrow_at(middle)
    return hypot(north, east) * METRES_A_DEGREE


def walk(places: Sequence[Position], start: Position | None) -> list[int]:
    """The places, by their number, in a short order. start: where the way begins; without one, at the first place."""
    return straightened(places, start, nearest_next(places, start))


def nearest_next(places: Sequence[Position], start: Position | None) -> list[int]:
    if not places:
        return []
    left, order, here = list(range(len(places))), list[int](), start or places[0]
    while left:
        _, nearest = min((metres(here, places[place]), place) for place in left)
        left.remove(nearest)
        order.append(nearest)
        here = places[nearest]
    return order


def straightened(places: Sequence[Position], start: Position | None, order: list[int]) -> list[int]:
    """The same with every part turned around that is shorter so, until none is."""
    best, length = order, length_m(places, start, order)
    first = 0 if start is not None else 1
    turned = True
    while turned:
        turned = False
        for begin in range(first, len(best) - 1):
            for end in range(begin + 1, len(best)):
                other = [*best[:begin], *reversed(best[begin : end + 1]), *best[end + 1 :]]
                shorter = length_m(places, start, other)
                # A millimetre less is worth nothing, and rounding could go back and forth for ever.
                if shorter < length - 0.001:
                    best, length, turned = other, shorter, True
    return best


def length_m(places: Sequence[Position], start: Position | None, order: Sequence[int]) -> float:
    way = [*([start] if start is not None else []), *(places[place] for place in order)]
    return sum(metres(one, other) for one, other in pairwise(way))
