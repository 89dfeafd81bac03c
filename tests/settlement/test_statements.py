"""A shop's statements: everything that moved is in them once, and they are what the ledger says."""

import io
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from junzi.kit import clock
from junzi.kit.errors import InvalidRequest
from junzi.ledger.model import Transfer
from junzi.merchants.model import Period
from junzi.operators.actions import make_administrator
from junzi.settlement import rules, statement_pdf
from junzi.settlement.model import LineKind
from tests.issuer.bank import BLOCKED
from tests.settlement.statements import fetched, minor, rows, shown
from tests.settlement.test_agreements import desk_of
from tests.settlement.till import Till, till_of
from tests.support.market import Market, Time, key, refused_as

SHOP, ELSEWHERE = UUID(int=0x100), UUID(int=0x200)


async def lived(market: Market) -> Till:
    """A sale with a coupon, one without, a refund of a part, a payout that went and one that the bank returned."""
    await market.campaign((300, 500))
    till = await till_of(market)
    await market.settle()
    [coupon, *_] = await market.coupons(till.buyer)
    first = await till.sell(1_850, coupon_ids=[coupon["id"]])
    await till.sell(1_001)
    await till.refund(first, 333)
    await till.choose()
    await till.pay_out(500)
    await till.choose((await market.bind(till.keeper, BLOCKED))["id"])
    await till.pay_out(700)
    return till


async def test_a_statement_has_everything_once_and_ends_at_what_the_shop_has(market: Market) -> None:
    till = await lived(market)
    opening, *lines, sums, closing = await rows(till)
    assert [(line["kind"], line["amount"], line["paid"], line["coupons_operator"]) for line in lines] == [
        ("payment", "18.50", "15.50", "3.00"),
        ("payment", "10.01", "10.01", "0.00"),
        ("refund", "-3.33", "-2.79", "-0.54"),
        ("payout", "-5.00", "0.00", "0.00"),
        ("payout", "-7.00", "0.00", "0.00"),
        ("payout-returned", "7.00", "0.00", "0.00"),
    ]
    assert (opening["kind"], opening["balance"]) == ("opening", "0.00")
    assert (sums["kind"], sums["net"]) == ("sum", "20.18")
    assert (closing["kind"], closing["balance"]) == ("closing", "20.18")
    assert await till.has() == 2_018 == minor(lines[-1]["balance"])
    statement = await shown(till)
    assert (statement["opening_minor"], statement["closing_minor"]) == (0, 2_018)
    assert statement["sums"] == {
        "count": 2,
        "sold_minor": 2_851,
        "paid_minor": 2_551,
        "by_operator_minor": 300,
        "by_shop_minor": 0,
        "refunded_minor": -333,
        "fees_minor": 0,
        "paid_out_minor": -500,
        "campaigns_minor": 0,
        "other_minor": 0,
        "net_minor": 2_018,
    }


async def test_what_a_shop_pays_of_its_own_campaign_is_told_apart(market: Market) -> None:
    """What it put in leaves its balance, and what its coupons paid comes back with each payment, half of it its own."""
    desk, second = await desk_of(market), await market.served.person("second")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(second.me["id"]))
    till = await till_of(market, sold_minor=5_000)
    draft = {
        "title": {"zh": "一起出", "en": "Together"},
        "trigger": "claim",
        "offers": [{"amount_minor": 301}],
        "budget_minor": 1_000,
        "budget_pieces": 9,
        "valid_days": 7,
        "funder": {"shop_id": till.shop["id"], "permille": 500},
    }
    campaign = await desk.post("/api/ops/campaigns", draft, idempotency_key=key())
    [share] = (await till.keeper.get(f"{till.path}/shares"))["shares"]
    await till.keeper.post(f"{till.path}/shares/{share['id']}/agreements")
    await second.post(f"/api/ops/campaigns/{campaign['id']}/approvals")
    await till.buyer.post(f"/api/campaigns/{campaign['id']}/claims", idempotency_key=key())
    [coupon] = await market.coupons(till.buyer)
    await till.sell(1_000, coupon_ids=[coupon["id"]])
    statement = await shown(till)
    sums = statement["sums"]
    assert (sums["by_operator_minor"], sums["by_shop_minor"], sums["campaigns_minor"]) == (150, 151, -500)
    assert statement["closing_minor"] == await till.has() == 5_000 - 500 + 1_000
    assert [line["kind"] for line in await rows(till)][1:-2] == ["payment", "campaign", "payment"]


async def test_a_days_closing_is_the_next_days_opening(market: Market, time: Time) -> None:
    till = await till_of(market)
    days = []
    for amount in (100, 20, 3):
        days.append(clock.business_date(clock.now(), "Asia/Shanghai"))
        await till.sell(amount)
        time.pass_by(days=1)
    balance = 0
    for day, amount in zip(days, (100, 20, 3), strict=True):
        statement = await shown(till, f"?day={day}")
        assert (statement["opening_minor"], statement["closing_minor"]) == (balance, balance + amount)
        [line] = (await rows(till, f"?day={day}"))[1:-2]
        assert (line["date"], minor(line["amount"])) == (str(day), amount)
        balance += amount
    today = await shown(till, f"?day={clock.business_date(clock.now(), 'Asia/Shanghai')}")
    assert (today["opening_minor"], today["closing_minor"], today["sums"]["count"]) == (balance, balance, 0)
    before = await shown(till, f"?day={days[0] - timedelta(days=1)}")
    assert (before["opening_minor"], before["closing_minor"]) == (0, 0)
    ahead = await shown(till, f"?day={days[0] + timedelta(days=400)}")
    assert (ahead["opening_minor"], ahead["closing_minor"]) == (balance, balance)


