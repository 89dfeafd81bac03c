"""The picture of a code, and what scanning leads to."""

import io
import re
from xml.etree import ElementTree

import httpx
import pytest
import zxingcpp
from PIL import Image

from tests.support.market import Market, at_once, key, refusal, refused_as

SVG = "{http://www.w3.org/2000/svg}"


async def test_the_picture_of_a_code_is_read_as_its_address(market: Market) -> None:
    person = await market.served.person("xiaoman")
    code = (await person.get("/api/wallet"))["code"]
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as anybody:
        answer = await anybody.get(code["svg"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert decoded(answer.content) == code["url"] == f"{market.served.url}/c/{code['code']}"


async def test_there_is_no_picture_of_a_damaged_code(market: Market) -> None:
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as anybody:
        for code in ("S00000000000", "s", "x" * 200, "%00", "..%2f..", "P0000000000\u00e9"):
            answer = await anybody.get(f"/api/codes/{code}/image.svg")
            assert answer.json()["type"] in ("/problems/code-damaged", "/problems/not-found"), code
            assert answer.json()["status"] == answer.status_code


async def test_a_shops_code_is_scanned_as_its_shop(market: Market) -> None:
    buyer, keeper = await market.served.person("xiaoman"), await market.served.person("guifang")
    shop = await market.shop(keeper)
    seen = {name: shop[name] for name in ("id", "name", "trade", "place", "picture")}
    expected = {"kind": "shop", "code": shop["code"]["code"], "shop": seen, "till": None, "away": None}
    for text in (shop["code"]["code"], shop["code"]["url"], f" {shop['code']['url'].replace('http:', 'HTTP:')} "):
        assert await buyer.post("/api/scans", {"text": text}) == expected
    assert await market.value("select count(*) from kit.outbox where type = 'checkout.code_scanned'") == 3


async def test_a_persons_code_is_scanned_as_the_person_and_what_they_are_to_me(market: Market) -> None:
    one, other = await market.served.person("xiaoman"), await market.served.person("azhe")
    code = (await other.get("/api/wallet"))["code"]["code"]
    seen = {name: other.me[name] for name in ("id", "handle", "name", "avatar")}
    found = await one.post("/api/scans", {"text": code})
    assert found == {"kind": "person", "code": code, "person": seen, "relation": "none"}
    await one.post("/api/contacts/requests", {"person_id": other.me["id"], "greeting": "hello"})
    assert (await one.post("/api/scans", {"text": code}))["relation"] == "requested"


async def test_what_cannot_be_scanned_is_refused_by_name_and_not_counted(market: Market) -> None:
    keeper, buyer = await market.served.person("guifang"), await market.served.person("xiaoman")
    shop = await market.shop(keeper)
    own, of_shop = (await keeper.get("/api/wallet"))["code"]["code"], shop["code"]["code"]
    unknown = "S0000000000" + checked("S0000000000")
    assert await refused_as(keeper.post("/api/scans", {"text": own})) == "own-code"
    assert await refused_as(keeper.post("/api/scans", {"text": of_shop})) == "own-code"
    assert await refused_as(buyer.post("/api/scans", {"text": unknown})) == "code-unknown"
    assert await refused_as(buyer.post("/api/scans", {"text": of_shop[:-1]})) == "code-damaged"
    assert await refused_as(buyer.post("/api/scans", {"text": f"https://example.org/c/{of_shop}"})) == "code-foreign"
    assert await refused_as(buyer.post("/api/scans", {"text": "http://[::1"})) == "code-foreign"
    assert await refused_as(buyer.post("/api/scans", {"text": ""})) == "invalid-request"
    assert await refused_as(buyer.post("/api/scans", {"text": "x" * 2001})) == "invalid-request"
    await keeper.request("PATCH", f"/api/shops/{shop['id']}", {"state": "closed"})
    assert await refused_as(buyer.post("/api/scans", {"text": of_shop})) == "shop-closed"
    assert await market.value("select count(*) from kit.outbox where type = 'checkout.code_scanned'") == 0


async def test_a_lost_code_is_replaced_once_and_the_old_one_says_so(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=1_000)
    shop = await market.shop(keeper)
    path, once = f"/api/shops/{shop['id']}/code", key()
    assert await refused_as(buyer.post(path, idempotency_key=key())) == "not-found"
    answers = await at_once(*[keeper.post(path, idempotency_key=once) for _ in range(5)])
    renewed = await keeper.get(f"/api/shops/{shop['id']}")
    assert answers == [renewed] * 5
    assert {**renewed, "code": shop["code"]} == shop
    assert renewed["code"]["code"] != shop["code"]["code"]
    assert await market.value("select count(*) from codes.codes where target_id = $1", shop["id"]) == 2
    for refused in (
        buyer.post("/api/scans", {"text": shop["code"]["url"]}),
        market.order(buyer, shop, 100),
        buyer.get(f"/api/codes/{shop['code']['code']}/emv"),
    ):
        no = await refusal(refused)
        assert (no.slug, no.problem["reason"]) == ("code-unknown", "replaced")
    assert (await market.pay(buyer, await market.order(buyer, renewed, 100)))["state"] == "paid"


async def test_codes_of_people_take_no_orders(market: Market) -> None:
    buyer, other = await market.served.person("xiaoman"), await market.served.person("azhe")
    code = (await other.get("/api/wallet"))["code"]["code"]
    wanted = {"code": code, "amount_minor": 100}
    assert await refused_as(buyer.post("/api/orders", wanted, idempotency_key=key())) == "not-a-shop-code"


def checked(body: str) -> str:
    """ISO 7064 MOD 37,36, written down a second time from the standard: the check value makes the whole congruent to 1."""
    characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rest = 36
    for character in body:
        rest = (rest + characters.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return characters[(1 - rest) % 36]


def decoded(svg: bytes) -> str:
    """The text of the QR code that an SVG draws with one path of horizontal strokes, drawn again dot by dot."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["width"])
    [group] = root.iter(f"{SVG}g")
    [dark] = [path for path in group if "stroke" in path.attrib]
    scale = int(re.findall(r"scale\((\d+)\)", group.attrib["transform"])[0])
    image = Image.new("L", (side, side), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([MmhH])([^MmhH]*)", dark.attrib["d"]):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            top = int((y - 0.5) * scale)
            image.paste(0, (int(x * scale), top, int((x + values[0]) * scale), top + scale))
            x += values[0]
        else:
            assert command in "Mm", "a stroke of another kind"
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    seen = io.BytesIO()
    image.save(seen, "PNG")
    [found] = zxingcpp.read_barcodes(Image.open(seen))
    return found.text


async def test_looking_at_shops_tills_charges_and_codes_writes_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is shown was issued as it came to be."""
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    path = f"/api/shops/{shop['id']}"
    await keeper.post(f"{path}/tills", {"name": "前台"}, idempotency_key=key())
    charge = await keeper.post(f"{path}/charges", {"amount_minor": 100}, idempotency_key=key())
    looks = ["", "/tills", "/codes", f"/charges/{charge['id']}", "/stores", "/profile", "/staff", "/takings"]
    wanted = ["/api/shops", "/api/wallet", *[f"{path}{look}" for look in looks]]
    before = [await keeper.get(look) for look in wanted]

    def refuse() -> None:
        raise AssertionError("a look began a transaction")

    monkeypatch.setattr(market.house.database, "transaction", refuse)
    assert [await keeper.get(look) for look in wanted] == before
