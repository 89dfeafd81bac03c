"""What the issuer decides, row by row, and that its document tells the same."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junzi_issuer.cards import LIMIT_MINOR, NUMBER_PREFIX, TEST_CARDS, Behaviour
from junzi_issuer.model import PaymentKind, PaymentReason
from junzi_issuer.rules import (
    CodeVerdict,
    NumberFault,
    PaymentFacts,
    decide_payment,
    find_number_fault,
    has_right_check_digit,
    judge_code,
    strip_number,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "sandbox-bank.md"
AT = datetime(2026, 1, 1, tzinfo=UTC)
DEBIT, CREDIT = PaymentKind.DEBIT, PaymentKind.CREDIT


@pytest.mark.parametrize(
    ("kind", "behaviour", "revoked", "amount_minor", "balance_minor", "reason"),
    [
        (DEBIT, Behaviour.WORKS, False, 100, 100, None),
        (DEBIT, Behaviour.WORKS, False, 101, 100, PaymentReason.INSUFFICIENT_FUNDS),
        (CREDIT, Behaviour.WORKS, False, 101, 0, None),
        (DEBIT, Behaviour.WORKS, True, 1, 100, PaymentReason.TOKEN_REVOKED),
        (CREDIT, Behaviour.WORKS, True, 1, 100, PaymentReason.TOKEN_REVOKED),
        (DEBIT, Behaviour.BLOCKED, True, 1, 100, PaymentReason.TOKEN_REVOKED),
        (DEBIT, Behaviour.BLOCKED, False, 101, 100, PaymentReason.CARD_BLOCKED),
        (CREDIT, Behaviour.BLOCKED, False, 1, 100, PaymentReason.CARD_BLOCKED),
        (DEBIT, Behaviour.INSUFFICIENT, False, 1, 100, PaymentReason.INSUFFICIENT_FUNDS),
        (CREDIT, Behaviour.INSUFFICIENT, False, 1, 0, None),
        (DEBIT, Behaviour.LIMITED, False, LIMIT_MINOR, 10**9, None),
        (DEBIT, Behaviour.LIMITED, False, LIMIT_MINOR + 1, 10**9, PaymentReason.LIMIT_EXCEEDED),
        (DEBIT, Behaviour.LIMITED, False, LIMIT_MINOR + 1, 0, PaymentReason.LIMIT_EXCEEDED),
        (CREDIT, Behaviour.LIMITED, False, LIMIT_MINOR + 1, 0, None),
        (DEBIT, Behaviour.SLOW, False, 1, 0, PaymentReason.INSUFFICIENT_FUNDS),
    ],
)
def test_a_payment_is_decided_by_its_gravest_fault(
    kind: PaymentKind,
    behaviour: Behaviour,
    revoked: bool,
    amount_minor: int,
    balance_minor: int,
    reason: PaymentReason | None,
) -> None:
    assert decide_payment(PaymentFacts(kind, behaviour, revoked, amount_minor, balance_minor)) is reason


@pytest.mark.parametrize(
    ("typed", "matches", "age_s", "wrong", "verdict"),
    [
        ("123456", True, 0, 0, CodeVerdict.RIGHT),
        ("123456", True, 299, 2, CodeVerdict.RIGHT),
        ("123456", True, 300, 0, CodeVerdict.EXPIRED),
        ("123456", False, 300, 2, CodeVerdict.EXPIRED),
        ("123456", False, 0, 0, CodeVerdict.WRONG),
        ("123456", False, 0, 1, CodeVerdict.WRONG),
        ("123456", False, 0, 2, CodeVerdict.WRONG_TOO_OFTEN),
        ("12345", False, 0, 2, CodeVerdict.MALFORMED),
        ("１２３４５６", True, 0, 0, CodeVerdict.MALFORMED),
    ],
)
def test_a_code_is_judged(typed: str, matches: bool, age_s: int, wrong: int, verdict: CodeVerdict) -> None:
    expires_at = AT + timedelta(minutes=5)
    assert judge_code(typed, matches, AT + timedelta(seconds=age_s), expires_at, wrong) is verdict


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("6200000100000004", None),
        ("6200000100000005", NumberFault.CHECK_DIGIT),
        ("620000010000000", NumberFault.LENGTH),
        ("62000001000000040", NumberFault.LENGTH),
        ("620000010000000a", NumberFault.LENGTH),
        ("４111111111111111", NumberFault.LENGTH),
        ("4111111111111111", NumberFault.FOREIGN),
        ("", NumberFault.LENGTH),
    ],
)
def test_a_number_is_judged(number: str, fault: NumberFault | None) -> None:
    assert find_number_fault(number) is fault


@given(st.text(alphabet="0123456789", min_size=15, max_size=15), st.integers(0, 15), st.integers(1, 9))
def test_one_changed_digit_is_always_found(payload: str, place: int, change: int) -> None:
    right = [payload + digit for digit in "0123456789" if has_right_check_digit(payload + digit)]
    assert len(right) == 1
    digits = list(right[0])
    digits[place] = str((int(digits[place]) + change) % 10)
    assert not has_right_check_digit("".join(digits))


def test_spaces_and_hyphens_between_groups_are_no_part_of_a_number() -> None:
    assert strip_number(" 6200-0001 0000\u00a00004\n") == "6200000100000004"


def test_the_test_cards_are_of_the_sandbox_and_show_every_behaviour() -> None:
    assert len({card.number for card in TEST_CARDS}) == len(TEST_CARDS)
    for card in TEST_CARDS:
        assert find_number_fault(card.number) is None
        assert card.number.startswith(NUMBER_PREFIX)
    assert {card.behaviour for card in TEST_CARDS} == set(Behaviour)


def test_the_document_has_the_same_table() -> None:
    rows = re.findall(r"^\| `([0-9 ]{19})` \| ([^|]+) \| `([a-z-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.M)
    written = {(number.replace(" ", ""), bank.strip(), behaviour) for number, bank, behaviour in rows}
    assert written == {(card.number, f"{card.bank.zh} {card.bank.en}", str(card.behaviour)) for card in TEST_CARDS}
    assert len(rows) == len(TEST_CARDS)


def test_the_document_names_every_reason_and_setting() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    source = (Path(__file__).parents[2] / "src" / "junzi_issuer" / "config.py").read_text(encoding="utf-8")
    for name in [*PaymentReason, *sorted(set(re.findall(r"ISSUER_[A-Z_]+", source)))]:
        assert f"`{name}`" in document, name
