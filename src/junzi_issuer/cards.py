"""The cards of the sandbox and how each behaves: the table of docs/sandbox-bank.md as data.

Every number begins with 6200 00, is right by its check digit and belongs to nobody. Digits 7 and 8 name the bank.
"""

from enum import StrEnum

import msgspec

NUMBER_PREFIX = "620000"
NUMBER_LENGTH = 16
OPENING_MINOR = 10_000_000
LIMIT_MINOR = 50_000


class Behaviour(StrEnum):
    """What the issuer does when money is moved with a card (`UNBINDABLE`: when it is bound)."""

    WORKS = "works"
    INSUFFICIENT = "insufficient-funds"
    BLOCKED = "blocked"
    LIMITED = "limited"
    SLOW = "slow"
    SILENT = "silent"
    TWICE = "twice"
    CUT_AFTER = "cut-after"
    CUT_BEFORE = "cut-before"
    UNBINDABLE = "unbindable"


class Bank(msgspec.Struct, frozen=True):
    """A bank whose name is on a card; all are run by this issuer."""

    key: str
    zh: str
    en: str


class TestCard(msgspec.Struct, frozen=True):
    """A row of the table; `zh` and `en` say the behaviour in a few words for the page."""

    __test__ = False

    number: str
    behaviour: Behaviour
    zh: str
    en: str

    @property
    def bank(self) -> Bank:
        return bank_of_number(self.number)


SANDBOX_BANK = Bank("sandbox", "沙盒银行", "Sandbox Bank")
BANKS = {
    "01": Bank("paperboat", "纸船银行", "Paper Boat Bank"),
    "02": Bank("mooncake", "月饼银行", "Mooncake Bank"),
    "03": Bank("persimmon", "柿子银行", "Persimmon Bank"),
    "04": Bank("dragonfly", "竹蜻蜓银行", "Bamboo Dragonfly Bank"),
}
BANKS_BY_KEY = {bank.key: bank for bank in (SANDBOX_BANK, *BANKS.values())}

TEST_CARDS = (
    TestCard("6200000100000004", Behaviour.WORKS, "正常可用", "Works"),
    TestCard("6200000200000003", Behaviour.WORKS, "正常可用", "Works"),
    TestCard("6200000300000002", Behaviour.WORKS, "正常可用", "Works"),
    TestCard("6200000400000001", Behaviour.WORKS, "正常可用", "Works"),
    TestCard("6200000000001003", Behaviour.INSUFFICIENT, "余额不足，扣款被拒", "Declines debits: insufficient funds"),
    TestCard("6200000000002001", Behaviour.BLOCKED, "卡已冻结，收付均被拒", "Declines everything: card blocked"),
    TestCard("6200000000003009", Behaviour.LIMITED, "单笔超过 500 元被拒", "Declines debits above 500.00"),
    TestCard("6200000000004007", Behaviour.SLOW, "3 秒后才回答", "Answers after 3 seconds"),
    TestCard("6200000000005004", Behaviour.SILENT, "入账后一直不回答", "Commits, then never answers"),
    TestCard("6200000000006002", Behaviour.TWICE, "通知两次，且先于回答", "Notifies twice, and before it answers"),
    TestCard("6200000000007000", Behaviour.CUT_AFTER, "入账后断开连接", "Commits, then cuts the connection"),
    TestCard("6200000000008008", Behaviour.CUT_BEFORE, "首次请求直接断开", "Cuts the first attempt before it counts"),
    TestCard("6200000000009006", Behaviour.UNBINDABLE, "拒绝绑定", "Refuses to be bound"),
)
_BEHAVIOUR_BY_NUMBER = {card.number: card.behaviour for card in TEST_CARDS}


def bank_of_number(number: str) -> Bank:
    """The bank named by digits 7 and 8; the sandbox's own where they name none."""
    return BANKS.get(number[6:8], SANDBOX_BANK)


def behaviour_of_number(number: str) -> Behaviour:
    """What is in the table; a card that is not in it works."""
    return _BEHAVIOUR_BY_NUMBER.get(number, Behaviour.WORKS)
