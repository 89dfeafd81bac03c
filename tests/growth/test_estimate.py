"""The lower bound of the ratio holds what it promises, in towns of many kinds, and what is claimed of it follows."""

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from junzi.growth.estimate import PROMISE, THIRD, Stratum, claim, estimate

BOTH, OURS, RIVALS, NONE = (1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)

# By name: shops of each stratum, how likely each has both, ours, the rival's and none, and how many of them are looked at.
TOWNS = {
    "a small town": ([40, 200], [(0.2, 0.05, 0.6, 0.15), (0.15, 0.1, 0.5, 0.25)], [10, 30]),
    "few shops looked at": ([40, 200], [(0.2, 0.05, 0.6, 0.15), (0.15, 0.1, 0.5, 0.25)], [4, 10]),
    "hardly any of ours": ([40, 400], [(0.02, 0.01, 0.8, 0.17), (0.03, 0.02, 0.7, 0.25)], [8, 40]),
    "a large town": ([300, 2_000], [(0.2, 0.05, 0.6, 0.15), (0.15, 0.1, 0.5, 0.25)], [40, 160]),
    "many small areas": ([30] * 8, [(0.2, 0.1, 0.5, 0.2)] * 8, [4] * 8),
    "hardly any of the rival's": ([60, 500], [(0.1, 0.5, 0.05, 0.35), (0.1, 0.5, 0.1, 0.3)], [12, 60]),
    "a chain seen whole": ([20, 300], [(0.5, 0.0, 0.5, 0.0), (0.1, 0.1, 0.5, 0.3)], [20, 40]),
    "a chain that is all the rival's": ([20, 300], [(0.0, 0.0, 1.0, 0.0), (0.1, 0.1, 0.5, 0.3)], [5, 40]),
}


@pytest.mark.parametrize("name", TOWNS)
def test_the_bound_is_at_or_below_the_truth_as_often_as_it_promises(name: str) -> None:
    sizes, chances, looked_at = TOWNS[name]
    chance, below, tries = random.Random(name), 0, 0
    for _ in range(30):
        town = [
            [chance.choices((BOTH, OURS, RIVALS, NONE), one)[0] for _ in range(size)]
            for size, one in zip(sizes, chances, strict=True)
        ]
        truth = sum(x for shops in town for x, _ in shops) / sum(y for shops in town for _, y in shops)
        for _ in range(50):
            sample = [
                Stratum(len(shops), chance.sample(shops, count)) for shops, count in zip(town, looked_at, strict=True)
            ]
            below += estimate(sample).lower <= truth + 1e-12
            tries += 1
    # Two and a half standard errors of this very count, as if each try stood for itself.
    assert below / tries >= PROMISE - 2.5 * math.sqrt(PROMISE * (1 - PROMISE) / tries)


def test_a_complete_count_is_exact() -> None:
    found = estimate([Stratum(3, [BOTH, RIVALS, NONE]), Stratum(2, [RIVALS, RIVALS])])
    assert (found.ratio, found.lower, found.error) == (0.25, 0.25, 0.0)
    three = [Stratum(4, [BOTH, RIVALS, RIVALS, NONE])]
    assert estimate(three).lower == pytest.approx(THIRD) and claim(three).may


def test_known_figures_of_one_stratum() -> None:
    """By hand: 20 of 100 shops, eight of ours and ten of the rival's, four of both."""
    seen = [BOTH] * 4 + [OURS] * 4 + [RIVALS] * 6 + [NONE] * 6
    found = estimate([Stratum(100, seen)])
    assert (found.ours, found.rivals, found.ratio) == (40.0, 50.0, pytest.approx(0.8))
    pulls = [x / 40 - y / 50 for x, y in [*seen, OURS, RIVALS]]
    mean = sum(pulls) / 22
    variance = 100**2 * 0.8 * sum((pull - mean) ** 2 for pull in pulls) / 21 / 20
    assert found.error == pytest.approx(math.sqrt(variance))
    assert found.lower == pytest.approx(0.8 * math.exp(-1.7291 * found.error), rel=1e-4)
    assert found.design_effect == pytest.approx(1.0, abs=0.06)


def test_strata_that_differ_make_the_bound_tighter_than_a_plain_sample() -> None:
    strata = [Stratum(100, [RIVALS] * 9 + [BOTH]), Stratum(100, [OURS] * 9 + [BOTH])]
    assert estimate(strata).design_effect < 0.6


def test_who_looked_at_too_little_claims_nothing() -> None:
    assert estimate([Stratum(100, [BOTH] * 4)]).lower == 0.0
    assert not claim([Stratum(100, [OURS] * 40)]).may, "a rival that was not met may still be there"
    assert claim([Stratum(2, [OURS, NONE])]).may, "all was seen, and it is not there"
    for broken in ([Stratum(3, [])], [Stratum(1, [BOTH, BOTH])]):
        with pytest.raises(ValueError, match="every stratum"):
            estimate(broken)


_shops = st.lists(st.sampled_from((BOTH, OURS, RIVALS, NONE)), min_size=6, max_size=60)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(_shops, st.integers(0, 500)), min_size=1, max_size=4))
def test_what_is_said_to_be_missing_is_enough(drawn: list[tuple[list[tuple[float, float]], int]]) -> None:
    strata = [Stratum(len(seen) + more, seen) for seen, more in drawn]
    found, said = estimate(strata), claim(strata)
    if found.ratio is None:
        return
    assert 0 <= found.lower <= found.ratio + 1e-12
    assert said.may == (found.lower >= THIRD)
    if said.may:
        assert (said.more_to_look_at, said.more_to_win) == (0, 0)
        return
    if said.more_to_look_at is not None:
        assert found.ratio >= THIRD and 1 <= said.more_to_look_at <= found.shops - found.seen
    assert said.more_to_win >= 1
    if found.ours:
        reached = (found.ours + said.more_to_win) / found.rivals * (found.lower / found.ratio)
        assert reached >= THIRD - 1e-9
