"""A morning in the town through its own HTTP: people, cards, coupons, a shop, scans and payments."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from junzi.app import House
from junzi.coupons.model import Campaign, CampaignState, Offer, Trigger, Words
from junzi.coupons.start_campaign import start_campaign
from junzi.kit import ids
from junzi.operators.actions import make_administrator
from tests.admin.conftest import client_of
from tests.issuer.bank import WORKS, Bank

PIN = "271828"


@dataclass(frozen=True)
class Morning:
    """What is left of it: who looks at it, the campaign, and the payers and orders in the order of paying."""

    administrator: httpx.AsyncClient
    campaign_id: UUID
    paid: list[tuple[str, int, int]]
    """Payer's handle, amount, what the coupon paid."""


async def live_through(house: House, bank: Bank) -> Morning:
    """Two people bind cards and are given a coupon of 6.00 from 20.00 and one of 3.00 each; one of them pays twice."""
    campaign_id = ids.new_id()
    offers = [Offer(600, 2_000), Offer(300, 0)]
    title = Words("绑卡礼", "A gift for your card")
    await start_campaign(
        house.database,
        house.ledger,
        Campaign(campaign_id, title, Trigger.CARD_BOUND, CampaignState.DRAFT, offers, 5_000, 7),
    )
    administrator, keeper, payer, saver = [
        await sign_up(house, handle) for handle in ("administrator", "keeper", "payer", "saver")
    ]
    async with house.database.transaction() as tx:
        await make_administrator(tx, UUID((await administrator.get("/api/me")).json()["id"]))
    shop = await answered(
        keeper.post("/api/shops", json={"name": "Noodles", "trade": "noodles", "picture": "🍜"}, headers=idem()), 201
    )
    await bind_card(saver, bank)
    card_id = await bind_card(payer, bank)
    await house.relay.drain()
    await answered(payer.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    top_up = {"card_id": card_id, "amount_minor": 10_000, "pin": PIN}
    assert (await answered(payer.post("/api/topups", json=top_up, headers=idem()), 201))["state"] == "succeeded"
    await scan_and_pay(payer, shop["code"]["url"], 2_500)
    await scan_and_pay(payer, shop["code"]["url"], 200)
    await answered(saver.post("/api/scans", json={"text": shop["code"]["url"]}), 200)
    await house.relay.drain()
    return Morning(administrator, campaign_id, [("payer", 2_500, 600), ("payer", 200, 200)])


async def sign_up(house: House, handle: str) -> httpx.AsyncClient:
    """A browser in which this person is signed in and has been seen."""
    client = client_of(house)
    person = {"handle": handle, "name": handle.title(), "password": "a long sentence"}
    await answered(client.post("/api/people", json=person), 201)
    await answered(client.get("/api/me"), 200)
    return client


async def bind_card(person: httpx.AsyncClient, bank: Bank, card_number: str = WORKS) -> str:
    binding = await answered(person.post("/api/cards/bindings", json={}, headers=idem()), 201)
    await bank.request("POST", f"/v1/bindings/{binding['id']}/simulate", {"card_number": card_number})
    bound = await answered(person.post(f"/api/cards/bindings/{binding['id']}/confirmation"), 200)
    card_id: str = bound["card"]["id"]
    return card_id


async def scan_and_pay(person: httpx.AsyncClient, url: str, amount_minor: int) -> None:
    """Pay with the best coupon, from the balance."""
    scanned = await answered(person.post("/api/scans", json={"text": url}), 200)
    wanted = {"code": scanned["code"], "amount_minor": amount_minor}
    order = await answered(person.post("/api/orders", json=wanted, headers=idem()), 201)
    how = {"coupon_ids": order["best_coupon_ids"], "funding": "balance", "card_id": None, "pin": PIN}
    payment = await answered(person.post(f"/api/orders/{order['id']}/payments", json=how, headers=idem()), 201)
    assert payment["state"] == "paid"


async def answered(request: Any, status: int) -> Any:
    """The answer's body; the test fails on any other status."""
    answer = await request
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def idem() -> dict[str, str]:
    return {"idempotency-key": str(uuid4())}
