"""Giving money back: to the balance and to the card, whole and in parts, refused, repeated, at once, interrupted."""

from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.coupons import accounts as coupon_accounts
from junzi.kit import ids, town
from junzi.ledger.model import Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.wallet import accounts as wallet_accounts
from tests.issuer.bank import CUT_AFTER, CUT_BEFORE, SILENT, WORKS
from tests.support.market import Market, Time, at_once, key, refusal, refused_as
from tests.support.until import until

BALANCE_MINOR = 5_000


class Counter:
    """A buyer with a card, a balance and a coupon of 10.00 from 30.00, and a shop that gives money back."""

    def __init__(self, market: Market, buyer: Client, keeper: Client, shop: dict[str, Any]) -> None:
        self.market = market
        self.buyer = buyer
        self.keeper = keeper
        self.shop = shop

    async def paid(self, amount_minor: int, *, with_coupon: bool = True, by_card: bool = False) -> dict[str, Any]:
        order = await self.market.order(self.buyer, self.shop, amount_minor)
        pay = self.market.by_card if by_card else self.market.pay
        payment = await pay(self.buyer, order, coupon_ids=order["best_coupon_ids"] if with_coupon else [])
        if payment["state"] == "processing":
            payment = await self.buyer.get(f"/api/payments/{payment['id']}")
        assert payment["state"] == "paid", payment
        return payment

    async def refund(self, payment: dict[str, Any], amount_minor: int, **other: Any) -> Any:
        client = other.pop("client", self.keeper)
        idempotency_key = other.pop("idempotency_key", None) or key()
        body = {"amount_minor": amount_minor, "reason": "少了一份", **other}
        return await client.post(f"{self.path(payment)}/refunds", body, idempotency_key=idempotency_key)

    def path(self, payment: dict[str, Any]) -> str:
        return f"/api/shops/{self.shop['id']}/payments/{payment['id']}"

    async def shop_has(self) -> int:
        return await merchant_accounts.balance_minor(self.market.house.ledger, UUID(self.shop["id"]))

    async def empty(self, amount_minor: int) -> None:
        """The shop's money is gone elsewhere, as the ledger knows it."""
        # To the keeper's own balance: where it went does not matter here.
        keeper_id = UUID(self.keeper.me["id"])
        [result] = await self.market.house.ledger.create_transfers(
            [
                Transfer(
                    id=ids.new_id(),
                    debit_account_id=merchant_accounts.balance_id(UUID(self.shop["id"])),
                    credit_account_id=wallet_accounts.balance_id(keeper_id),
                    amount=amount_minor,
                    ledger=town.current().money.number,
                    code=99,
                )
            ]
        )
        assert result.stands

    async def campaign_money(self) -> tuple[int, int]:
        """What is in the budget and what is outstanding."""
        campaign_id = await self.market.value("select id from coupons.campaigns")
        wanted = [coupon_accounts.budget_id(campaign_id), coupon_accounts.outstanding_id(campaign_id)]
        found = {one.id: one for one in await self.market.house.ledger.lookup_accounts(wanted)}
        budget, outstanding = (found[id].credits_posted - found[id].debits_posted for id in wanted)
        return budget, outstanding


async def counter_of(market: Market, card_number: str = WORKS, *, balance_minor: int = BALANCE_MINOR) -> Counter:
    await market.campaign((1_000, 3_000), budget_minor=10_000)
    keeper = await market.person("guifang", "吴桂芳")
    buyer = await market.shopper("xiaoman", card_number=card_number, balance_minor=balance_minor)
    await market.settle()
    return Counter(market, buyer, keeper, await market.shop(keeper))


@pytest.fixture
async def counter(market: Market) -> Counter:
    return await counter_of(market)


