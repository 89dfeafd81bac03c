"""How many codes of ours there are for each of a rival's, from a sample of shops, and what may be claimed of it. Pure.

The sample is drawn at random, without replacement, within strata (chains and small shops, by area). In every shop both numbers
are read at once: whether our code and the rival's hang there, or how often each was scanned. The ratio is that of the two
estimated totals. Its error comes from both and from their going together (paired), by the delta method on the logarithm
[Cochran, Sampling Techniques, 3rd ed., 6.5, 6.11], with Student's t; a stratum that was seen whole adds none.

What few shops cannot show is not taken for nothing: the spread within a stratum is taken as if two more shops had been seen, one
that only has ours and one that only has the rival's, so that shops that happen to look alike leave an error. With that the
bound holds what it promises also in small towns (tests/growth/test_estimate.py counts how often).
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec

THIRD = 1 / 3
PROMISE = 0.95
"""How often, at least, the lower bound lies at or below the truth."""
FEWEST_SHOPS = 5
"""Seen in all; with fewer nothing is claimed, unless every shop was seen."""


class Stratum(msgspec.Struct, frozen=True):
    """size: shops there are; seen: of each that was looked at, ours and the rival's"""

    size: int
    seen: Sequence[tuple[float, float]]


class Estimate(msgspec.Struct, frozen=True):
    """ours and rivals: the estimated totals; ratio: of them, None where there is nothing of the rival's; lower: its lower bound.

    error: standard error of the ratio's logarithm; design_effect: its square over that of as many shops drawn without strata
    """

    ours: float
    rivals: float
    ratio: float | None
    lower: float
    error: float
    design_effect: float
    seen: int
    shops: int


class Claim(msgspec.Struct, frozen=True):
    """may: the lower bound reaches a third

    more_to_look_at: shops to look at beside those seen, if the ratio stays what it is; None when no number of them would do
    more_to_win:     codes of ours that are missing for the bound to reach a third, at the error of this sample
    """

    may: bool
    more_to_look_at: int | None
    more_to_win: int


def estimate(strata: Sequence[Stratum]) -> Estimate:
    """Raises `ValueError` for a stratum of which nothing was seen, or more than there is."""
    for stratum in strata:
        if not 1 <= len(stratum.seen) <= stratum.size:
            raise ValueError("of every stratum at least one shop is seen, and no more than there are")
    ours = sum(stratum.size * _mean([x for x, _ in stratum.seen]) for stratum in strata)
    rivals = sum(stratum.size * _mean([y for _, y in stratum.seen]) for stratum in strata)
    seen, shops = sum(len(stratum.seen) for stratum in strata), sum(stratum.size for stratum in strata)
    if not rivals:
        return Estimate(ours, rivals, None, 0.0, 0.0, 1.0, seen, shops)
    ratio = ours / rivals
    error, effect = _error(strata, ours, rivals)
    return Estimate(ours, rivals, ratio, _lower(ratio, error, seen, shops, len(strata)), error, effect, seen, shops)


def claim(strata: Sequence[Stratum], threshold: float = THIRD) -> Claim:
    """Whether we may say that ours are at least that part of the rival's, and how far it is until then."""
    now = estimate(strata)
    if now.ratio is None:
        # Where the rival has nothing that was seen, only a complete count may say that any of ours is enough.
        return Claim(now.seen == now.shops and now.ours > 0, now.shops - now.seen, 0)
    if now.lower >= threshold:
        return Claim(True, 0, 0)
    slack = 1.0 if not now.ratio else now.lower / now.ratio
    missing = threshold / slack * now.rivals - now.ours if slack else now.shops - now.ours
    return Claim(False, _more_to_look_at(now, threshold, len(strata)), max(1, math.ceil(missing - 1e-9)))


def _lower(ratio: float, error: float, seen: int, shops: int, strata: int) -> float:
    if seen == shops:
        return ratio
    if seen < FEWEST_SHOPS:
        return 0.0
    return ratio * math.exp(-_student(PROMISE, max(3, seen - strata)) * error)


def _error(strata: Sequence[Stratum], ours: float, rivals: float) -> tuple[float, float]:
    """The standard error of the ratio's logarithm, and its design effect."""
    if not ours:
        return 0.0, 1.0
    scale = [_mean([x for s in strata for x, _ in s.seen if x]), _mean([y for s in strata for _, y in s.seen if y])]
    variance, spread, shops, seen = 0.0, 0.0, sum(s.size for s in strata), sum(len(s.seen) for s in strata)
    middle = 0.0
    for stratum in strata:
        # What each shop adds to the logarithm of the ratio, beside a constant.
        pulls = [x / ours - y / rivals for x, y in [*stratum.seen, (scale[0], 0.0), (0.0, scale[1])]]
        mean = _mean(pulls)
        within = sum((pull - mean) ** 2 for pull in pulls) / (len(pulls) - 1)
        count = len(stratum.seen)
        variance += stratum.size**2 * (1 - count / stratum.size) * within / count
        spread += stratum.size / shops * (within + mean**2)
        middle += stratum.size / shops * mean
    alone = shops**2 * (1 - seen / shops) * (spread - middle**2) / seen
    return math.sqrt(variance), variance / alone if alone > 0 else 1.0


def _more_to_look_at(now: Estimate, threshold: float, strata: int) -> int | None:
    if now.ratio is None or now.ratio < threshold:
        return None
    if not 0 < now.seen < now.shops:
        return 0

    def reaches(seen: int) -> bool:
        # Of the same spread, in the same strata.
        error = now.error * math.sqrt((1 / seen - 1 / now.shops) / (1 / now.seen - 1 / now.shops))
        return _lower(now.ratio or 0.0, error, seen, now.shops, strata) >= threshold

    low, high = now.seen, now.shops
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high - now.seen


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _student(probability: float, freedom: int) -> float:
    """The quantile of Student's t, by its expansion about the normal one [Abramowitz & Stegun 26.7.5].

    From three degrees of freedom on it is right to a hundredth.
    """
    z, v = NormalDist().inv_cdf(probability), freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
