"""A new shop works at once and is reviewed: queue, question, answer, tier, all of it on record."""

from typing import Any
from urllib.parse import quote as quoted

from tests.standing.office import Office
from tests.support.market import Market, key, refusal, refused_as


async def test_a_new_shop_waits_in_the_queue_with_the_lowest_tier(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    assert await office.standing(shop) == {
        "state": "waiting",
        "tier": "new",
        "limit_minor": 200_000,
        "left_minor": 200_000,
        "question": "",
        "answer": "",
        "withdrawal": None,
    }
    await market.settle()
    [line] = (await office.operator.get("/api/ops/shops"))["shops"]
    assert (line["id"], line["name"], line["place"]) == (shop["id"], "山脚面馆", "南门街 12 号")
    assert (line["owner"]["handle"], line["count"], line["amount_minor"]) == ("guifang", 0, 0)


async def test_the_queue_is_turned_page_by_page_and_who_waits_longest_is_first(market: Market) -> None:
    office = await Office.opened(market)
    opened = []
    for number in range(53):
        keeper = office.keeper if number < 3 else await market.served.person(f"keeper{number}")
        opened.append((await market.shop(keeper, f"Shop {number}"))["id"])
    await market.settle()
    first = await office.operator.get("/api/ops/shops")
    second = await office.operator.get(f"/api/ops/shops?after={quoted(first['next'])}")
    assert [shop["id"] for shop in first["shops"] + second["shops"]] == opened
    assert second["next"] is None
    assert await refused_as(office.operator.get("/api/ops/shops?after=yesterday")) == "invalid-request"


async def test_a_shop_is_asked_answers_and_is_given_a_tier(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    asked = await office.do(shop, "questions", {"text": "请补一张门头照片"})
    assert (asked["review"], asked["question"]) == ("asked", "请补一张门头照片")
    assert await listed(office, "waiting") == []
    assert [told["question"] for told in await market.told(office.keeper, "shop.asked")] == ["请补一张门头照片"]
    answered = await office.keeper.post(
        f"/api/shops/{shop['id']}/review-answers", {"text": "已换新图片"}, idempotency_key=key()
    )
    assert (answered["state"], answered["answer"], answered["tier"]) == ("waiting", "已换新图片", "new")
    assert await listed(office, "waiting") == [shop["id"]]
    reviewed = await office.do(shop, "reviews", {"tier": "small"})
    assert (reviewed["review"], reviewed["tier"]) == ("reviewed", "small")
    assert (await office.standing(shop))["left_minor"] == 2_000_000
    assert [told["limit_minor"] for told in await market.told(office.keeper, "shop.reviewed")] == [2_000_000]
    unlimited = await office.do(shop, "reviews", {"tier": "unlimited"})
    assert unlimited["tier"] == "unlimited"
    standing = await office.standing(shop)
    assert (standing["limit_minor"], standing["left_minor"]) == (None, None)
    assert await office.actions() == ["standing.shop_reviewed", "standing.shop_reviewed", "standing.shop_asked"]
    await market.books_are_right()


async def test_a_repeated_decision_is_told_and_written_once(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    once = key()
    for _ in range(3):
        await office.operator.post(f"/api/ops/shops/{shop['id']}/reviews", {"tier": "large"}, idempotency_key=once)
    assert len(await market.told(office.keeper, "shop.reviewed")) == 1
    assert await office.actions() == ["standing.shop_reviewed"]


async def test_a_shop_is_found_by_name_place_and_owner(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper, "100%_\\ Coffee")
    await market.shop(await market.served.person("laowu"), "蔬果日记")
    for text in ("100%", "_\\", "coffee", "guifang"):
        assert [one["id"] for one in await found(office, text)] == [shop["id"]], text
    assert len(await found(office, "南门街")) == 2
    assert await found(office, "%%%") == []


async def test_the_desk_is_the_operators_alone(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    for what, body in (
        ("reviews", {"tier": "large"}),
        ("questions", {"text": "x"}),
        ("withdrawals", {"reason": "fraud"}),
    ):
        asked = office.keeper.post(f"/api/ops/shops/{shop['id']}/{what}", body, idempotency_key=key())
        assert await refused_as(asked) == "not-an-operator"
    for path in ("/api/ops/shops", f"/api/ops/shops/{shop['id']}"):
        assert await refused_as(office.keeper.get(path)) == "not-an-operator"
    assert (await refusal(office.other.get(f"/api/shops/{shop['id']}/standing"))).slug == "not-found"


async def listed(office: Office, queue: str) -> list[str]:
    await office.market.settle()
    return [shop["id"] for shop in (await office.operator.get(f"/api/ops/shops?queue={queue}"))["shops"]]


async def found(office: Office, text: str) -> list[dict[str, Any]]:
    return (await office.operator.get(f"/api/ops/shops?search={quoted(text)}"))["shops"]  # type: ignore[no-any-return]
