"""Places of the street: where they come from, which wallets they take, and what a rival's code was seen to be."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.field import rows, street_csv
from junzi.field.model import MOST_PROPOSALS, MOST_RIVALS, RowsWrong
from junzi.kit import clock
from junzi.operators.actions import make_administrator
from tests.field.street import HEAD, opened_street
from tests.support.market import Market, at_once, key, refusal, refused_as

NEW = {"name": "街角花店", "trade": "flowers", "address": "北门街 9 号"}


async def test_a_list_is_read_in_once_however_often_it_is_sent_and_corrected_by_its_numbers(market: Market) -> None:
    street = await opened_street(market)
    await street.operator.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key=key())
    lines = (
        "1,老张面馆,noodles,南门街 3 号,老城,32.041544,118.767413,small",
        '2,"Fruit, fresh",groceries,,Old town,,,chain',
    )
    assert await street.read_in(*lines) == {"rows": 2, "changed": 2}
    assert await street.read_in(*lines) == {"rows": 2, "changed": 0}
    fruit, noodles = await street.kept()
    assert (noodles["number"], noodles["source"], noodles["place"]["name"]) == ("1", "import", "老张面馆")
    assert noodles["place"]["position"] == {"latitude_e6": 32_041_544, "longitude_e6": 118_767_413}
    assert (fruit["place"]["name"], fruit["place"]["size"], fruit["place"]["position"]) == (
        "Fruit, fresh",
        "chain",
        None,
    )
    assert noodles["place"]["area_id"] == fruit["place"]["area_id"] is not None
    assert await street.read_in(lines[0].replace("3 号", "5 号"), lines[1]) == {"rows": 2, "changed": 1}
    assert [one["place"]["id"] for one in await street.kept()] == [fruit["place"]["id"], noodles["place"]["id"]]
    assert [one["address"] for one in await street.seen("面馆")] == ["南门街 5 号"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",Name,noodles,,,,,", "number"),
        ("1,Second,noodles,,,,,", "number"),
        ("2,,noodles,,,,,", "name"),
        (f"2,{'x' * 41},noodles,,,,,", "name"),
        ("2,Name,spaceships,,,,,", "trade"),
        (f"2,Name,noodles,{'x' * 81},,,,", "address"),
        ("2,Name,noodles,,Nowhere,,,", "area"),
        ("2,Name,noodles,,,91,0,", "latitude"),
        ("2,Name,noodles,,,32,,", "latitude"),
        ("2,Name,noodles,,,0,NaN,", "longitude"),
        ("2,Name,noodles,,,0,1e999999,", "longitude"),
        ("2,Name,noodles,,,,,huge", "size"),
        ("2,Name,noodles,,,,,small,more", ""),
        ('2,"Name,noodles,,,,,', ""),
    ],
)
def test_a_wrong_row_is_told_with_its_line(row: str, field: str) -> None:
    with pytest.raises(RowsWrong) as refused:
        rows.read("\n".join((HEAD, "1,First,noodles,,,,,", row)), {})
    [mistake] = refused.value.problem()["mistakes"]
    assert (mistake["line"], mistake["field"]) == (3, field)


@pytest.mark.parametrize(
    ("head", "rows_below"),
    [
        ("name,trade", ("Name,noodles",)),
        (HEAD + ",colour", ("1,Name,noodles,,,,,,red",)),
        (HEAD + ",name", ("1,Name,noodles,,,,,,Name",)),
        (HEAD, ()),
        (HEAD, tuple(f"{number},Name,noodles,,,,," for number in range(1_001))),
    ],
)
def test_a_list_of_another_shape_is_refused(head: str, rows_below: tuple[str, ...]) -> None:
    with pytest.raises(RowsWrong):
        rows.read("\n".join((head, *rows_below)), {})


async def test_of_a_list_with_a_wrong_row_nothing_is_taken_in_and_every_mistake_is_told(market: Market) -> None:
    street = await opened_street(market)
    refused = await refusal(street.read_in("1,First,noodles,,,,,", "2,,noodles,,,,,", "3,Third,spaceships,,,,,"))
    assert refused.slug == "rows-wrong"
    assert [(one["line"], one["field"]) for one in refused.problem["mistakes"]] == [(3, "name"), (4, "trade")]
    assert await street.kept() == []


async def test_what_people_and_promoters_name_is_seen_by_others_once_the_operator_accepts_it(market: Market) -> None:
    street = await opened_street(market)
    person, once = await market.served.person("person"), key()
    wished = [await person.post("/api/street", NEW, idempotency_key=once) for _ in range(2)]
    next_door = await street.promoter.post("/api/field/places", {**NEW, "name": "隔壁"}, idempotency_key=key())
    assert wished[0] == wished[1]
    assert [(await one.get("/api/street"))["places"] for one in (person, street.promoter)] == [[], []]
    waiting = await street.kept(state="proposed")
    assert [(one["place"]["id"], one["source"]) for one in waiting] == [
        (next_door["id"], "neighbour"),
        (wished[0]["place_id"], "wish"),
    ]
    path = f"/api/ops/street/{wished[0]['place_id']}"
    await street.operator.request("PUT", path, {**NEW, "name": "街角鲜花", "state": "standing"})
    assert [one["name"] for one in await street.seen()] == ["街角鲜花"]
    assert "source" not in (await street.seen())[0]
    await street.operator.request("PUT", path, {**NEW, "state": "gone"})
    assert await street.seen() == []
    assert await refused_as(person.post(f"{path.replace('/ops', '')}/wishes")) == "not-found"


async def test_one_person_names_so_many_places_and_no_more_also_at_once(market: Market) -> None:
    street = await opened_street(market)
    person = await market.served.person("person")
    answers = await at_once(
        *[person.post("/api/street", NEW, idempotency_key=key()) for _ in range(MOST_PROPOSALS + 3)]
    )
    assert answers.count("too-many-proposals") == 3
    assert len(await street.kept(state="proposed")) == MOST_PROPOSALS


async def test_wallets_follow_what_was_seen_last_of_each_rivals_code_and_what_was_seen_before_stays(
    market: Market,
) -> None:
    street = await opened_street(market)
    blue, green, place = await street.rival("Blue Wallet"), await street.rival("Green Wallet"), await street.place()

    async def wallets() -> str:
        return (await street.seen())[0]["wallets"]  # type: ignore[no-any-return]

    assert await wallets() == "none"
    for state, taken in (("live", "rival"), ("threatened", "rival"), ("dead", "none")):
        await street.see(place, blue, state)
        assert await wallets() == taken
    await street.see(place, green, "live", note="new")
    assert await wallets() == "rival"
    long_ago = (clock.now() - timedelta(days=3)).isoformat()
    await street.see(place, green, "dead", seen_at=long_ago)
    assert await wallets() == "rival", "what is reported late was seen before"
    shop = await market.shop(await market.served.person("keeper"))
    linked = await street.link(place, shop)
    assert (linked["place"]["wallets"], linked["place"]["shop"]["name"]) == ("both", shop["name"])
    await street.see(place, green, "dead")
    assert await wallets() == "ours"
    history = (await street.operator.get(f"/api/ops/street/{place['id']}/rival-codes"))["codes"]
    assert [one["state"] for one in history] == ["dead", "live", "dead", "threatened", "live", "dead"]
    assert [one["note"] for one in history if one["note"]] == ["new"]


async def test_a_report_has_one_effect_and_no_impossible_time(market: Market) -> None:
    street = await opened_street(market)
    blue, place, once = await street.rival(), await street.place(), key()
    path = f"/api/field/places/{place['id']}/rival-codes"
    wanted = {"rival_id": blue["id"], "state": "live", "how": "report"}
    sent = [await street.promoter.post(path, wanted, idempotency_key=once) for _ in range(2)]
    assert sent[0] == sent[1]
    for seen_at in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=500)):
        assert await refused_as(street.see(place, blue, "live", seen_at=seen_at.isoformat())) == "invalid-request"
    assert await refused_as(street.see(place, {"id": place["id"]}, "live")) == "invalid-request"
    assert await market.value("select count(*) from field.rival_codes") == 1


async def test_a_sticker_is_known_by_how_it_begins(market: Market) -> None:
    street = await opened_street(market)
    blue = await street.rival("Blue Wallet", "https://pay.blue.example/")
    shops = await street.rival("Blue for shops", "https://pay.blue.example/shops/")

    async def whose(text: str) -> object:
        return (await street.promoter.post("/api/street/stickers", {"text": text}))["rival"]

    assert await whose(" HTTPS://PAY.BLUE.example/x") == blue
    assert await whose("https://pay.blue.example/shops/7") == shops
    assert await whose("https://elsewhere.example/") is None


async def test_rivals_have_names_of_their_own_and_a_bound(market: Market) -> None:
    street = await opened_street(market)
    blue, green = await street.rival("Blue"), await street.rival("Green")
    assert await refused_as(street.rival("Blue")) == "rival-known"
    change = f"/api/ops/rivals/{green['id']}"
    assert await refused_as(street.operator.request("PATCH", change, {"name": "Blue"})) == "rival-known"
    assert (await street.operator.request("PATCH", change, {"name": "Grass"}))["name"] == "Grass"
    answers = await at_once(*[street.rival(f"Rival {number}") for number in range(MOST_RIVALS)])
    assert answers.count("too-many-rivals") == 2
    assert blue in (await street.promoter.get("/api/field/rivals"))["rivals"]


async def test_a_place_is_one_shop_and_a_shop_one_place(market: Market) -> None:
    street = await opened_street(market)
    first, second = await street.place(), await street.place("Second", "2")
    one = await market.shop(await market.served.person("keeper"))
    other = await market.shop(await market.served.person("other"))
    await street.link(first, one)
    assert (await street.link(first, one))["place"]["wallets"] == "ours"
    assert await refused_as(street.link(second, one)) == "shop-has-place"
    assert await refused_as(street.link(first, other)) == "place-linked"
    await street.link(first, None)
    assert (await street.link(second, one))["place"]["wallets"] == "ours"


async def test_the_team_and_the_operators_staff_open_none_of_each_others_doors(market: Market) -> None:
    street = await opened_street(market)
    blue, place, person = await street.rival(), await street.place(), await market.served.person("person")
    report = {"rival_id": blue["id"], "state": "live", "how": "scan"}
    for who in (person, street.operator):
        assert await refused_as(who.get("/api/field/places")) == "not-a-promoter"
        path = f"/api/field/places/{place['id']}/rival-codes"
        assert await refused_as(who.post(path, report, idempotency_key=key())) == "not-a-promoter"
    for who in (person, street.promoter):
        for path in ("/api/ops/street", "/api/ops/promoters", "/api/ops/rivals", "/api/ops/today"):
            assert await refused_as(who.get(path)) == "not-an-operator"
    assert (await street.promoter.get("/api/me"))["role"] is None
    assert await street.promoter.get("/api/field/me") == {"promoter": True}


async def test_who_is_let_go_is_in_the_team_no_more_until_taken_in_again(market: Market) -> None:
    street = await opened_street(market)
    walker = f"/api/ops/promoters/{street.promoter.me['id']}"
    for _ in range(2):
        await street.operator.request("DELETE", walker)
    assert await refused_as(street.promoter.get("/api/field/places")) == "not-a-promoter"
    assert (await street.operator.get("/api/ops/promoters"))["promoters"] == []
    await street.operator.post("/api/ops/promoters", {"handle": "walker"})
    assert await street.seen() == []
    done = await market.rows("select action from operators.audit_trail where action like 'field.%' order by id")
    assert [row["action"] for row in done] == [
        "field.promoter_taken_in",
        "field.promoter_let_go",
        "field.promoter_taken_in",
    ]


async def test_a_discreet_shops_place_is_like_one_that_is_not_ours_to_everybody(market: Market) -> None:
    street = await opened_street(market)
    keeper, person = await market.served.person("keeper"), await market.served.person("person")
    plain, place = await street.place("Plain", "1"), await street.place("Canary", "2")
    shop = await market.shop(keeper, "Canary shop")
    await street.link(place, shop)
    assert await refused_as(street.wish(person, place)) == "takes-ours"
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    second = await market.served.person("second")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(second.me["id"]))
    for who, path in (
        (person, "/api/street"),
        (street.promoter, "/api/field/places"),
        (street.operator, "/api/ops/street"),
        (second, "/api/ops/street"),
    ):
        listed = (await who.get(path))["places"]
        canary, other = [one.get("place", one) for one in listed]
        own = {"id", "name"}
        assert {name: value for name, value in canary.items() if name not in own} == {
            name: value for name, value in other.items() if name not in own
        }
        assert shop["id"] not in str(listed) and "Canary shop" not in str(listed)
    for one in (plain, place):
        await street.wish(person, one)
    listed = (await person.get("/api/street"))["places"]
    assert [(one["ours"], one["wished"]) for one in listed] == [(False, True), (False, True)]
    hidden = await market.shop(await market.served.person("hidden"))
    await market.look_at_shops()
    await street.link(place, None)
    await market.row("update merchants.shops set discreet = true where id = $1", hidden["id"])
    assert await refused_as(street.link(plain, hidden)) == "not-found"


async def table_of(operator: Client, asked: str = "") -> list[dict[str, str]]:
    answer = await operator.raw("GET", f"/api/ops/street.csv{asked}")
    assert answer.headers["content-disposition"] == 'attachment; filename="street.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_table_for_spreadsheets_says_of_every_place_what_the_page_says(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(street_csv, "AT_ONCE", 2)
    street = await opened_street(market)
    area = await street.operator.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key=key())
    blue = await street.rival("Blue Wallet")
    named = [await street.place(name, str(number)) for number, name in enumerate(("一", "二", "三"), start=1)]
    formula = await street.place("=A1", "4", area="老城")
    canary = await street.place("Canary", "5")
    await street.see(formula, blue, "threatened")
    shop, hidden = [await market.shop(await market.served.person(name), name) for name in ("keeper", "secret")]
    await street.link(named[0], shop)
    await street.link(canary, hidden)
    await market.row("update merchants.shops set discreet = true where id = $1 returning id", UUID(hidden["id"]))
    for number in range(5):
        await street.wish(await market.served.person(f"wisher_{number}"), named[1])
    await street.operator.request(
        "PUT", f"/api/ops/territories/{area['id']}", {"promoter_id": street.promoter.me["id"]}
    )
    rows = await table_of(street.operator)
    assert [row["number"] for row in rows] == ["5", "4", "3", "2", "1"]
    assert [row["takes"] for row in rows] == ["none", "rival", "none", "none", "ours"]
    assert [row["asked_people"] for row in rows] == ["", "", "", "5", ""]
    assert (rows[1]["name"], rows[1]["area"], rows[1]["promoter"]) == ("'=A1", "老城", "walker")
    assert rows[1]["rivals_codes"].startswith("Blue Wallet threatened 20")
    assert (rows[0]["latitude"], rows[0]["longitude"]) == ("32.04", "118.78")
    assert "secret" not in str(rows)
    assert [row["number"] for row in await table_of(street.operator, f"?area={area['id']}")] == ["4"]
    assert await table_of(street.operator, "?which=gone") == []
