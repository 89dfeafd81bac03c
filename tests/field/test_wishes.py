"""Wishes: one a person, place and month; told of in fives; neither one answer nor the difference of two is about fewer."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from junzi.field import rules, wish
from junzi.field.model import MOST_WISHES, STEP, Demand, Tally
from tests.field.street import opened_street
from tests.support.market import Market, Time, at_once, key, refused_as

UNIT_MINOR = 1_000
histories = st.lists(st.integers(0, 100_000), max_size=40)


def told(history: list[int]) -> list[Demand | None]:
    """What was told after each wish of a month, the first answer before any. history: the coupons of who came, in turn"""
    tally, answers = Tally(), [rules.demand(Tally())]
    for coupons_minor in history:
        tally = rules.arrived(tally, coupons_minor, unit_minor=UNIT_MINOR)
        answers.append(rules.demand(tally))
    return answers


@given(histories)
def test_nothing_is_told_of_fewer_than_five_and_never_more_than_came(history: list[int]) -> None:
    for count, answer in enumerate(told(history)):
        assert (answer is None) == (count < STEP)
        if answer is not None:
            assert answer.people == count // STEP * STEP
            came = sum(history[: answer.people])
            assert came - UNIT_MINOR * (answer.people // STEP) < answer.coupons_minor <= came


@given(histories, st.integers(0, 100_000), st.data())
def test_histories_that_differ_in_one_person_tell_the_same_until_that_persons_five_are_whole(
    history: list[int], coupons_minor: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(history)))
    other = [*history[:place], coupons_minor, *history[place:]]
    whole = (place // STEP + 1) * STEP
    both = zip(told(history)[:whole], told(other)[:whole], strict=False)
    assert [one == another for one, another in both] == [True] * min(whole, len(history) + 1)


@given(histories)
def test_two_successive_answers_are_the_same_or_five_people_apart(history: list[int]) -> None:
    for before, after in pairwise(told(history)):
        if before != after:
            assert after is not None
            assert after.people - (before.people if before else 0) == STEP


@given(st.lists(st.integers(0, 100_000), min_size=STEP, max_size=STEP), st.permutations(range(STEP)))
def test_who_of_the_five_had_which_coupons_is_not_told(history: list[int], order: list[int]) -> None:
    assert told(history)[-1] == told([history[place] for place in order])[-1]


async def test_the_team_hears_of_wishes_in_fives_with_their_coupons_rounded_down(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    await market.campaign((460, 0))
    for number in range(12):
        person = await market.shopper(f"buyer_{number}")
        await market.settle()
        before = await street.seen()
        for _ in range(2):
            await street.wish(person, place)
        after = await street.seen()
        if number + 1 in (5, 10):
            # Five times 4.60 are 23.00; of them tens are told.
            assert after[0]["demand"] == {"people": number + 1, "coupons_minor": 2_000 * (number + 1) // 5}
        else:
            assert after == before
        assert (await person.get("/api/street"))["places"][0]["wished"] is True


async def test_twenty_at_once_are_twenty_and_one_person_at_once_is_one(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    people = [await market.served.person(f"wisher_{number}") for number in range(20)]
    await at_once(*[street.wish(person, place) for person in people for _ in range(2)])
    assert await street.demand(place) == {"people": 20, "coupons_minor": 0}
    assert await market.value("select count(*) from field.wishes") == 20


async def test_the_keeper_hears_it_too_once_the_place_is_theirs_and_nobody_elses_keeper_does(market: Market) -> None:
    street = await opened_street(market)
    place, keeper, other = (
        await street.place(),
        await market.served.person("keeper"),
        await market.served.person("other"),
    )
    for number in range(6):
        await street.wish(await market.served.person(f"wisher_{number}"), place)
    shop = await market.shop(keeper)
    path = f"/api/shops/{shop['id']}/demand"
    assert await keeper.get(path) == {"demand": None}
    await street.link(place, shop)
    assert await keeper.get(path) == {"demand": {"people": 5, "coupons_minor": 0}}
    assert await refused_as(other.get(path)) == "not-found"


async def test_a_month_begins_at_none_and_who_asked_before_is_forgotten(market: Market, time: Time) -> None:
    street = await opened_street(market)
    place = await street.place()
    people = [await market.served.person(f"wisher_{number}") for number in range(5)]
    for person in people:
        await street.wish(person, place)
    time.pass_by(days=32)
    assert await street.demand(place) is None
    await street.wish(people[0], place)
    await wish.forget_old(market.house.database)
    assert await market.value("select count(*) from field.wishes") == 1
    assert await market.value("select sum(shown_people + waiting_people) from field.tallies") == 6


async def test_one_person_asks_for_so_many_places_a_month_and_no_more(market: Market) -> None:
    street = await opened_street(market)
    await street.read_in(*[f"{number},Place {number},other,,,,," for number in range(MOST_WISHES + 2)])
    person = await market.served.person("person")
    places = (await person.get("/api/street"))["places"]
    answers = await at_once(*[street.wish(person, place) for place in places])
    assert answers.count("too-many-wishes") == 2
    assert await refused_as(person.post("/api/street", {"name": "x", "trade": "other"}, idempotency_key=key())) == (
        "too-many-wishes"
    )
    assert await market.value("select count(*) from field.wishes") == MOST_WISHES
    assert await street.kept(state="proposed") == []
