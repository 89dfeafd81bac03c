"""A served house with a bank and people who shop: what the tests of the money rooms have in common.

Nothing works in the background here: a test says when events are delivered (`settle`) and when interrupted flows are looked for
(`sweep`), so that nothing depends on timing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from junzi import worker
from junzi.audit import audit
from junzi.client import Client, Refused
from junzi.coupons.model import Campaign, CampaignState, Limits, Offer, OfferKind, Stacking, Terms, Trigger, Words
from junzi.coupons.start_campaign import start_campaign
from junzi.kit import clock, ids
from tests.issuer.bank import EACH_ITS_OWN_CONNECTION, KEY, WORKS
from tests.support.house import Running, running
from tests.support.issuer import SharedBank

PIN = "258036"
TITLE = Words("绑卡礼", "A gift for your card")


class Market:
    """url: where the house is served; every helper goes through its HTTP unless it says otherwise."""

    def __init__(self, served: Running, bank: SharedBank, database_url: str) -> None:
        self.served = served
        self.house = served.house
        self.bank = bank
        self.database_url = database_url
        self._to_bank = httpx.AsyncClient(
            base_url=bank.url, trust_env=False, timeout=20, verify=False, limits=EACH_ITS_OWN_CONNECTION
        )

    async def close(self) -> None:
        await self._to_bank.aclose()

    @property
    def host(self) -> str:
        return self.served.url.removeprefix("http://")

    async def person(self, handle: str, name: str | None = None) -> Client:
        """Somebody who signed up, with a payment PIN."""
        client = await self.served.person(handle, name)
        await client.request("PUT", "/api/me/payment-pin", {"pin": PIN})
        return client

    async def shopper(self, handle: str, *, balance_minor: int = 0, card_number: str = WORKS) -> Client:
        """A person with a bound card (`me["card_id"]`) and a balance that came from it."""
        client = await self.person(handle)
        client.me["card_id"] = (await self.bind(client, card_number))["id"]
        if balance_minor:
            done = await self.top_up(client, balance_minor)
            assert done["state"] == "succeeded", done
        return client

    async def bind(self, client: Client, card_number: str = WORKS) -> dict[str, Any]:
        """The card, bound; the issuer's page is walked by its machine API."""
        started = await client.post("/api/cards/bindings", idempotency_key=key())
        await self.type_card(started["id"], card_number)
        bound = await client.post(f"/api/cards/bindings/{started['id']}/confirmation")
        assert bound["state"] == "bound", bound
        card: dict[str, Any] = bound["card"]
        return card

    async def type_card(self, binding_id: str, card_number: str) -> dict[str, Any]:
        """What the person does on the issuer's page; the issuer's answer."""
        return await self.ask_bank("POST", f"/v1/bindings/{binding_id}/simulate", {"card_number": card_number})

    async def ask_bank(self, method: str, path: str, body: object = None) -> Any:
        answer = await self._to_bank.request(method, path, json=body, headers={"authorization": f"Bearer {KEY}"})
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def top_up(self, client: Client, amount_minor: int, card_id: str | None = None) -> dict[str, Any]:
        wanted = {"card_id": card_id or client.me["card_id"], "amount_minor": amount_minor, "pin": PIN}
        return await client.post("/api/topups", wanted, idempotency_key=key())  # type: ignore[no-any-return]

    async def shop(self, keeper: Client, name: str = "山脚面馆") -> dict[str, Any]:
        """An open shop, with the conversation in which it hears of payments."""
        wanted = {"name": name, "trade": "noodles", "place": "南门街 12 号", "picture": "🍜"}
        shop: dict[str, Any] = await keeper.post("/api/shops", wanted, idempotency_key=key())
        return shop

    async def look_at_shops(self) -> None:
        """As if an operator had looked at every shop there is: their owners may open more."""
        async with self.house.database.transaction() as tx:
            await tx.execute("update merchants.shops set reviewed = true")

    async def order(self, client: Client, shop: dict[str, Any], amount_minor: int) -> dict[str, Any]:
        wanted = {"code": shop["code"]["code"], "amount_minor": amount_minor}
        return await client.post("/api/orders", wanted, idempotency_key=key())  # type: ignore[no-any-return]

    async def pay(self, client: Client, order: dict[str, Any], **how: Any) -> dict[str, Any]:
        """A payment of the order, from the balance and without a coupon unless `how` says otherwise."""
        chosen = {"coupon_ids": [], "funding": "balance", "card_id": None, "pin": PIN, **how}
        idempotency_key = chosen.pop("idempotency_key", None) or key()
        return await client.post(  # type: ignore[no-any-return]
            f"/api/orders/{order['id']}/payments", chosen, idempotency_key=idempotency_key
        )

    async def by_card(self, client: Client, order: dict[str, Any], **how: Any) -> dict[str, Any]:
        return await self.pay(client, order, funding="card", card_id=client.me["card_id"], **how)

    async def balance(self, client: Client) -> int:
        return int((await client.get("/api/wallet"))["balance_minor"])

    async def coupons(self, client: Client, state: str = "available") -> list[dict[str, Any]]:
        return (await client.get(f"/api/coupons?state={state}"))["coupons"]  # type: ignore[no-any-return]

    async def campaign(
        self,
        *offers: tuple[int, int],
        budget_minor: int = 100_000,
        valid_days: int = 30,
        trigger: Trigger = Trigger.CARD_BOUND,
        stacking: Stacking = Stacking.ALONE,
        title: Words = TITLE,
    ) -> UUID:
        """Start a campaign, as the operator's command does; offers: amount and threshold of each coupon."""
        kind = OfferKind.FIXED if stacking is not Stacking.PACKET else OfferKind.PACKET
        campaign = Campaign(
            id=ids.new_id(),
            title=title,
            trigger=trigger,
            state=CampaignState.DRAFT,
            offers=[
                Offer(amount, threshold, kind, 0, amount if kind is OfferKind.PACKET else 0)
                for amount, threshold in offers
            ],
            budget_minor=budget_minor,
            valid_days=valid_days,
            terms=Terms(limits=Limits(stacking=stacking)),
        )
        await start_campaign(self.house.database, self.house.ledger, campaign)
        return campaign.id

    async def settle(self) -> None:
        """Deliver every stored event."""
        await self.house.relay.drain()

    async def sweep(self, name: str) -> int:
        """Look once for interrupted flows of that name."""
        return await worker.sweeps(self.house.database, self.house.ledger, self.house.issuer)[name]()

    async def row(self, query: str, *arguments: object) -> Any:
        """One row as it stands in the database."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return await connection.fetchrow(query, *arguments)
        finally:
            await connection.close()

    async def rows(self, query: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def value(self, query: str, *arguments: object) -> Any:
        return (await self.row(query, *arguments))[0]

    async def told(self, client: Client, kind: str) -> list[dict[str, Any]]:
        """The payloads of all messages of that kind that the person has, the oldest first."""
        await self.settle()
        messages = []
        for conversation in (await client.get("/api/conversations"))["conversations"]:
            messages += (await client.get(f"/api/conversations/{conversation['id']}/messages"))["messages"]
        return [message["payload"] for message in messages if message["kind"] == kind]

    async def books_are_right(self) -> None:
        assert await audit(self.database_url) == []


class Time:
    """The machine's clock, moved ahead as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        clock.use(lambda: datetime.now(UTC) + self.ahead)

    def pass_by(self, **duration: float) -> None:
        self.ahead += timedelta(**duration)

    def end(self) -> None:
        clock.use(None)


@asynccontextmanager
async def opened_market(database_url: str, data: Path, bank: SharedBank, **more: Any) -> AsyncIterator[Market]:
    """more: settings of the house beside those of its bank."""
    settings = {"issuer_url": bank.url, "issuer_key": KEY, "issuer_proxy": True, **more}
    served_house = running(database_url, data, port=bank.house_port, works=False, **settings)
    async with served_house as served:
        market = Market(served, bank, database_url)
        try:
            yield market
        finally:
            await market.close()


def key() -> str:
    return str(uuid4())


async def refusal(request: Awaitable[Any]) -> Refused:
    """The refusal of a request that has to be refused."""
    try:
        answer = await request
    except Refused as refused:
        return refused
    raise AssertionError(f"this was not refused: {answer}")


async def refused_as(request: Awaitable[Any]) -> str:
    """The name of its refusal."""
    return (await refusal(request)).slug


async def at_once(*requests: Awaitable[Any]) -> list[Any]:
    """All of them at the same time; a refusal stands as its name."""

    async def one(request: Awaitable[Any]) -> Any:
        try:
            return await request
        except Refused as refused:
            return refused.slug

    return await asyncio.gather(*map(one, requests))
