"""The order in which places are walked: whole, short, and the same whatever order they come in."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.field.model import Position
from junzi.field.walk import length_m, metres, nearest_next, walk

HERE = Position(32_040_000, 118_780_000)
positions = st.builds(
    Position,
    st.integers(HERE.latitude_e6 - 20_000, HERE.latitude_e6 + 20_000),
    st.integers(HERE.longitude_e6 - 20_000, HERE.longitude_e6 + 20_000),
)
starts = st.one_of(st.none(), positions)


@given(st.lists(positions, max_size=20), starts)
@settings(max_examples=60, deadline=None)
def test_every_place_is_walked_to_once_and_no_longer_a_way_than_by_the_nearest_next(
    places: list[Position], start: Position | None
) -> None:
    order = walk(places, start)
    assert sorted(order) == list(range(len(places)))
    assert length_m(places, start, order) <= length_m(places, start, nearest_next(places, start)) + 0.001


@given(st.lists(positions, min_size=1, max_size=9), positions)
@settings(max_examples=60, deadline=None)
def test_no_part_turned_around_makes_the_way_shorter(places: list[Position], start: Position) -> None:
    order = walk(places, start)
    length = length_m(places, start, order)
    for begin in range(len(order)):
        for end in range(begin + 1, len(order) + 1):
            turned = [*order[:begin], *reversed(order[begin:end]), *order[end:]]
            assert length_m(places, start, turned) >= length - 0.01


@given(st.lists(positions, min_size=1, max_size=6), positions)
@settings(max_examples=40, deadline=None)
def test_the_way_is_close_to_the_shortest_there_is(places: list[Position], start: Position) -> None:
    shortest = min(length_m(places, start, order) for order in permutations(range(len(places))))
    assert length_m(places, start, walk(places, start)) <= 1.5 * shortest + 0.001


@pytest.mark.parametrize(
    ("other", "away_m"),
    [
        (Position(HERE.latitude_e6 + 1_000, HERE.longitude_e6), 111),
        (Position(HERE.latitude_e6, HERE.longitude_e6 + 1_000), 94),
        (HERE, 0),
    ],
)
def test_metres_are_true(other: Position, away_m: int) -> None:
    assert round(metres(HERE, other)) == away_m
