"""What was said to a shop: recorded once, never changed, read by its people, and by the operator where it was handed over."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from junzi.client import Client, Refused
from junzi.field import incident_model
from junzi.kit import clock
from tests.chat.talk import picture
from tests.field.street import opened_street
from tests.standing.test_discreet import Ears, in_rows, listening
from tests.support.market import Market, key, refused_as

WORDS = "Canarybird: take their code down by Friday, or ours is gone."
"""What the ears of `test_discreet` listen for."""
ALL = ("field", "audit", "operators", "growth", "coupons", "messages", "notices", "standing", "merchants", "kit")


def path_of(shop: dict[str, Any]) -> str:
    return f"/api/shops/{shop['id']}/incidents"


async def recorded(keeper: Client, shop: dict[str, Any], **more: Any) -> dict[str, Any]:
    wanted = {"words": WORDS, "happened_at": clock.now().isoformat(), **more}
    answer: dict[str, Any] = await keeper.post(path_of(shop), wanted, idempotency_key=key())
    return answer


async def kept(person: Client, shop: dict[str, Any]) -> list[dict[str, Any]]:
    return (await person.get(path_of(shop)))["incidents"]  # type: ignore[no-any-return]


async def desk(operator: Client, **asked: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return (await operator.get(f"/api/ops/incidents?{query}"))["incidents"]  # type: ignore[no-any-return]


async def hired(market: Market, keeper: Client, shop: dict[str, Any], handle: str) -> Client:
    clerk = await market.person(handle)
    await keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": handle}, idempotency_key=key())
    await clerk.post(f"/api/shops/{shop['id']}/staff/acceptance", idempotency_key=key())
    return clerk


async def status(person: Client, path: str) -> int:
    try:
        return (await person.raw("GET", path)).status_code
    except Refused as refused:
        return int(refused.problem["status"])


async def test_an_incident_keeps_who_said_what_when_and_when_the_server_heard_of_it(market: Market) -> None:
    street, keeper = await opened_street(market), await market.person("keeper")
    blue, shop = await street.rival(), await market.shop(keeper)
    photo = await keeper.upload("picture", picture())
    said_at = clock.now() - timedelta(days=2)
    one = await recorded(
        keeper,
        shop,
        account="Two men, at noon.\nOne wrote down the code.",
        speaker="a man with a badge of Blue Wallet",
        spot="front till",
        rival_id=blue["id"],
        happened_at=said_at.isoformat(),
        photo_ids=[photo["id"]],
    )
    assert (one["words"], one["rival"], one["recorded_by"]["handle"]) == (WORDS, "Blue Wallet", "keeper")
    assert one["account"].count("\n") == 1
    assert one["happened_at"] < one["recorded_at"]
    assert one["entries"] == []
    assert await kept(keeper, shop) == [one]
    assert [rival["name"] for rival in (await keeper.get(path_of(shop)))["rivals"]] == ["Blue Wallet"]
    assert await status(keeper, f"{path_of(shop)}/photos/{photo['id']}?size=screen") == 200


async def test_an_incident_that_is_sent_twice_is_recorded_once(market: Market) -> None:
    keeper, once = await market.person("keeper"), key()
    shop = await market.shop(keeper)
    wanted = {"words": WORDS, "happened_at": clock.now().isoformat()}
    first, again = [await keeper.post(path_of(shop), wanted, idempotency_key=once) for _ in range(2)]
    assert first == again
    assert await market.value("select count(*) from field.incidents") == 1
    more = {**wanted, "words": "other"}
    assert await refused_as(keeper.post(path_of(shop), more, idempotency_key=once)) == "idempotency-key-reused"


async def test_more_is_written_below_it_and_what_was_withdrawn_stays(market: Market) -> None:
    keeper, once = await market.person("keeper"), key()
    shop = await market.shop(keeper)
    one, photo = await recorded(keeper, shop), await keeper.upload("picture", picture())
    below = f"{path_of(shop)}/{one['id']}"
    more = {"text": "He came back today.", "photo_ids": [photo["id"]]}
    added, again = [await keeper.post(f"{below}/entries", more, idempotency_key=once) for _ in range(2)]
    assert added == again and added["words"] == WORDS
    withdrawn = [await keeper.post(f"{below}/withdrawals") for _ in range(2)][-1]
    assert [(entry["kind"], entry["text"]) for entry in withdrawn["entries"]] == [
        ("added", "He came back today."),
        ("withdrawn", ""),
    ]
    assert withdrawn["words"] == WORDS, "nothing of it is gone"
    for refused in (
        keeper.post(f"{below}/entries", {"text": "x"}, idempotency_key=key()),
        keeper.post(f"{below}/handovers"),
    ):
        assert await refused_as(refused) == "incident-withdrawn"


@pytest.mark.parametrize("table", ["incidents", "incident_entries"])
async def test_not_even_the_house_can_change_what_was_written(market: Market, table: str) -> None:
    keeper = await market.person("keeper")
    shop = await market.shop(keeper)
    one = await recorded(keeper, shop)
    await keeper.post(f"{path_of(shop)}/{one['id']}/withdrawals")
    text = "words" if table == "incidents" else "text"
    for change in (f"update field.{table} set {text} = 'x'", f"delete from field.{table}"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await market.row(change)


async def test_a_clerk_records_and_reads_their_own_and_the_owner_all(market: Market) -> None:
    keeper, stranger = await market.person("keeper"), await market.person("stranger")
    shop = await market.shop(keeper)
    clerk, other = await hired(market, keeper, shop, "clerk"), await hired(market, keeper, shop, "other")
    photo = await clerk.upload("picture", picture())
    theirs = await recorded(clerk, shop, photo_ids=[photo["id"]])
    mine = await recorded(keeper, shop, words="at my door")
    assert await kept(keeper, shop) == [mine, theirs]
    assert await kept(clerk, shop) == [theirs]
    assert await kept(other, shop) == []
    below = f"{path_of(shop)}/{theirs['id']}"
    assert await refused_as(clerk.post(f"{below}/handovers")) == "not-allowed"
    for person in (other, stranger):
        assert await refused_as(person.post(f"{below}/handovers")) == "not-found"
        assert await refused_as(person.post(f"{below}/withdrawals")) == "not-found"
        wanted = person.post(f"{below}/entries", {"text": "x"}, idempotency_key=key())
        assert await refused_as(wanted) == "not-found"
        assert await status(person, f"{path_of(shop)}/photos/{photo['id']}") == 404
    assert await refused_as(kept(stranger, shop)) == "not-found"
    assert await refused_as(recorded(stranger, shop)) == "not-found"
    for person in (keeper, clerk):
        assert await status(person, f"{path_of(shop)}/photos/{photo['id']}") == 200
    elsewhere = await market.shop(stranger)
    assert await status(stranger, f"{path_of(elsewhere)}/photos/{photo['id']}") == 404
    await keeper.request("DELETE", f"/api/shops/{shop['id']}/staff/{clerk.me['id']}")
    assert await refused_as(kept(clerk, shop)) == "not-found"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"words": " "}, "words"),
        ({"happened_at": "2000-01-01T00:00:00Z"}, "happened_at"),
        ({"happened_at": "2199-01-01T00:00:00Z"}, "happened_at"),
        ({"happened_at": "2026-01-01T00:00:00"}, "happened_at"),
        ({"rival_id": str(uuid4())}, "rival_id"),
        ({"photo_ids": [str(uuid4())]}, "photo_ids"),
        ({"photo_ids": [str(uuid4()) for _ in range(incident_model.MOST_PHOTOS + 1)]}, "photo_ids"),
        ({"speaker": "two\nlines"}, "speaker"),
        ({"account": "x" * 2_001}, "account"),
    ],
)
async def test_an_impossible_incident_is_refused_and_leaves_nothing(
    market: Market, wrong: dict[str, Any], field: str
) -> None:
    keeper = await market.person("keeper")
    shop = await market.shop(keeper)
    with pytest.raises(Refused) as refused:
        await recorded(keeper, shop, **wrong)
    assert refused.value.slug == "invalid-request"
    assert refused.value.problem["errors"][0]["field"].startswith(field)
    assert await market.value("select count(*) from field.incidents") == 0


async def test_somebody_elses_photo_is_not_theirs_to_show(market: Market) -> None:
    keeper, other = await market.person("keeper"), await market.person("other")
    shop, photo = await market.shop(keeper), await other.upload("picture", picture())
    assert await refused_as(recorded(keeper, shop, photo_ids=[photo["id"]])) == "invalid-request"


async def test_a_shop_records_so_many_a_day(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.field.incident.MOST_A_DAY", 2)
    monkeypatch.setattr("junzi.field.incident.MOST_ENTRIES", 1)
    keeper = await market.person("keeper")
    shop = await market.shop(keeper)
    one, _ = [await recorded(keeper, shop) for _ in range(2)]
    assert await refused_as(recorded(keeper, shop)) == "too-many-incidents"
    below = f"{path_of(shop)}/{one['id']}/entries"
    await keeper.post(below, {"text": "x"}, idempotency_key=key())
    assert await refused_as(keeper.post(below, {"text": "y"}, idempotency_key=key())) == "too-many-incidents"


async def test_the_operator_reads_what_the_owner_handed_over_and_nothing_else(market: Market) -> None:
    street, keeper = await opened_street(market), await market.person("keeper")
    place, shop = await street.place(), await market.shop(keeper)
    await street.link(place, shop)
    photos = [await keeper.upload("picture", picture()) for _ in range(2)]
    one = await recorded(keeper, shop, photo_ids=[photos[0]["id"]])
    await recorded(keeper, shop, words="for ourselves", photo_ids=[photos[1]["id"]])
    assert await desk(street.operator) == []
    assert await status(street.operator, f"/api/ops/incidents/photos/{photos[0]['id']}") == 404
    for _ in range(2):
        await keeper.post(f"{path_of(shop)}/{one['id']}/handovers")
    [told] = await desk(street.operator)
    assert (told["incident"]["words"], told["shop"]["name"], told["place_id"]) == (WORDS, shop["name"], place["id"])
    assert told["incident"]["recorded_by"]["handle"] == "keeper"
    assert await desk(street.operator, place=place["id"]) == [told]
    assert await desk(street.operator, place=str(uuid4())) == []
    answers = [await status(street.operator, f"/api/ops/incidents/photos/{photo['id']}") for photo in photos]
    assert answers == [200, 404]
    for person in (street.promoter, keeper):
        assert await refused_as(person.get("/api/ops/incidents")) == "not-an-operator"
    for person in (street.promoter, street.operator):
        # A visit's photos are another room's.
        assert await status(person, f"/api/field/photos/{photos[0]['id']}") in (403, 404)
    await keeper.post(f"{path_of(shop)}/{one['id']}/withdrawals")
    [told] = await desk(street.operator)
    assert [entry["kind"] for entry in told["incident"]["entries"]] == ["handed_over", "withdrawn"]


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


async def test_what_was_said_to_a_discreet_shop_is_heard_by_nobody_until_it_is_handed_over(
    market: Market, logged: list[Any]
) -> None:
    street, keeper, ears = await opened_street(market), await market.person("keeper"), Ears()
    place, shop = await street.place("Corner"), await market.shop(keeper, "Inkwell Books")
    await street.link(place, shop)
    buyer = await market.shopper("buyer", balance_minor=5_000)
    hidden = await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    photo = await keeper.upload("picture", picture())
    others = (buyer, street.promoter, street.operator)
    for client in others:
        ears.listen(client)
    frames = [asyncio.create_task(listening(ears, client)) for client in others]
    await asyncio.sleep(0)
    one = await recorded(
        keeper,
        shop,
        account="Canarybird account",
        speaker="Canarybird man",
        spot="Canarybird till",
        photo_ids=[photo["id"]],
    )
    below = f"{path_of(shop)}/{one['id']}"
    await keeper.post(f"{below}/entries", {"text": "Canarybird again"}, idempotency_key=key())
    paid = await market.pay(buyer, await market.order(buyer, shop, 900))
    await market.settle()
    await read_street(others, shop, place, paid, photo)
    for task in frames:
        task.cancel()
    assert len(ears.heard) > 60, "the ears work"
    assert ears.told == []
    assert "/api/shops/{shop_id}/incidents" in str(logged), "the log is heard"
    assert "Canarybird" not in str(logged)
    rooms = [name for name in ALL if name != "field"]
    assert await in_rows(market.database_url, *rooms) == []
    assert await in_rows(market.database_url, "field") == ["field.incidents", "field.incident_entries"]

    await keeper.post(f"{below}/handovers")
    [told] = await desk(street.operator)
    assert told["incident"]["words"] == WORDS
    assert (told["shop"]["name"], told["place_id"]) == (hidden["neutral_name"], None)
    assert told["incident"]["recorded_by"] is None
    assert [entry["by"] for entry in told["incident"]["entries"]] == [None, None]
    assert await desk(street.operator, place=place["id"]) == [], "its place is one that is not ours"
    told_of = str(told)
    for tells in ("Inkwell", "keeper", keeper.me["id"], "南门街"):
        assert tells not in told_of
    assert await status(street.operator, f"/api/ops/incidents/photos/{photo['id']}") == 200
    for client in (buyer, street.promoter):
        assert await status(client, f"/api/ops/incidents/photos/{photo['id']}") == 403
    assert "Canarybird" not in str(logged)


async def read_street(
    others: tuple[Client, ...], shop: dict[str, Any], place: dict[str, Any], paid: dict[str, Any], photo: dict[str, Any]
) -> None:
    """Every address of the description that can be read with what is known of the shop: search, map, exports, receipts."""
    description = await others[0].get("/openapi.json")
    known = {
        "shop_id": shop["id"],
        "place_id": place["id"],
        "photo_id": photo["id"],
        "media_id": photo["id"],
        "code": shop["code"]["code"],
        "payment_id": paid["id"],
        "conversation_id": shop["conversation_id"],
    }
    for client in others:
        for path, item in description["paths"].items():
            address = path
            for name, value in known.items():
                address = address.replace("{" + name + "}", value)
            if "get" in item and "{" not in address:
                await client._http.get(address)
        for text in ("Canarybird", "Corner", "Inkwell"):
            for search in ("/api/street", "/api/field/places", "/api/ops/street", "/api/ops/shops"):
                await client._http.get(search, params={"search": text})
            await client._http.get("/api/people/search", params={"handle": text})
        if client is others[-1]:
            assert (await client._http.get("/api/ops/street.csv")).status_code == 200
