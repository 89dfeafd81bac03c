"""How a code is written and read: every wrong character is noticed, and other people's codes are not taken for ours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.codes import emv, rules
from junzi.codes.model import CodeDamaged, CodeForeign, CodeKind
from tests.support.examples import examples

HOSTS = frozenset({"junzi.example.org", "192.168.1.20:8800"})
BITS = st.integers(0, 2**50 - 1)
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

FOREIGN = {
    "nothing": "",
    "blanks": " \n\t ",
    "another host": "https://example.org/c/{code}",
    "a host that begins like ours": "https://junzi.example.org.evil.example/c/{code}",
    "a host that ends like ours": "https://notjunzi.example.org/c/{code}",
    "our host as a name before another": "https://junzi.example.org@example.org/c/{code}",
    "another port": "https://junzi.example.org:8443/c/{code}",
    "our host, another page": "https://junzi.example.org/wallet/{code}",
    "our host, no page": "https://junzi.example.org",
    "another scheme": "ftp://junzi.example.org/c/{code}",
    "a script": "javascript:alert('{code}')",
    "data": "data:text/html,<script>{code}</script>",
    "a network": "WIFI:T:WPA;S=cafe;P=secret;;",
    "a payment of another scheme": emv.sealed(
        {"00": "01", "26": "0010cn.example", "52": "5812", "53": "156", "58": "CN", "59": "A", "60": "B"}.items()
    ),
    "a till code of another wallet": "wxp://f2f0abcdefghijklmnop",
    "another wallet's page": "https://qr.alipay.example/fkx00000",
    "a number plate": "沪A·12345",
    "a vCard": "BEGIN:VCARD\nFN:{code}\nEND:VCARD",
    "very long": "A" * 2000,
    "very long and ours at first": "{code}" + "0" * 1900,
    "an address that is none": "http://[::1/c/{code}",
    "an address with a strange host": "http://\u2100.example/c/{code}",
    "a code with a zero byte": "{code}\x00",
    "a code in words": "{code} please",
    "full-width letters": "\uff33\uff10\uff10\uff10",
}


def test_every_wrong_character_is_noticed_at_every_place() -> None:
    code = rules.write(CodeKind.SHOP, 0x2_A5C3_9F10_7B64)
    for place in range(len(code)):
        for wrong in set(CHARACTERS) - {code[place]}:
            assert not rules.is_whole(code[:place] + wrong + code[place + 1 :]), (place, wrong)


@given(BITS, st.sampled_from(CodeKind), st.integers(0, 11), st.sampled_from(CHARACTERS))
@settings(max_examples=examples(300))
def test_what_is_written_is_read_and_one_wrong_character_is_not(
    bits: int, kind: CodeKind, place: int, wrong: str
) -> None:
    code = rules.write(kind, bits)
    assert len(code) == 12
    assert code[0] == kind.value
    for text in (
        code,
        code.lower(),
        f"  {code}\n",
        f"https://junzi.example.org/c/{code}",
        f"http://192.168.1.20:8800/c/{code}/",
    ):
        assert rules.read(text, HOSTS) == code
    if code[place] != wrong:
        with pytest.raises(CodeDamaged):
            rules.read(code[:place] + wrong + code[place + 1 :], HOSTS)


@given(BITS)
def test_a_lost_or_doubled_character_is_noticed(bits: int) -> None:
    code = rules.write(CodeKind.PERSON, bits)
    for place in range(len(code)):
        for damaged in (code[:place] + code[place + 1 :], code[:place] + code[place] + code[place:]):
            with pytest.raises(CodeDamaged):
                rules.read(damaged, HOSTS)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_not_ours_is_foreign(text: str) -> None:
    code = rules.write(CodeKind.SHOP, 12345)
    with pytest.raises(CodeForeign):
        rules.read(text.replace("{code}", code), HOSTS)


@given(st.text(max_size=60))
@settings(max_examples=examples(300))
def test_whatever_a_camera_reads_is_read_or_refused(text: str) -> None:
    for read in (text, f"http://{text}/c/S", f"https://junzi.example.org/c/{text}"):
        try:
            assert rules.is_whole(rules.read(read, HOSTS))
        except (CodeDamaged, CodeForeign):
            continue


def test_an_address_of_ours_with_a_wrong_code_is_damaged() -> None:
    for path in ("/c/", "/c/S", "/c/S0000000000Z/more", "/c/%53000"):
        with pytest.raises(CodeDamaged):
            rules.read(f"https://junzi.example.org{path}", HOSTS)


def test_the_check_character_is_that_of_iso_7064() -> None:
    """The standard's own example for MOD 37,36."""
    assert rules.check_character("A12425GABC1234002") == "M"
