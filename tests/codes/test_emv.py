"""Merchant codes (EMVCo): public samples are read, ours are written by the standard, whatever is damaged is refused by field."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.codes import emv, rules
from junzi.codes.model import CodeDamaged, CodeForeign, CodeKind
from junzi.kit.errors import InvalidRequest
from junzi.kit.money import CURRENCIES
from tests.support.examples import examples
from tests.support.market import Market, refusal, refused_as

CODE = rules.write(CodeKind.SHOP, 98765432109876)
CNY = CURRENCIES["CNY"]
HOSTS = frozenset({"junzi.example.org", "192.168.1.20:8800"})

SAMPLES = {
    "the standard's own": (
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
        "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A6008667"
        "0902ME91320016A0112233449988770708123456786304A13A"
    ),
    "one of Phnom Penh": (
        "00020101021252044131153137210116372101160123456789ABCDE6010Phnom Penh5913Merchant Shop5802KH540510.005303840"
        "622501081234567802090124444446304A0BA"
    ),
    "a city longer than allowed": (
        "00020101021252044131153137210116372101160123456789ABCDE6016Banteay Meanchey5913Kuntheas Shop5802KH540510.00"
        "53038406212010812345678" + "63041FF2"
    ),
    "a name in Chinese": (
        "00020101021126410014cn.example.pay011019000000010205S00015204541153031565802CN5918LAO WANG XIAOMAIBU"
        "6008SHENZHEN62160305S00010703T0164210002ZH0105老王小卖部0202深圳63045C60"
    ),
}

DAMAGED = {
    "cut short": (lambda text: text[:-1], "63"),
    "without its end": (lambda text: text[:-8], "63"),
    "one character changed": (lambda text: text.replace("NOODLES", "NOODLEZ"), "63"),
    "one character of the Chinese name changed": (lambda text: text.replace("面馆", "面店"), "63"),
    "more after its end": (lambda text: text + "6101A", "63"),
    "a length too long": (lambda text: text.replace("5802CN", "5899CN"), "58"),
    "a length that is none": (lambda text: text.replace("5802CN", "58xxCN"), "58"),
    "a length of nothing": (lambda text: text.replace("5802CN", "5800CN"), "58"),
    "a length in other digits": (lambda text: text.replace("5802CN", "58٠٢CN"), "58"),
    "too long": (lambda text: text + "0" * 600, "00"),
}

LACKING = {
    "52": "52",
    "53": "53",
    "58": "58",
    "59": "59",
    "60": "60",
    "26": "26",
}
WRONG = {
    "52": "58x2",
    "53": "CNY",
    "54": "1,5",
    "58": "cn",
    "01": "13",
    "55": "04",
    "56": "1,5",
    "57": "100.5",
    "61": "12345678901",
}


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_public_samples_are_read_and_are_not_ours(text: str) -> None:
    assert emv.sealed([row for row in emv.parsed(text).items() if row[0] != emv.CHECKSUM]) == text
    with pytest.raises(CodeForeign):
        rules.read(text, HOSTS)


def test_a_code_of_a_scheme_that_leaves_fields_out_is_foreign_and_not_damaged() -> None:
    """A public sample of PromptPay: no kind of trade, no name, no city."""
    text = "00020101021129370016A000000677010111011300668999999995802TH53037646304FE29"
    with pytest.raises(CodeForeign):
        rules.read(text, HOSTS)
    _refused(text.replace("6689", "6698"), "63")
    with pytest.raises(CodeDamaged, match="lacks its field 52"):
        emv.parsed(text)


@pytest.mark.parametrize(("indicator", "field", "value"), [("02", "56", "1.50"), ("03", "57", "12.5")])
def test_a_fee_that_is_announced_has_to_stand_there(indicator: str, field: str, value: str) -> None:
    rows = [row for row in emv.parsed(emv.written(_ours())).items() if row[0] != "63"]
    _refused(emv.sealed([*rows, ("55", indicator)]), field)
    assert emv.parsed(emv.sealed([*rows, ("55", indicator), (field, value)]))[field] == value


def test_what_a_sample_says() -> None:
    rows = emv.parsed(SAMPLES["the standard's own"])
    assert (rows["54"], rows["59"], rows["62"]) == ("23.72", "BEST TRANSPORT", "030412340603***0708A60086670902ME")
    assert emv.template(rows, "64") == {"00": "ZH", "01": "最佳运输", "02": "北京"}


@pytest.mark.parametrize(("text", "sum"), [("123456789", "29B1"), ("", "FFFF")])
def test_the_checksum_is_crc_16_ccitt_false(text: str, sum: str) -> None:
    assert emv.checksum(text) == sum


def test_a_shops_code_as_it_is_written() -> None:
    text = emv.written(_ours(name="山脚面馆 Noodles"))
    assert text.startswith(f"0002010102112637{'0017'}org.example.junzi0112{CODE}5204")
    rows = emv.parsed(text)
    assert emv.template(rows, "26") == {"00": "org.example.junzi", "01": CODE}
    assert {name: rows[name] for name in ("01", "52", "53", "58", "59", "60")} == {
        "01": "11",
        "52": "5812",
        "53": "156",
        "58": "CN",
        "59": "NOODLES",
        "60": "DEMO TOWN",
    }
    assert emv.template(rows, "64") == {"00": "ZH", "01": "山脚面馆 Noodles"}
    assert "54" not in rows


@pytest.mark.parametrize(
    ("currency", "amount_minor", "written"),
    [("CNY", 1, "0.01"), ("CNY", 1250, "12.50"), ("JPY", 1250, "1250"), ("KWD", 1250, "1.250")],
)
def test_an_amount_stands_in_its_currencys_form(currency: str, amount_minor: int, written: str) -> None:
    rows = emv.parsed(emv.written(_ours(currency=CURRENCIES[currency], amount_minor=amount_minor)))
    assert (rows["01"], rows["54"]) == ("12", written)


def test_an_amount_that_has_no_room_is_not_written() -> None:
    with pytest.raises(InvalidRequest, match="too large"):
        emv.written(_ours(amount_minor=10**12))


@pytest.mark.parametrize(("damage", "field"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_code_is_refused_by_its_field(damage: object, field: str) -> None:
    _refused(damage(emv.written(_ours(name="山脚面馆 NOODLES"))), field)  # type: ignore[operator]


@pytest.mark.parametrize(("lacking", "field"), LACKING.items())
def test_a_code_that_lacks_a_field_is_refused_by_it(lacking: str, field: str) -> None:
    rows = emv.parsed(emv.written(_ours()))
    _refused(emv.sealed([row for row in rows.items() if row[0] not in (lacking, "63")]), field)


@pytest.mark.parametrize(("field", "value"), WRONG.items())
def test_a_field_without_its_form_is_refused_by_it(field: str, value: str) -> None:
    rows = {**emv.parsed(emv.written(_ours())), field: value}
    _refused(emv.sealed([row for row in rows.items() if row[0] != "63"]), field)


def test_a_field_that_stands_twice_and_a_broken_template_are_refused() -> None:
    rows = [row for row in emv.parsed(emv.written(_ours())).items() if row[0] != "63"]
    _refused(emv.sealed([*rows, ("58", "CN")]), "58")
    _refused(emv.sealed([*rows, ("62", "0309short")]), "62.03")
    _refused(emv.sealed([("26", "0017org.example.junzi") if row[0] == "26" else row for row in rows]), "26.01")


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_wherever_a_sample_is_cut_it_is_refused_by_a_field(text: str) -> None:
    for length in range(6, len(text)):
        with pytest.raises(CodeDamaged) as refused:
            emv.parsed(text[:length])
        assert refused.value.facts["field"] in emv.parsed(text)
        assert "cut short" in refused.value.detail or "checksum" in refused.value.detail


def test_lengths_count_characters_and_the_checksum_runs_over_bytes() -> None:
    text = SAMPLES["a name in Chinese"]
    rows = emv.parsed(text)
    assert (len(rows["64"]), len(rows["64"].encode())) == (21, 35)
    assert emv.checksum(text[:-4]) == rows["63"]
    assert emv.template(rows, "64") == {"00": "ZH", "01": "老王小卖部", "02": "深圳"}
    counted_in_bytes = text.replace("6421", "6435")
    with pytest.raises(CodeDamaged, match="cut short"):
        emv.parsed(counted_in_bytes)


@pytest.mark.parametrize(
    ("value", "length"), [("x", "01"), ("x" * 99, "99"), ("字" * 99, "99"), ("🍜" * 50, "50")], ids=len
)
def test_a_field_holds_up_to_99_characters(value: str, length: str) -> None:
    rows = [row for row in emv.parsed(emv.written(_ours())).items() if row[0] != "63"]
    text = emv.sealed([*rows, ("65", value)])
    assert f"65{length}{value}" in text
    assert emv.parsed(text)["65"] == value


@pytest.mark.parametrize("value", ["", "x" * 100])
def test_what_has_no_room_in_a_field_is_not_written(value: str) -> None:
    with pytest.raises(ValueError, match="1 to 99 characters"):
        emv.joined([("65", value)])


def test_a_code_has_up_to_512_characters() -> None:
    rows = [row for row in emv.parsed(emv.written(_ours())).items() if row[0] != "63"]
    room = emv.LONGEST - len(emv.sealed(rows))
    fillings = [("65", "x" * 99), ("66", "x" * 99), ("67", "x" * 99)]
    last = room - sum(4 + len(value) for _, value in fillings) - 4
    assert len(emv.sealed([*rows, *fillings, ("68", "x" * last)])) == 512
    assert emv.parsed(emv.sealed([*rows, *fillings, ("68", "x" * last)]))["68"] == "x" * last
    _refused(emv.sealed([*rows, *fillings, ("68", "x" * (last + 1))]), "00")


@pytest.mark.parametrize(
    ("terminal", "label"),
    [
        ("Till 2", "TILL 2"),
        ("前台", CODE),
        ("2 号台", "2"),
        ("Kasse Süd", "KASSE SUD"),
        ("x" * 40, "X" * 25),
        ("", None),
    ],
)
def test_a_till_stands_in_the_terminal_label(terminal: str, label: str | None) -> None:
    rows = emv.parsed(emv.written(_ours(terminal=terminal)))
    assert (emv.template(rows, "62") if "62" in rows else None) == (label and {"07": label})


@given(
    st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()),
    st.integers(0, 2**50 - 1),
    st.one_of(st.none(), st.integers(1, 10**12 - 1)),
    st.sampled_from(sorted(HOSTS)),
)
@settings(max_examples=examples(200))
def test_what_is_written_is_read_again(name: str, bits: int, amount_minor: int | None, host: str) -> None:
    code = rules.write(CodeKind.SHOP, bits)
    text = emv.written(emv.Presented(emv.identifier_of(host), code, "5411", CNY, "CN", name, "Demo Town", amount_minor))
    rows = emv.parsed(text)
    assert len(text) <= emv.LONGEST
    assert rows["59"].isascii()
    assert 1 <= len(rows["59"]) <= 25
    assert rules.read(text, HOSTS) == code
    with pytest.raises(CodeForeign):
        rules.read(text, frozenset({"elsewhere.example.org"}))


@given(st.integers(0, 400), st.characters(codec="utf-8"))
@settings(max_examples=examples(200))
def test_one_changed_character_is_never_read_as_another_code(place: int, wrong: str) -> None:
    text = emv.written(_ours(name="山脚面馆"))
    place %= len(text)
    changed = text[:place] + wrong + text[place + 1 :]
    try:
        assert rules.read(changed, HOSTS) == CODE
        assert changed.upper() == text.upper()
    except (CodeDamaged, CodeForeign):
        assert changed != text


@pytest.mark.parametrize(
    ("host", "identifier"),
    [
        ("pay.example.org", "org.example.pay"),
        ("localhost:8811", None),
        ("192.168.1.20", None),
        ("a-very-long-name-of-a-host.example.org", None),
    ],
)
def test_who_we_are_follows_from_the_address(host: str, identifier: str | None) -> None:
    found = emv.identifier_of(host)
    assert found == identifier or (identifier is None and len(found) == 32 and int(found, 16))
    assert emv.host_of("Org.Example.pay") == "pay.example.org"


async def test_a_shops_merchant_code_is_scanned_and_ordered_with(market: Market) -> None:
    keeper, buyer = await market.served.person("guifang"), await market.shopper("xiaoman", balance_minor=1_000)
    shop = await market.shop(keeper)
    code = shop["code"]["code"]
    shown = await buyer.get(f"/api/codes/{code}/emv")
    assert shown["svg"] == f"/api/codes/{code}/emv.svg"
    rows = emv.parsed(shown["text"])
    assert (rows["52"], rows["59"], emv.template(rows, "64")["01"]) == ("5812", "SHOP", "山脚面馆")
    assert (await buyer.post("/api/scans", {"text": shown["text"]}))["shop"]["id"] == shop["id"]
    bought = await market.order(buyer, {"code": {"code": shown["text"]}}, 700)
    assert (bought["shop"]["id"], bought["amount_minor"]) == (shop["id"], 700)
    damaged = await refusal(buyer.post("/api/scans", {"text": shown["text"].replace("SHOP", "SHIP")}))
    assert (damaged.slug, damaged.problem["field"]) == ("code-damaged", "63")
    assert await refused_as(buyer.get("/api/codes/S00000000000/emv")) == "code-damaged"
    own = (await buyer.get("/api/wallet"))["code"]["code"]
    assert await refused_as(buyer.get(f"/api/codes/{own}/emv")) == "code-unknown"


def _ours(**change: object) -> emv.Presented:
    facts: dict[str, object] = {
        "identifier": "org.example.junzi",
        "code": CODE,
        "category_code": "5812",
        "currency": CNY,
        "country": "CN",
        "name": "Noodles",
        "city": "Demo Town",
    }
    return emv.Presented(**{**facts, **change})  # type: ignore[arg-type]


def _refused(text: str, field: str) -> None:
    with pytest.raises(CodeDamaged) as refused:
        rules.read(text, frozenset({"junzi.example.org"}))
    assert refused.value.facts == {"field": field}
    assert field in refused.value.detail or "checksum" in refused.value.detail or field in ("00", "26")
