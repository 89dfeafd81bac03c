"""Signing up a shop at its counter: its owner says yes on their own phone, once, and printed codes are bound once."""

from typing import Any

import pytest

from junzi.client import Client
from tests.field.street import Street, opened_street
from tests.support.market import Market, Time, at_once, key, refused_as

SHOP = {"name": "老张面馆", "trade": "noodles", "place": "南门街 3 号", "picture": "🍜"}


async def asked(street: Street, place: dict[str, Any], **more: Any) -> dict[str, Any]:
    wanted = {"place_id": place["id"], "shop": SHOP, **more}
    answer: dict[str, Any] = await street.promoter.post("/api/field/sign-ups", wanted, idempotency_key=key())
    return answer


def token_of(sign_up: dict[str, Any]) -> str:
    return str(sign_up["url"]).rpartition("/")[2]


async def agreed(owner: Client, sign_up: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await owner.post(f"/api/sign-ups/{token_of(sign_up)}/agreements")
    return answer


async def typed(street: Street, sign_up: dict[str, Any], code: str) -> dict[str, Any]:
    path = f"/api/field/sign-ups/{sign_up['id']}/owner-codes"
    answer: dict[str, Any] = await street.promoter.post(path, {"owner_code": code})
    return answer


async def printed(street: Street, blanks: int = 3) -> list[str]:
    """Codes of a sheet, as a camera reads them."""
    sheet = await street.operator.post("/api/ops/sheets", {"blanks": blanks}, idempotency_key=key())
    rows = await street.market.rows("select code from field.blanks where sheet_id = $1 order by code", sheet["id"])
    return [f"{street.market.served.url}/c/{row['code']}" for row in rows]


async def bound(promoter: Client, sign_up: dict[str, Any], blank: str) -> None:
    await promoter.post(f"/api/field/sign-ups/{sign_up['id']}/blanks", {"blank": blank}, idempotency_key=key())


async def test_whoever_scans_it_owns_the_shop_and_the_place_is_that_shop(market: Market) -> None:
    street = await opened_street(market)
    place, owner = await street.place(), await market.person("owner")
    sign_up = await asked(street, place)
    seen = await owner.get(f"/api/sign-ups/{token_of(sign_up)}")
    assert (seen["shop"]["name"], seen["promoter"]["handle"], seen["state"]) == ("老张面馆", "walker", "asked")
    done = await agreed(owner, sign_up)
    assert done == await agreed(owner, sign_up), "again it is the same"
    [shop] = (await owner.get("/api/shops"))["shops"]
    assert (done["state"], done["shop_id"], shop["name"]) == ("open", shop["id"], "老张面馆")
    now = await street.promoter.get(f"/api/field/sign-ups/{sign_up['id']}")
    assert (now["state"], now["shop_id"], now["owner"]["handle"]) == ("open", shop["id"], "owner")
    assert [one["wallets"] for one in await street.seen()] == ["ours"]
    visits = (await street.operator.get(f"/api/ops/street/{place['id']}/visits"))["visits"]
    assert [(one["outcome"], one["promoter"]["handle"]) for one in visits] == [("signed_up", "walker")]
    assert (await street.promoter.get("/api/field/route"))["stops"] == []
    order = await market.order(await market.shopper("buyer", balance_minor=500), shop, 300)
    assert order["shop"]["name"] == "老张面馆"


async def test_the_owners_phone_shows_a_code_that_is_good_once(market: Market) -> None:
    street = await opened_street(market)
    place, second = await street.place(), await street.place("Second", "2")
    owner = await market.person("owner")
    first = (await owner.post("/api/me/owner-code"))["code"]
    code = (await owner.post("/api/me/owner-code"))["code"]
    sign_up, other = await asked(street, place), await asked(street, second)
    assert await refused_as(typed(street, sign_up, first)) == "owner-code-wrong"
    assert (await typed(street, sign_up, code))["state"] == "open"
    assert (await typed(street, sign_up, code))["state"] == "open"
    assert await refused_as(typed(street, other, code)) == "owner-code-wrong"
    assert len((await owner.get("/api/shops"))["shops"]) == 1


async def test_a_code_is_over_after_five_minutes_and_a_request_after_fifteen(market: Market, time: Time) -> None:
    street = await opened_street(market)
    place, owner = await street.place(), await market.person("owner")
    code = (await owner.post("/api/me/owner-code"))["code"]
    sign_up = await asked(street, place, owner_handle="owner")
    assert len((await owner.get("/api/sign-ups"))["sign_ups"]) == 1
    time.pass_by(minutes=6)
    assert await refused_as(typed(street, sign_up, code)) == "owner-code-wrong"
    time.pass_by(minutes=10)
    assert (await owner.get("/api/sign-ups"))["sign_ups"] == []
    assert await refused_as(agreed(owner, sign_up)) == "sign-up-over"
    assert (await owner.get("/api/shops"))["shops"] == []


async def test_who_is_asked_by_handle_hears_of_it_in_a_message_that_leads_there(market: Market) -> None:
    street = await opened_street(market)
    place, owner = await street.place(), await market.person("owner")
    await asked(street, place)
    await market.settle()
    assert await market.told(owner, "shop.sign_up_asked") == []
    sign_up = await asked(street, place, owner_handle="owner")
    await market.settle()
    [told] = await market.told(owner, "shop.sign_up_asked")
    assert told == {"token": token_of(sign_up), "shop_name": sign_up["shop"]["name"], "from_name": "Walker"}
    assert (await owner.get(f"/api/sign-ups/{told['token']}"))["promoter"]["name"] == told["from_name"]


async def test_a_request_that_was_sent_to_one_is_nobody_elses(market: Market) -> None:
    street = await opened_street(market)
    place, owner, other = await street.place(), await market.person("owner"), await market.person("other")
    sign_up = await asked(street, place, owner_handle="owner")
    assert await refused_as(agreed(other, sign_up)) == "not-found"
    assert await refused_as(other.get(f"/api/sign-ups/{token_of(sign_up)}")) == "not-found"
    code = (await other.post("/api/me/owner-code"))["code"]
    assert await refused_as(typed(street, sign_up, code)) == "sign-up-over"
    [waiting] = (await owner.get("/api/sign-ups"))["sign_ups"]
    await owner.post(f"/api/sign-ups/{waiting['token']}/refusals")
    await owner.post(f"/api/sign-ups/{waiting['token']}/refusals")
    assert await refused_as(agreed(owner, sign_up)) == "sign-up-over"
    assert (await street.promoter.get(f"/api/field/sign-ups/{sign_up['id']}"))["state"] == "declined"
    assert await refused_as(asked(street, place, owner_handle="nobody_at_all")) == "not-found"


async def test_two_who_scan_it_at_once_open_one_shop(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    sign_up = await asked(street, place)
    people = [await market.person(f"owner_{number}") for number in range(4)]
    answers = await at_once(*[agreed(one, sign_up) for one in people])
    assert [one for one in answers if isinstance(one, dict)], answers
    assert await market.value("select count(*) from merchants.shops") == 1
    assert await market.value("select count(*) from field.visits") == 1


async def test_nobody_signs_up_a_shop_of_their_own_nor_one_that_takes_ours(market: Market) -> None:
    street = await opened_street(market)
    place, taken = await street.place(), await street.place("Taken", "2")
    sign_up = await asked(street, place)
    assert await refused_as(agreed(street.promoter, sign_up)) == "own-sign-up"
    code = (await street.promoter.post("/api/me/owner-code"))["code"]
    assert await refused_as(typed(street, sign_up, code)) == "own-sign-up"
    assert await refused_as(asked(street, place, owner_handle="walker")) == "own-sign-up"
    await street.link(taken, await market.shop(await market.person("keeper")))
    assert await refused_as(asked(street, taken)) == "takes-ours"


async def test_a_discreet_shops_place_is_asked_for_like_any_other(market: Market) -> None:
    street = await opened_street(market)
    place, keeper = await street.place(), await market.person("keeper")
    shop = await market.shop(keeper)
    await street.link(place, shop)
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    sign_up = await asked(street, place)
    assert (await agreed(await market.person("other"), sign_up))["state"] == "open"
    assert await market.value("select shop_id from field.places") == await market.value(
        "select id from merchants.shops where discreet"
    )


async def test_an_owner_who_may_open_no_shop_is_told_why(market: Market) -> None:
    street = await opened_street(market)
    place, owner = await street.place(), await market.person("owner")
    for number in range(3):
        await market.shop(owner, f"shop {number}")
    sign_up = await asked(street, place)
    assert await refused_as(agreed(owner, sign_up)) == "shops-unreviewed"
    assert (await street.promoter.get(f"/api/field/sign-ups/{sign_up['id']}"))["state"] == "refused"
    assert await market.sweep("field.sign_up") == 0


async def test_a_printed_code_is_bound_once_and_pays_the_shop_from_then_on(market: Market) -> None:
    street = await opened_street(market)
    place, owner, buyer = await street.place(), await market.person("owner"), await market.shopper("buyer")
    blank, spare = await printed(street, 2)
    assert await refused_as(buyer.post("/api/scans", {"text": blank})) == "code-unknown"
    sign_up = await asked(street, place)
    assert await refused_as(bound(street.promoter, sign_up, blank)) == "not-found", "its shop does not stand yet"
    shop_id = (await agreed(owner, sign_up))["shop_id"]
    await bound(street.promoter, sign_up, blank)
    await bound(street.promoter, sign_up, blank)
    assert (await buyer.post("/api/scans", {"text": blank}))["shop"]["id"] == shop_id
    codes = (await owner.get(f"/api/shops/{shop_id}/codes"))["adopted"]
    assert [one["code"]["url"].rpartition("/")[2] for one in codes] == [blank.rpartition("/")[2]]
    await owner.post(f"/api/shops/{shop_id}/blanks", {"blank": spare}, idempotency_key=key())
    assert await market.value("select count(*) from field.blanks where shop_id is not null") == 2


@pytest.mark.parametrize(
    ("blank", "slug"),
    [("https://elsewhere.example/c/B0123456789A", "code-foreign"), ("BAAAAAAAAAA0", "code-damaged")],
)
async def test_what_is_no_printed_code_is_refused(market: Market, blank: str, slug: str) -> None:
    street = await opened_street(market)
    owner = await market.person("owner")
    shop = await market.shop(owner)
    path = f"/api/shops/{shop['id']}/blanks"
    assert await refused_as(owner.post(path, {"blank": blank}, idempotency_key=key())) == slug
    own = {"blank": shop["code"]["url"]}
    assert await refused_as(owner.post(path, own, idempotency_key=key())) == "not-a-blank"
    assert await refused_as(street.promoter.post(path, own, idempotency_key=key())) == "not-found"


async def test_a_bound_code_is_not_bound_elsewhere_also_at_once(market: Market) -> None:
    street = await opened_street(market)
    owners = [await market.person(f"owner_{number}") for number in range(4)]
    shops = [await market.shop(owner, f"shop {number}") for number, owner in enumerate(owners)]
    [blank] = await printed(street, 1)
    answers = await at_once(
        *[
            owner.post(f"/api/shops/{shop['id']}/blanks", {"blank": blank}, idempotency_key=key())
            for owner, shop in zip(owners, shops, strict=True)
        ]
    )
    assert sorted(answers, key=str) == [None, "blank-taken", "blank-taken", "blank-taken"]
    sheets = (await street.operator.get("/api/ops/sheets"))["sheets"]
    assert [(one["codes"], one["bound"]) for one in sheets] == [(1, 1)]


async def test_a_sheet_is_printed_with_an_address_that_phones_reach(market: Market) -> None:
    street = await opened_street(market)
    once = key()
    first, again = [await street.operator.post("/api/ops/sheets", {"blanks": 13}, idempotency_key=once) for _ in "12"]
    assert first == again
    assert await market.value("select count(*) from field.blanks") == 13
    path = f"/api/ops/sheets/{first['id']}/codes.pdf"
    assert await refused_as(street.operator.get(path)) == "address-not-public"
    assert await refused_as(street.promoter.post("/api/ops/sheets", {"blanks": 1}, idempotency_key=key())) == (
        "not-an-operator"
    )