async def test_a_part_goes_back_to_everybody_who_paid_and_is_told_to_all(counter: Counter) -> None:
    market, buyer, keeper = counter.market, counter.buyer, counter.keeper
    payment = await counter.paid(3_200)
    refund = await counter.refund(payment, 700)
    assert refund == {
        "id": refund["id"],
        "payment_id": payment["id"],
        "state": "done",
        "amount_minor": 700,
        "payer_minor": 481,
        "coupon_minor": 219,
        "coupons_back": 0,
        "reason": "少了一份",
        "paid_to": "balance",
        "refusal": None,
        "at": refund["at"],
    }
    shown = await keeper.get(counter.path(payment))
    assert (shown["state"], shown["refunds"], shown["left_minor"]) == ("paid", [refund], 2_500)
    assert (shown["number"], shown["payer_name"], shown["amount_minor"]) == (payment["number"], "X**", 3_200)
    assert await market.balance(buyer) == BALANCE_MINOR - 2_200 + 481
    assert await counter.shop_has() == 2_500
    assert await counter.campaign_money() == (9_219, 0)
    assert [one["amount_minor"] for one in await market.coupons(buyer, "redeemed")] == [1_000]

    bill = (await buyer.get("/api/bills"))["bills"][0]
    assert (bill["kind"], bill["amount_minor"], bill["discount_minor"], bill["note"]) == (
        "refund",
        481,
        -219,
        "少了一份",
    )
    assert (bill["counterparty"]["name"], bill["order_id"]) == ("山脚面馆", payment["order_id"])
    assert (await buyer.get("/api/wallet"))["saved_this_month_minor"] == 1_000 - 219
    takings = await keeper.get(f"/api/shops/{counter.shop['id']}/takings")
    assert takings["today"] == {"count": 1, "amount_minor": 2_500}
    told = [(one["kind"], one["amount_minor"], one["paid_minor"], one["coupon_minor"]) for one in takings["takings"]]
    assert told == [("refund", -700, -481, -219), ("payment", 3_200, 2_200, 1_000)]
    sums = {"refund_id": refund["id"], "amount_minor": 700, "payer_minor": 481, "coupon_minor": 219}
    [back] = await market.told(buyer, "payment.refunded")
    assert back.items() >= {**sums, "shop_name": "山脚面馆", "paid_to": "balance", "reason": "少了一份"}.items()
    [made] = await market.told(keeper, "payment.refund_made")
    assert made.items() >= {**sums, "payer_name": "X**", "payment_id": payment["id"]}.items()
    assert await market.value("select refunds_minor from growth.days") == 700
    await market.books_are_right()


async def test_the_last_of_many_parts_takes_the_exact_rest(counter: Counter) -> None:
    payment = await counter.paid(3_200)
    for amount_minor in (1, 333, 1_000, 7):
        assert (await counter.refund(payment, amount_minor))["state"] == "done"
    left = (await counter.keeper.get(counter.path(payment)))["left_minor"]
    too_much = await refusal(counter.refund(payment, left + 1))
    assert (too_much.slug, too_much.problem["left_minor"]) == ("refund-too-large", left)
    await counter.refund(payment, left)
    assert await refused_as(counter.refund(payment, 1)) == "refund-too-large"
    assert await counter.market.balance(counter.buyer) == BALANCE_MINOR
    assert await counter.shop_has() == 0
    assert await counter.campaign_money() == (10_000, 0)
    assert await counter.market.coupons(counter.buyer) == [], "a coupon goes back only with the whole payment at once"
    await counter.market.books_are_right()


async def test_a_whole_payment_gives_the_coupon_back_which_can_be_used_again(counter: Counter) -> None:
    market, payment = counter.market, await counter.paid(3_200)
    assert (await counter.refund(payment, 3_200))["coupons_back"] == 1
    assert [one["state"] for one in await market.coupons(counter.buyer)] == ["available"]
    assert await counter.campaign_money() == (9_000, 1_000)
    await market.books_are_right()
    again = await counter.paid(3_000)
    assert again["coupon_minor"] == 1_000
    await market.books_are_right()
    assert (await counter.refund(again, 3_000))["coupons_back"] == 1
    await market.books_are_right()


