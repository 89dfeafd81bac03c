"""Which coupons pay for a purchase together, and which combination is the best. Pure.

Every coupon is measured on the whole purchase: its threshold, and what it saves. A combination saves the sum of that, never more
than the purchase, so that the order in which coupons are used does not change the total. Order of use: red packets, then those
that end first; what nothing is left for is cut from the last.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from junzi.coupons import rules
from junzi.coupons.model import Coupon, Place, ShownCoupon, Stacking, Why, shown

Rank = tuple[bool, datetime, UUID]


class Unused(StrEnum):
    """Why a coupon that counts is not in the best combination."""

    NOT_TOGETHER = "not-together"
    """It cannot be used with one that is; the best combination saves at least as much."""
    NOT_NEEDED = "not-needed"
    """The others pay for everything already."""


class Choice(msgspec.Struct, frozen=True):
    """A coupon seen from a purchase: what it saves there by itself, or why it does not count.

    chosen: whether it is in the best combination; unused: why one that counts is not; excluded_by: one of the best combination
    with which it does not go
    """

    coupon: ShownCoupon
    saves_minor: int
    usable: bool
    reason: Why | None
    chosen: bool = False
    unused: Unused | None = None
    excluded_by: UUID | None = None


class Use(msgspec.Struct, frozen=True):
    """A coupon used for a purchase with others: what is taken off for it there."""

    coupon: Coupon
    saved_minor: int


def rank(coupon: Coupon) -> Rank:
    """By which coupons are used one after the other: red packets first, then those that end first."""
    return (not coupon.packet, coupon.expires_at, coupon.id)


def go_together(one: Coupon, other: Coupon) -> bool:
    """Whether both may pay for one purchase: each of a group, and not of the same."""
    return Stacking.ALONE not in (one.limits.stacking, other.limits.stacking) and (
        one.limits.stacking is not other.limits.stacking
    )


def uses(coupons: Iterable[Coupon], amount_minor: int) -> list[Use]:
    """What each of these coupons takes off a purchase when all are used, in the order of use; 0 when nothing is left for it."""
    left, found = amount_minor, []
    for coupon in sorted(coupons, key=rank):
        saved = min(rules.saves(coupon, amount_minor), left)
        left -= saved
        found.append(Use(coupon, saved))
    return found


def best(coupons: Sequence[Coupon], amount_minor: int) -> list[Coupon]:
    """The best combination of coupons that all count for that purchase, in the order of use.

    It saves the most. Of those that save the same the one with more from a red packet is better, because it is the first to be
    gone; then the one whose coupons, one after the other, end first; then the smaller one. No coupon but a red packet is used
    without which the others would save as much.
    """
    ordered = sorted(coupons, key=rank)
    weights = [rules.saves(coupon, amount_minor) for coupon in ordered]
    packets = [at for at, coupon in enumerate(ordered) if coupon.packet]
    others = list(range(len(packets), len(ordered)))
    alone = {at for at, coupon in enumerate(ordered) if coupon.limits.stacking is Stacking.ALONE}
    most_of: dict[Stacking, int] = {}
    for at in others:
        if at not in alone:
            group = ordered[at].limits.stacking
            most_of[group] = max(most_of.get(group, 0), weights[at])
    by_others = sum(most_of.values())
    # The most a packet comes to with others, then the most without one.
    reach = [weights[at] + (0 if at in alone else by_others) for at in packets]
    reach += [weights[at] for at in others if at in alone]
    goal = min(amount_minor, max([by_others, *reach]))
    if goal == 0:
        return []
    fitting = [at for at, most in zip(packets, reach, strict=False) if most >= goal]
    # Whatever reaches the goal with a packet stays with it when needless others are left out, so the largest packet stands. One
    # that stands alone has reached it by itself.
    first = min(fitting, key=lambda at: (-weights[at], at)) if fitting else None
    found = _first_that_reaches(
        [(at, weights[at], ordered[at].limits.stacking) for at in others],
        0 if first is None else weights[first],
        goal,
        amount_minor,
    )
    assert found is not None, "what the goal was made of reaches it"
    return [ordered[at] for at in ([] if first is None else [first]) + found]


def choices(
    coupons: Sequence[Coupon], amount_minor: int, at: datetime, place: Place | None = None
) -> tuple[list[Choice], list[Use]]:
    """Every coupon seen from a purchase: those of the best combination in front, then the others that count, then the rest.

    Each with what it saves by itself, or why it does not count, and why it is not used. Also the best combination's uses.
    """
    whys = {coupon.id: rules.why_not(coupon, amount_minor, at, place) for coupon in coupons}
    chosen = uses(best([coupon for coupon in coupons if whys[coupon.id] is None], amount_minor), amount_minor)
    used = {use.coupon.id: number for number, use in enumerate(chosen)}

    def seen(coupon: Coupon) -> tuple[tuple[bool, int, int, Rank], Choice]:
        why = whys[coupon.id]
        saves = rules.saves(coupon, amount_minor) if why is None else 0
        unused, excluded_by = None, None
        if why is None and coupon.id not in used:
            excluded_by = next((use.coupon.id for use in chosen if not go_together(coupon, use.coupon)), None)
            unused = Unused.NOT_NEEDED if excluded_by is None else Unused.NOT_TOGETHER
        key = (why is not None, used.get(coupon.id, len(used)), -saves, rank(coupon))
        return key, Choice(shown(coupon), saves, why is None, why, coupon.id in used, unused, excluded_by)

    return [choice for _, choice in sorted(map(seen, coupons), key=lambda found: found[0])], chosen


def _first_that_reaches(
    options: Sequence[tuple[int, int, Stacking]], begun: int, goal: int, amount: int
) -> list[int] | None:
    """The first combination, options one after the other as they stand, that makes up the goal and none of which is needless.

    options: name, worth and group of each; begun: what is made up already. A depth-first search, which meets combinations in
    the order in which they are better. A branch is left when the best of the groups to come cannot make up the goal, and, with
    two groups to come, when no sum of theirs falls between the goal and what would make the smallest one chosen needless.
    """
    if begun >= goal:
        return []
    numbers = {
        group: place for place, group in enumerate(sorted({group for _, _, group in options} - {Stacking.ALONE}))
    }
    count = len(numbers)
    group_of = [numbers.get(group, -1) for _, _, group in options]
    worth = [weight for _, weight, _ in options]
    # later[i][g]: the most that an option from the i-th on brings in group g.
    later = [[0] * count for _ in range(len(options) + 1)]
    for at in reversed(range(len(options))):
        later[at] = list(later[at + 1])
        if group_of[at] >= 0:
            later[at][group_of[at]] = max(later[at][group_of[at]], worth[at])
    sums_of = _sums(worth, group_of, count)

    def search(start: int, made: int, smallest: int, free: tuple[int, ...]) -> list[int] | None:
        for at in range(start, len(options)):
            group = group_of[at]
            if group not in free:
                continue
            total, least = made + worth[at], min(smallest, worth[at])
            if total >= goal:
                if total - least < amount:
                    return [at]
                continue
            rest = tuple(other for other in free if other != group)
            best_later = later[at + 1]
            if total + sum(best_later[other] for other in rest) < goal:
                continue
            if len(rest) <= 2:
                sums = sums_of(rest)
                nearest = bisect_left(sums, goal - total)
                if nearest == len(sums) or sums[nearest] + total - least >= amount:
                    continue
            found = search(at + 1, total, least, rest)
            if found is not None:
                return [at, *found]
        return None

    # One that stands alone is a whole combination, and its turn is where it stands.
    single = next(
        (at for at, weight in enumerate(worth) if group_of[at] < 0 and begun == 0 and weight >= goal), len(options)
    )
    found = search(0, begun, amount + goal, tuple(range(count)))
    if single < len(options) and (found is None or single < found[0]):
        found = [single]
    return None if found is None else [options[at][0] for at in found]


def _sums(worth: Sequence[int], group_of: Sequence[int], count: int) -> Callable[[tuple[int, ...]], list[int]]:
    """Every sum of at most one option of each of these groups, in order; made when they are first asked for."""
    single = [
        sorted({0, *(weight for weight, of in zip(worth, group_of, strict=True) if of == g)}) for g in range(count)
    ]
    known: dict[tuple[int, ...], list[int]] = {(): [0]}

    def sums_of(groups: tuple[int, ...]) -> list[int]:
        found = known.get(groups)
        if found is None:
            found = sorted({one + other for one in sums_of(groups[1:]) for other in single[groups[0]]})
            known[groups] = found
        return found

    return sums_of
