"""A shop with money in its balance and an owner with a card: what the tests of settlement begin with."""

from typing import Any
from uuid import UUID

from junzi.client import Client
from junzi.merchants import accounts as merchant_accounts
from tests.issuer.bank import WORKS
from tests.support.market import PIN, Market, key


class Till:
    """keeper: the owner, `me["card_id"]` is bound; buyer: pays by card, so that any amount can be sold."""

    def __init__(self, market: Market, keeper: Client, buyer: Client, shop: dict[str, Any]) -> None:
        self.market = market
        self.keeper = keeper
        self.buyer = buyer
        self.shop = shop
        self.path = f"/api/shops/{shop['id']}"

    async def sell(self, amount_minor: int, *, by_card: bool = True, **how: Any) -> dict[str, Any]:
        pay = self.market.by_card if by_card else self.market.pay
        payment = await pay(self.buyer, await self.market.order(self.buyer, self.shop, amount_minor), **how)
        assert payment["state"] == "paid", payment
        return payment

    async def refund(self, payment: dict[str, Any], amount_minor: int) -> dict[str, Any]:
        path = f"{self.path}/payments/{payment['id']}/refunds"
        done: dict[str, Any] = await self.keeper.post(path, {"amount_minor": amount_minor}, idempotency_key=key())
        return done

    async def choose(self, card_id: str | None = None, **other: Any) -> Any:
        client = other.pop("client", self.keeper)
        wanted = {"card_id": card_id or self.keeper.me["card_id"], "pin": PIN, **other}
        return await client.request("PUT", f"{self.path}/bank-account", wanted)

    async def set_automatic(self, automatic: bool) -> Any:
        return await self.keeper.request("PATCH", f"{self.path}/bank-account", {"automatic": automatic})

    async def pay_out(self, amount_minor: int | None = None, **other: Any) -> Any:
        client = other.pop("client", self.keeper)
        once = other.pop("once", None) or key()
        wanted = {"amount_minor": amount_minor, "pin": PIN, **other}
        return await client.post(f"{self.path}/payouts", wanted, idempotency_key=once)

    async def money(self) -> dict[str, Any]:
        shown: dict[str, Any] = await self.keeper.get(f"{self.path}/money")
        return shown

    async def has(self) -> int:
        """What the ledger says the shop has."""
        return await merchant_accounts.balance_minor(self.market.house.ledger, UUID(self.shop["id"]))

    async def arrived(self) -> int:
        """What the issuer gave to cards, by the outcomes that it tells itself."""
        credits = await self.market.rows("select id, amount_minor from bank.credits")
        answers = [await self.market.ask_bank("GET", f"/v1/credits/{credit['id']}") for credit in credits]
        return sum(
            credit["amount_minor"]
            for credit, answer in zip(credits, answers, strict=True)
            if answer["state"] == "succeeded"
        )


async def till_of(
    market: Market,
    *,
    keeper: str = "guifang",
    buyer: str = "xiaoman",
    card_number: str = WORKS,
    sold_minor: int = 0,
) -> Till:
    """The owner's card has that number; the shop's money goes nowhere yet. keeper, buyer: their handles."""
    owner, customer = await market.shopper(keeper, card_number=card_number), await market.shopper(buyer)
    till = Till(market, owner, customer, await market.shop(owner))
    if sold_minor:
        await till.sell(sold_minor)
    return till