async def test_a_coupon_whose_time_is_over_goes_back_to_its_budget(counter: Counter, time: Time) -> None:
    payment = await counter.paid(3_200)
    time.pass_by(days=31)
    counter.keeper = await counter.market.served.second_device(counter.keeper)
    assert (await counter.refund(payment, 3_200))["coupons_back"] == 0
    assert await counter.campaign_money() == (10_000, 0)
    await counter.market.books_are_right()


async def test_a_coupon_that_paid_all_is_refunded_without_money_for_the_payer(market: Market) -> None:
    await market.campaign((500, 0), budget_minor=1_000)
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman")
    await market.settle()
    counter = Counter(market, buyer, keeper, await market.shop(keeper))
    refund = await counter.refund(await counter.paid(500, by_card=True), 200)
    assert (refund["state"], refund["payer_minor"], refund["coupon_minor"]) == ("done", 0, 200)
    assert await market.value("select count(*) from bank.credits") == 0
    await market.books_are_right()


@pytest.mark.parametrize("card_number", [WORKS, CUT_AFTER, CUT_BEFORE, SILENT])
async def test_what_a_card_paid_goes_back_to_it_whatever_the_bank_answers(
    market: Market, time: Time, card_number: str
) -> None:
    counter = await counter_of(market, card_number, balance_minor=0)
    refund = await counter.refund(await counter.paid(3_200, by_card=True), 700)
    if card_number != WORKS:
        assert refund["state"] == "processing"
        assert await counter.shop_has() == 2_500, "the money is set aside before the bank is asked"
        await market.books_are_right()
        time.pass_by(seconds=16)
        assert await market.sweep("checkout.refund") == 1
    [done] = await refunds(counter, refund["payment_id"])
    assert (done["state"], done["paid_to"]) == ("done", "card")
    assert await market.balance(counter.buyer) == 0
    credit = await market.row("select id, amount_minor, state from bank.credits")
    assert (credit["amount_minor"], credit["state"]) == (481, "succeeded")
    assert (await market.ask_bank("GET", f"/v1/credits/{credit['id']}"))["state"] == "succeeded"
    assert await market.sweep("checkout.refund") == 0
    [back] = await market.told(counter.buyer, "payment.refunded")
    assert (back["paid_to"], back["card_last4"]) == ("card", card_number[-4:])
    await market.books_are_right()


async def test_word_from_the_bank_finishes_a_refund(market: Market) -> None:
    counter = await counter_of(market, CUT_AFTER, balance_minor=0)
    refund = await counter.refund(await counter.paid(3_200, by_card=True), 700)
    assert refund["state"] == "processing"
    await until(
        lambda: market.value(
            "select count(*) from kit.outbox where type = 'bank.credit_answered'"
            " and payload->>'credit_id' in (select id::text from bank.credits)"
        )
    )
    await market.settle()
    assert await market.value("select state from checkout.refunds") == "done"
    await market.books_are_right()


async def test_what_a_card_does_not_take_goes_to_the_payers_balance(market: Market) -> None:
    counter = await counter_of(market, balance_minor=0)
    payment = await counter.paid(3_200, by_card=True)
    await counter.buyer.request("DELETE", f"/api/cards/{counter.buyer.me['card_id']}")
    refund = await counter.refund(payment, 700)
    assert (refund["state"], refund["paid_to"]) == ("done", "balance")
    assert await market.value("select state from bank.credits") == "declined"
    assert await market.balance(counter.buyer) == 481
    [back] = await market.told(counter.buyer, "payment.refunded")
    assert (back["paid_to"], back["card_last4"]) == ("balance", None)
    await market.books_are_right()


async def test_a_shop_that_has_too_little_is_told_so_and_nothing_moves(counter: Counter) -> None:
    payment = await counter.paid(2_000, with_coupon=False)
    await counter.empty(1_500)
    poor = await refusal(counter.refund(payment, 501))
    assert (poor.slug, poor.problem["balance_minor"]) == ("shop-balance-too-small", 500)
    assert await counter.market.value("select count(*) from checkout.refunds") == 0
    assert (await counter.refund(payment, 500))["state"] == "done"


