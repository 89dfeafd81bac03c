"""A shop's poster: its code is read from the page as it is printed, the paper has its size, the file carries its fonts."""

import io
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pypdf
import pypdfium2
import pytest
import zxingcpp

from junzi.client import Client
from junzi.codes import emv, rules
from junzi.codes.model import CodeKind
from junzi.codes.rules import Reach
from junzi.kit import pdf
from junzi.kit.money import CURRENCIES
from junzi.merchants import poster
from junzi.merchants.poster import Format, Poster, Shape
from tests.support.market import Market, refusal, refused_as

CODE = rules.write(CodeKind.SHOP, 12345678901234)
ADDRESS = f"https://pay.example.org/c/{CODE}"
EMV = emv.written(
    emv.Presented(
        "org.example.pay", CODE, "5812", CURRENCIES["CNY"], "CN", "老王小卖部和他的朋友们的便利店", "Demo Town"
    )
)
LONG = "老王小卖部和他的朋友们的二十四小时便利店 Old Wang and Friends"
KINDS = [
    (Format.A5, Shape.SQUARE),
    (Format.A4, Shape.SQUARE),
    (Format.TENT, Shape.SQUARE),
    (Format.STICKER, Shape.SQUARE),
    (Format.STICKER, Shape.ROUND),
]
SIZES = {Format.A5: (148, 210), Format.A4: (210, 297), Format.TENT: (210, 297), Format.STICKER: (80, 80)}


@dataclass
class Printed:
    """page: as a reader has it; says: what the codes on its picture say; code: the first one's size there, in millimetres

    upright: of each code, whether it is as the sheet lies; else it stands on its head
    """

    page: Any
    says: list[str]
    code: float
    upright: list[bool]

    @property
    def words(self) -> str:
        return str(self.page.extract_text()).replace("\n", " ")


def printed(file: bytes) -> Printed:
    scale = 4
    picture = pypdfium2.PdfDocument(file)[0].render(scale=scale).to_pil()
    found = zxingcpp.read_barcodes(picture)
    corners = found[0].position if found else None
    side = abs(corners.top_right.x - corners.top_left.x) / scale / pdf.MM if corners else 0
    upright = [one.position.top_left.y < one.position.bottom_left.y for one in found]
    [page] = pypdf.PdfReader(io.BytesIO(file)).pages
    return Printed(page, [one.text for one in found], side, upright)


def of(says: str = ADDRESS, *, name: str = "山脚面馆", demo: bool = False, **facts: str) -> Poster:
    return Poster(CODE, says, name, "南门街 12 号", "🍜", "演示城", demo=demo, **facts)


@pytest.mark.parametrize("demo", [False, True], ids=["live", "demo"])
@pytest.mark.parametrize(("says", "name"), [(ADDRESS, "山脚面馆"), (EMV, LONG)], ids=["address", "emv"])
@pytest.mark.parametrize(("format", "shape"), KINDS)
def test_the_code_is_read_from_the_printed_page(format: Format, shape: Shape, says: str, name: str, demo: bool) -> None:
    seen = printed(poster.file(of(says, name=name, demo=demo), format, shape))
    # Whoever sits on the other side of a folded sheet reads it the right way up.
    assert sorted(seen.upright) == ([False, True] if format is Format.TENT else [True])
    assert seen.says == [says] * len(seen.upright)
    assert seen.code >= {Format.A5: 65, Format.A4: 92, Format.TENT: 70, Format.STICKER: 30}[format]
    letters = f"{CODE[:4]} {CODE[4:8]} {CODE[8:]}"
    assert letters in seen.words and "演示城" in seen.words
    assert (seen.words.count("演示 DEMO") == 3) is demo


@pytest.mark.parametrize(("format", "shape"), KINDS)
def test_the_paper_has_its_size_with_bleed_where_it_is_cut(format: Format, shape: Shape) -> None:
    page = printed(poster.file(of(), format, shape)).page
    sides = {
        name: [round(float(side) / pdf.MM, 1) for side in (box.width, box.height)]
        for name, box in {"trim": page.trimbox, "bleed": page.bleedbox, "paper": page.mediabox}.items()
    }
    wide, high = SIZES[format]
    bleed, marks = (3, 6) if format is Format.STICKER else (0, 0)
    assert sides == {
        "trim": [wide, high],
        "bleed": [wide + 2 * bleed, high + 2 * bleed],
        "paper": [wide + 2 * (bleed + marks), high + 2 * (bleed + marks)],
    }