async def test_the_file_to_print_tells_the_same(market: Market) -> None:
    till = await lived(market)
    for locale, words in (("zh", ["期末余额 ¥20.18", "收款 ¥28.51 (2 笔)"]), ("en", ["Closing balance ¥20.18"])):
        await till.keeper.request("PATCH", "/api/me", {"locale": locale})
        answer = await fetched(till, "statement.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        for wanted in [*words, "¥18.50", "¥3.00", "−¥3.33", "−¥5.00", "¥20.18"]:
            assert wanted in text, (wanted, text)


async def test_a_book_of_lines_is_printed_by_day(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_pdf, "MOST_LINES", 2)
    till = await lived(market)
    pages = PdfReader(io.BytesIO((await fetched(till, "statement.pdf")).content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert "CSV" in text
    assert "¥28.51" in text
    assert "¥18.50" not in text


async def test_a_payer_whose_name_begins_a_formula_stays_text(market: Market) -> None:
    till = await till_of(market)
    await till.buyer.request("PATCH", "/api/me", {"name": "=SUM(A1)"})
    await till.sell(100)
    assert (await rows(till))[1]["payer"] == "'=**"


async def test_statements_are_the_owners_alone(market: Market) -> None:
    till = await till_of(market, sold_minor=100)
    cashier, stranger = await market.person("cashier"), await market.person("stranger")
    await till.keeper.post(f"{till.path}/staff", {"handle": "cashier"})
    await cashier.post(f"{till.path}/staff/acceptance")
    for name in ("statement", "statement.csv", "statement.pdf"):
        assert await refused_as(cashier.get(f"{till.path}/{name}")) == "not-allowed"
        assert await refused_as(stranger.get(f"{till.path}/{name}")) == "not-found"
        for wrong in ("month=2026-13", "month=", "day=2026-02-30", "day=20260201", "day=2026-02-01&month=2026-02"):
            assert await refused_as(till.keeper.get(f"{till.path}/{name}?{wrong}")) == "invalid-request"


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_month_holds_all_its_days_and_no_other(day: date) -> None:
    period = rules.statement_period(month=day.strftime("%Y-%m"), day=None, today=date(2026, 1, 1))
    assert period.first.day == 1
    assert period.first <= day <= period.last
    assert (period.last + timedelta(days=1)).day == 1
    assert rules.statement_period(month=None, day=str(day), today=day) == Period(day, day)
    assert rules.statement_period(month=None, day=None, today=day) == period


def test_what_is_no_month_or_day_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidRequest):
        rules.statement_period(month="1999-12", day=None, today=date(2026, 1, 1))


@given(
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.integers(1, 255),
            st.sampled_from([10, 11, 13, 14, 17, 18, 32, 33, 40, 41, 99]),
            st.integers(0, 10**12),
            st.booleans(),
        ),
        unique_by=lambda one: one[:2],
        max_size=40,
    ),
    st.integers(0, 10**12),
    st.dictionaries(st.just(ELSEWHERE), st.integers(0, 1000)),
)
def test_whatever_is_booked_the_lines_come_to_what_the_account_moved(
    booked: list[tuple[int, int, int, int, bool]], opening: int, shares: dict[UUID, int]
) -> None:
    """Also codes that nobody knows yet: no transfer is left out, none is counted twice, and the parts add up."""
    transfers = [
        Transfer(
            id=UUID(int=intent << 8 | leg),
            debit_account_id=ELSEWHERE if comes_in else SHOP,
            credit_account_id=SHOP if comes_in else ELSEWHERE,
            amount=amount,
            ledger=156,
            code=code,
            timestamp=place * 1_000_000,
        )
        for place, (intent, leg, code, amount, comes_in) in enumerate(booked)
    ]
    moved = sum(one.amount if one.credit_account_id == SHOP else -one.amount for one in transfers)
    lines = rules.lines(rules.movements(transfers, SHOP), {}, shares, opening)
    sums = rules.sums(lines)
    assert opening + moved == opening + sums.net_minor == (lines[-1].balance_minor if lines else opening)
    parts = (sums.sold_minor, sums.refunded_minor, sums.fees_minor, sums.paid_out_minor, sums.campaigns_minor)
    assert sum(parts) + sums.other_minor == sums.net_minor
    for line in lines:
        assert line.net_minor == line.amount_minor + line.fee_minor
        if line.kind in (LineKind.PAYMENT, LineKind.REFUND):
            assert line.amount_minor == line.paid_minor + line.by_operator_minor + line.by_shop_minor


def test_a_shops_own_share_of_a_coupon_is_told_apart() -> None:
    coupon = Transfer(
        id=UUID(int=0x110), debit_account_id=UUID(int=0x202), credit_account_id=SHOP, amount=301, ledger=156, code=11
    )
    [line] = rules.lines(rules.movements([coupon], SHOP), {}, {UUID(int=0x200): 500}, 0)
    assert (line.amount_minor, line.by_shop_minor, line.by_operator_minor) == (301, 151, 150)