async def test_a_shop_whose_money_goes_between_looking_and_taking_is_refused(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = await counter.paid(2_000, with_coupon=False)
    await counter.empty(1_500)

    async def plenty(*_: object) -> int:
        return 2_000

    monkeypatch.setattr(merchant_accounts, "balance_minor", plenty)
    once = key()
    refused = await counter.refund(payment, 501, idempotency_key=once)
    assert (refused["state"], refused["refusal"], refused["paid_to"]) == ("refused", "shop-balance-too-small", None)
    assert await counter.refund(payment, 501, idempotency_key=once) == refused
    assert await counter.market.balance(counter.buyer) == BALANCE_MINOR - 2_000
    assert (await counter.keeper.get(counter.path(payment)))["left_minor"] == 2_000, "a refused one counts for nothing"
    assert await counter.market.told(counter.buyer, "payment.refunded") == []


async def test_refunds_at_once_never_come_to_more_than_the_payment(counter: Counter) -> None:
    payment = await counter.paid(3_200)
    await counter.paid(1_000, with_coupon=False)
    answers = await at_once(*[counter.refund(payment, 900) for _ in range(8)])
    states = [answer if isinstance(answer, str) else answer["state"] for answer in answers]
    assert states.count("done") == 3
    assert set(states) == {"done", "refund-too-large"}
    assert await counter.shop_has() == 1_500
    await counter.market.books_are_right()


async def test_fifty_refunds_and_not_one_more(counter: Counter) -> None:
    payment = await counter.paid(2_000, with_coupon=False)
    for _ in range(50):
        await counter.refund(payment, 1)
    assert await refused_as(counter.refund(payment, 1)) == "too-many-refunds"
    await counter.market.books_are_right()


async def test_a_year_is_long_enough(counter: Counter, time: Time) -> None:
    payment = await counter.paid(2_000, with_coupon=False)
    time.pass_by(days=364)
    counter.keeper = await counter.market.served.second_device(counter.keeper)
    assert (await counter.refund(payment, 1))["state"] == "done"
    time.pass_by(days=2)
    counter.keeper = await counter.market.served.second_device(counter.keeper)
    assert await refused_as(counter.refund(payment, 1)) == "refund-too-late"


async def test_only_the_shops_owner_sees_and_refunds_only_its_own_payments(counter: Counter) -> None:
    payment = await counter.paid(2_000, with_coupon=False)
    assert await refused_as(counter.refund(payment, 1, client=counter.buyer)) == "not-found"
    assert await refused_as(counter.buyer.get(counter.path(payment))) == "not-found"
    other = await counter.market.shop(counter.keeper, "另一家")
    path = f"/api/shops/{other['id']}/payments/{payment['id']}"
    assert await refused_as(counter.keeper.get(path)) == "not-found"
    assert (
        await refused_as(counter.keeper.post(f"{path}/refunds", {"amount_minor": 1}, idempotency_key=key()))
        == "not-found"
    )
    assert await refused_as(counter.refund(payment, 1, reason="x" * 61)) == "invalid-request"
    assert await counter.market.value("select count(*) from checkout.refunds") == 0


async def test_what_is_not_paid_is_not_refunded(market: Market) -> None:
    counter = await counter_of(market, SILENT, balance_minor=0)
    order = await market.order(counter.buyer, counter.shop, 2_000)
    begun = await market.by_card(counter.buyer, order)
    assert begun["state"] == "processing"
    assert await refused_as(counter.refund(begun, 1)) == "payment-not-paid"


async def refunds(counter: Counter, payment_id: str) -> list[dict[str, Any]]:
    return (await counter.keeper.get(counter.path({"id": payment_id})))["refunds"]  # type: ignore[no-any-return]
