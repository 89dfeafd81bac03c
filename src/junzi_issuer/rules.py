"""Where the issuer decides: pure functions, facts in, decision out."""

import re
from datetime import datetime
from enum import Enum, auto
from urllib.parse import urlsplit

import msgspec

from junzi_issuer.cards import LIMIT_MINOR, NUMBER_LENGTH, NUMBER_PREFIX, Behaviour
from junzi_issuer.model import PaymentKind, PaymentReason

CODE_LENGTH = 6
MAX_CODES_SENT = 5
MAX_CODES_WRONG = 3
HOLDER_LENGTH = 60
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class NumberFault(Enum):
    """What is wrong with a typed card number."""

    LENGTH = auto()
    CHECK_DIGIT = auto()
    FOREIGN = auto()


class CodeVerdict(Enum):
    """What a typed one-time code leads to."""

    RIGHT = auto()
    MALFORMED = auto()
    EXPIRED = auto()
    WRONG = auto()
    WRONG_TOO_OFTEN = auto()


class Delivery(Enum):
    """How the first answer to a debit or credit leaves the issuer."""

    AT_ONCE = auto()
    AFTER_DELAY = auto()
    AFTER_NOTIFICATION = auto()
    NEVER = auto()
    CUT = auto()


class PaymentFacts(msgspec.Struct, frozen=True):
    kind: PaymentKind
    behaviour: Behaviour
    token_revoked: bool
    amount_minor: int
    balance_minor: int


def decide_payment(facts: PaymentFacts) -> PaymentReason | None:
    """The reason to decline, the gravest first; None lets the money move."""
    if facts.token_revoked:
        return PaymentReason.TOKEN_REVOKED
    if facts.behaviour is Behaviour.BLOCKED:
        return PaymentReason.CARD_BLOCKED
    if facts.kind is PaymentKind.CREDIT:
        return None
    if facts.behaviour is Behaviour.LIMITED and facts.amount_minor > LIMIT_MINOR:
        return PaymentReason.LIMIT_EXCEEDED
    if facts.behaviour is Behaviour.INSUFFICIENT or facts.amount_minor > facts.balance_minor:
        return PaymentReason.INSUFFICIENT_FUNDS
    return None


def choose_delivery(behaviour: Behaviour, first: bool) -> Delivery:
    """How the answer leaves: a repeat of a request is answered at once, except by the card that never answers."""
    if behaviour is Behaviour.SILENT:
        return Delivery.NEVER
    if not first:
        return Delivery.AT_ONCE
    return {
        Behaviour.SLOW: Delivery.AFTER_DELAY,
        Behaviour.TWICE: Delivery.AFTER_NOTIFICATION,
        Behaviour.CUT_AFTER: Delivery.CUT,
    }.get(behaviour, Delivery.AT_ONCE)


def notification_delay_ms(behaviour: Behaviour, delay_ms: int, timeout_ms: int) -> int:
    """How long the first notification is held back, so that it does not undo what the card is there to show."""
    return {Behaviour.SLOW: delay_ms, Behaviour.SILENT: timeout_ms}.get(behaviour, 0)


def notification_copies(behaviour: Behaviour) -> int:
    return 2 if behaviour is Behaviour.TWICE else 1


def judge_code(typed: str, matches: bool, at: datetime, expires_at: datetime, codes_wrong: int) -> CodeVerdict:
    """What a typed code leads to; an expired or malformed one does not count as a wrong guess."""
    if len(typed) != CODE_LENGTH or not (typed.isascii() and typed.isdigit()):
        return CodeVerdict.MALFORMED
    if at >= expires_at:
        return CodeVerdict.EXPIRED
    if matches:
        return CodeVerdict.RIGHT
    return CodeVerdict.WRONG_TOO_OFTEN if codes_wrong + 1 >= MAX_CODES_WRONG else CodeVerdict.WRONG


def find_number_fault(number: str) -> NumberFault | None:
    """What is wrong with a card number of digits only; None where it is one of the sandbox."""
    if len(number) != NUMBER_LENGTH or not (number.isascii() and number.isdigit()):
        return NumberFault.LENGTH
    if not has_right_check_digit(number):
        return NumberFault.CHECK_DIGIT
    if not number.startswith(NUMBER_PREFIX):
        return NumberFault.FOREIGN
    return None


def has_right_check_digit(number: str) -> bool:
    """The Luhn formula of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def strip_number(typed: str) -> str:
    """A number as typed, without the spaces and hyphens people put between its groups."""
    return "".join(typed.split()).replace("-", "")


def is_web_address(url: str) -> bool:
    """Whether a browser may be sent there: an absolute http or https address without control characters."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.netloc)) and parts.port != 0
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Scheme, host and port of a web address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
