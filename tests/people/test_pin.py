"""The payment PIN: five wrong ones lock it, whatever is tried at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from junzi.client import Client, Refused
from junzi.kit import clock
from junzi.kit.errors import Refusal
from junzi.people.model import PinKey, PinLocked, PinMissing, WrongPin
from junzi.people.pin import verify_pin
from tests.support.house import Running

Verify = Callable[[str], Awaitable[None]]


@pytest.fixture
async def anna(served: Running) -> Client:
    return await served.person("anna")


@pytest.fixture
async def with_pin(anna: Client) -> Client:
    await anna.request("PUT", "/api/me/payment-pin", {"pin": "270418"})
    return anna


@pytest.fixture
def verify(served: Running, with_pin: Client) -> Verify:
    person_id = UUID(with_pin.me["id"])
    return lambda pin: verify_pin(served.house.database, served.house.pin_key, person_id, pin)


async def test_a_pin_is_set_once_and_then_changed_with_the_current_one(anna: Client) -> None:
    assert not (await anna.get("/api/me"))["has_pin"]
    await anna.request("PUT", "/api/me/payment-pin", {"pin": "270418"})
    assert (await anna.get("/api/me"))["has_pin"]
    with pytest.raises(Refused, match="invalid-request") as caught:
        await anna.request("PUT", "/api/me/payment-pin", {"pin": "918273"})
    assert caught.value.problem["errors"][0]["field"] == "current_pin"
    with pytest.raises(Refused, match="wrong-pin") as caught:
        await anna.request("PUT", "/api/me/payment-pin", {"pin": "918273", "current_pin": "000001"})
    assert caught.value.problem["attempts_left"] == 4
    await anna.request("PUT", "/api/me/payment-pin", {"pin": "918273", "current_pin": "270418"})


async def test_of_first_pins_set_at_once_one_counts(anna: Client) -> None:
    pins = ["270418", "918273", "485920", "160385"]
    outcomes = await asyncio.gather(
        *(anna.request("PUT", "/api/me/payment-pin", {"pin": pin}) for pin in pins), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1


@pytest.mark.parametrize("pin", ["111111", "123456", "654321", "890123", "121212", "123123", "112233", "000000"])
async def test_a_pin_that_thieves_try_first_is_refused(anna: Client, pin: str) -> None:
    with pytest.raises(Refused, match="weak-pin"):
        await anna.request("PUT", "/api/me/payment-pin", {"pin": pin})
    assert not (await anna.get("/api/me"))["has_pin"]


@pytest.mark.parametrize("pin", ["12345", "1234567", "abcdef", "", "２７０４１８", "27041\u0000"])
async def test_a_pin_has_six_digits(anna: Client, pin: str) -> None:
    with pytest.raises(Refused, match="invalid-request"):
        await anna.request("PUT", "/api/me/payment-pin", {"pin": pin})


async def test_without_a_pin_it_is_missing(served: Running, anna: Client) -> None:
    with pytest.raises(PinMissing):
        await verify_pin(served.house.database, served.house.pin_key, UUID(anna.me["id"]), "270418")


async def test_five_wrong_pins_lock_and_say_until_when(verify: Verify, time: clock.SimulatedClock) -> None:
    left = []
    for _ in range(4):
        with pytest.raises(WrongPin) as wrong:
            await verify("000001")
        left.append(wrong.value.facts["attempts_left"])
    assert left == [4, 3, 2, 1]
    until = time.at + timedelta(minutes=15)
    for pin in ("000001", "270418"):
        with pytest.raises(PinLocked) as locked:
            await verify(pin)
        assert locked.value.facts["until"] == until
        assert f"{until:%H:%M}" in locked.value.detail
    time.advance(timedelta(minutes=15))
    await verify("270418")


async def test_each_lock_lasts_twice_as_long_up_to_a_day(verify: Verify, time: clock.SimulatedClock) -> None:
    locks = []
    for _ in range(9):
        until = await _lock(verify)
        locks.append((until - time.at) / timedelta(minutes=15))
        time.advance(until - time.at)
    assert locks == [1, 2, 4, 8, 16, 32, 64, 96, 96]
    await verify("270418")
    assert await _lock(verify) - time.at == timedelta(minutes=15)


async def test_a_right_pin_forgets_the_wrong_ones(verify: Verify) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongPin):
                await verify("000001")
        await verify("270418")


async def test_wrong_pins_tried_at_once_share_the_five(verify: Verify) -> None:
    outcomes = await asyncio.gather(*(verify(f"00000{number}") for number in range(10)), return_exceptions=True)
    slugs = sorted(outcome.slug for outcome in outcomes if isinstance(outcome, Refusal))
    assert slugs == ["pin-locked"] * 6 + ["wrong-pin"] * 4
    with pytest.raises(PinLocked):
        await verify("270418")


async def test_wrong_pins_over_the_wire_at_once_share_the_five(with_pin: Client) -> None:
    outcomes = await asyncio.gather(
        *(
            with_pin.request("PUT", "/api/me/payment-pin", {"pin": "918273", "current_pin": f"00000{number}"})
            for number in range(10)
        ),
        return_exceptions=True,
    )
    slugs = sorted(outcome.slug for outcome in outcomes if isinstance(outcome, Refused))
    assert slugs == ["pin-locked"] * 6 + ["wrong-pin"] * 4
    with pytest.raises(Refused, match="pin-locked") as caught:
        await with_pin.request("PUT", "/api/me/payment-pin", {"pin": "918273", "current_pin": "270418"})
    assert datetime.fromisoformat(caught.value.problem["until"]) > clock.now()


async def test_right_pins_at_once_are_all_right(verify: Verify) -> None:
    await asyncio.gather(*(verify("270418") for _ in range(12)))


async def test_a_stolen_database_alone_verifies_no_pin(served: Running, with_pin: Client) -> None:
    other = PinKey(served.house.pin_key.id, b"x" * 32)
    with pytest.raises(WrongPin):
        await verify_pin(served.house.database, other, UUID(with_pin.me["id"]), "270418")


async def _lock(verify: Verify) -> datetime:
    for _ in range(4):
        with pytest.raises(WrongPin):
            await verify("000001")
    with pytest.raises(PinLocked) as locked:
        await verify("000001")
    until = locked.value.facts["until"]
    assert isinstance(until, datetime)
    return until