@pytest.mark.parametrize(("format", "shape"), KINDS)
def test_a_poster_is_of_inks_alone_and_says_for_which_printing(format: Format, shape: Shape) -> None:
    """Four inks and the cutter's spot colour: nothing that a printer would have to convert from a screen's colours."""
    file = pypdf.PdfReader(io.BytesIO(poster.file(of(demo=True), format, shape)))
    [intent] = file.root_object["/OutputIntents"]
    assert intent["/OutputConditionIdentifier"] == "FOGRA39"
    [page] = file.pages
    drawn = page.get_contents()
    assert drawn is not None
    painted = set(re.findall(rb"(?:^|\s)(rg|RG|g|G|k|K|cs|CS)(?=\s|$)", drawn.get_data()))
    assert {b"k", b"K"} & painted
    assert not painted & {b"rg", b"RG", b"g", b"G"}
    assert "/XObject" not in page["/Resources"] or not page["/Resources"]["/XObject"]


def test_a_poster_says_the_same_in_both_languages_and_carries_its_fonts() -> None:
    page = printed(poster.file(of(till="前台"), Format.A5)).page
    words = page.extract_text().replace("\n", "")
    for expected in ("扫码付款", "Scan to pay", "Coupons welcome", "山脚面馆", "前台 · 南门街 12 号"):
        assert expected in words
    for reference in page["/Resources"]["/Font"].values():
        font = reference.get_object()
        if "oto" in font["/BaseFont"]:
            assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("http://localhost:8800", Reach.MACHINE),
        ("http://127.0.0.1:8800", Reach.MACHINE),
        ("http://[::1]:8800", Reach.MACHINE),
        ("http://0.0.0.0", Reach.MACHINE),
        ("http://192.168.1.20:8800", Reach.NETWORK),
        ("http://10.0.0.4", Reach.NETWORK),
        ("http://[fe80::1]", Reach.NETWORK),
        ("http://till:8800", Reach.NETWORK),
        ("http://shop.local", Reach.NETWORK),
        ("https://pay.example.org", Reach.EVERYWHERE),
        ("https://8.8.8.8", Reach.EVERYWHERE),
    ],
)
def test_how_far_an_address_reaches(address: str, reach: Reach) -> None:
    assert rules.reach_of(address) is reach


async def test_the_owner_prints_what_any_phone_reaches(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    path = f"/api/shops/{shop['id']}/poster"
    assert await refused_as(buyer.get(path)) == "not-found"
    here = await refusal(keeper.get(path))
    assert (here.slug, here.problem["setting"]) == ("address-not-public", "JUNZI_PUBLIC_URL")
    assert "--public-url" in here.problem["detail"]
    for asked, url in (("pay.example.org", "http://pay.example.org"), ("8.8.8.8:99", "http://8.8.8.8:99")):
        answer = await asked_as(market, keeper, asked, f"{path}?format=a4")
        assert answer.headers["content-type"] == "application/pdf"
        assert 'filename="poster-a4.pdf"' in answer.headers["content-disposition"]
        assert printed(answer.content).says == [f"{url}/c/{shop['code']['code']}"]
    answer = await asked_as(market, keeper, "192.168.1.20", path)
    assert answer.status_code == 409
    other = await asked_as(market, keeper, "pay.example.org", f"{path}?format=sticker&shape=round&says=emv")
    [text] = printed(other.content).says
    assert emv.code_for(text, frozenset({"org.example.pay"})) == shop["code"]["code"]


async def asked_as(market: Market, keeper: Client, host: str, path: str) -> httpx.Response:
    """The answer to a browser that knows us under that name."""
    headers = {"host": host, "cookie": f"junzi_session={keeper.token}"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.get(f"{market.served.url}{path}", headers=headers)
