"""One evening over the wire, in steps that are each repeated until they are answered: what a stubborn client does.

Every step has a fixed Idempotency-Key, so that repeating it is harmless if the server keeps its promise.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from junzi.client import Client, Refused, Unreachable
from tests.issuer.bank import WORKS, Bank
from tests.support.served import Served
from tests.support.until import until

T = TypeVar("T")
PIN, PASSWORD = "258036", "correct horse battery"
TOPUP_MINOR, TRANSFER_MINOR = 10_000, 700
FIRST_MINOR, SECOND_MINOR = 3_200, 2_000
REFUND_MINOR, CARD_REFUND_MINOR = 700, 300
PAYOUT_MINOR = 1_000
GIVE_UP_S = 60
IT_IS_TIME = """
do $$
declare
    one text;
begin
    for one in
        select attrelid::regclass::text from pg_attribute join pg_class on pg_class.oid = attrelid
        where attname = 'try_at' and relkind in ('r', 'p') and not relispartition
    loop
        execute format('update %s set try_at = now() where try_at > now()', one);
    end loop;
end
$$
"""
"""Everything that is to be tried again some time is to be tried now."""


class Evening:
    """Two people, a shop, a bound card each; one payment from the balance, one from the card, each with the best coupon; what the
    shop took goes to the bank, a part by hand and the rest in the morning."""

    def __init__(self, served: Served, bank: Bank, database_url: str) -> None:
        self.served = served
        self.bank = bank
        self.database_url = database_url
        self.buyer = Client(served.url)
        self.keeper = Client(served.url)

    async def live(self) -> None:
        await self.patiently(lambda: enter(self.buyer, "buyer", "林小满"))
        await self.patiently(lambda: enter(self.keeper, "keeper", "吴桂芳"))
        await self.patiently(lambda: self.set_pin(self.buyer))
        wanted = {"name": "山脚面馆", "trade": "noodles", "place": "南门街", "picture": "🍜"}
        shop = await self.post(self.keeper, "/api/shops", wanted)
        card = await self.bind(self.buyer)
        await self.patiently(self.has_three_coupons)
        topup = await self.post(
            self.buyer, "/api/topups", {"card_id": card["id"], "amount_minor": TOPUP_MINOR, "pin": PIN}
        )
        await self.patiently(lambda: self.is_settled(f"/api/topups/{topup['id']}", "succeeded"))
        first = await self.pay(shop["code"]["code"], FIRST_MINOR, {"funding": "balance"})
        second = await self.pay(shop["code"]["code"], SECOND_MINOR, {"funding": "card", "card_id": card["id"]})
        await self.refund(shop["id"], first, REFUND_MINOR)
        await self.refund(shop["id"], second, CARD_REFUND_MINOR)
        await self.bring_to_the_bank(shop["id"])
        friend = (await self.patiently(lambda: self.keeper.get("/api/wallet")))["code"]["code"]
        moved = {"code": friend, "amount_minor": TRANSFER_MINOR, "note": "谢谢", "pin": PIN}
        await self.post(self.buyer, "/api/transfers", moved)
        await self.let_the_last_coupon_expire()
        await self.let_the_campaign_end()

    async def sign_up_a_shop(self, promoter: Client) -> dict[str, Any]:
        """Instead of an evening: a promoter signs up a shop of the keeper, who runs the town, and earns 500 when one pays."""
        await self.patiently(lambda: enter(promoter, "promoter", "阿走"))
        await self.patiently(lambda: enter(self.keeper, "keeper", "吴桂芳"))
        await self.give_keeper_the_town()
        rule = {"amount_minor": 500, "budget_minor": 500, "payers": 1}
        await self.post(self.keeper, "/api/ops/commissions", rule)
        await self.keeper.post("/api/ops/promoters", {"handle": "promoter"})
        await self.keeper.post("/api/ops/street/lists", {"csv": "number,name,trade\n1,山脚面馆,noodles"})
        [place] = (await promoter.get("/api/field/places"))["places"]
        wanted = {"place_id": place["id"], "shop": {"name": "山脚面馆", "trade": "noodles"}}
        sign_up = await self.post(promoter, "/api/field/sign-ups", wanted)
        path = f"/api/sign-ups/{sign_up['url'].rpartition('/')[2]}/agreements"
        await self.patiently(lambda: self.keeper.post(path))
        await all_told(self.database_url, self.served)
        [shop] = (await self.keeper.get("/api/shops"))["shops"]
        return dict(shop)

    async def buy_one_thing(self, shop: dict[str, Any]) -> None:
        await self.patiently(lambda: enter(self.buyer, "buyer", "林小满"))
        await self.patiently(lambda: self.set_pin(self.buyer))
        card = await self.bind(self.buyer)
        await self.pay(shop["code"]["code"], FIRST_MINOR, {"funding": "card", "card_id": card["id"]})

    async def give_keeper_the_town(self) -> None:
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute(
                "insert into operators.staff (person_id, role, since) values ($1, 'administrator', now())",
                UUID(self.keeper.me["id"]),
            )
        finally:
            await connection.close()

    async def lose_all_coupons(self, campaign_id: UUID) -> None:
        """Instead of an evening: what was given is taken back by the keeper, who runs the town as well."""
        await self.patiently(lambda: enter(self.buyer, "buyer", "林小满"))
        await self.patiently(lambda: enter(self.keeper, "keeper", "吴桂芳"))
        await self.patiently(lambda: self.set_pin(self.buyer))
        await self.bind(self.buyer)
        await self.patiently(self.has_three_coupons)
        await self.give_keeper_the_town()
        path = f"/api/ops/campaigns/{campaign_id}/withdrawals"
        withdrawal = await self.post(self.keeper, path, {"reason": "fraud"})
        assert withdrawal["pieces"] == 3

        async def is_done() -> bool:
            [found] = (await self.keeper.get(path))["withdrawals"]
            return bool(found["state"] == "done")

        await self.patiently(is_done)

    async def close(self) -> None:
        await self.buyer.close()
        await self.keeper.close()

    async def patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Repeat until it is answered with anything but "not now", starting the server again whenever it died."""
        give_up_at = asyncio.get_running_loop().time() + GIVE_UP_S
        while True:
            try:
                answer = await act()
                if answer is not None and answer is not False:
                    return answer
            except Unreachable:
                pass
            except Refused as refusal:
                if refusal.status != 503:
                    raise
            if not self.served.lives:
                await self.served.keep_alive()
                await self._hurry()
            assert asyncio.get_running_loop().time() < give_up_at, self.served.said[-4000:]
            await asyncio.sleep(0.05)

    async def _hurry(self) -> None:
        """What was cut is gone on with in a quarter of a minute: that time is over now."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(self.database_url)
            try:
                await connection.execute(IT_IS_TIME)
            finally:
                await connection.close()

    async def post(self, client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
        key = str(uuid5(NAMESPACE_URL, f"{path} {sorted(body.items())}"))
        answer: dict[str, Any] = await self.patiently(lambda: client.post(path, body, idempotency_key=key))
        return answer

    async def set_pin(self, client: Client) -> bool:
        if not (await client.get("/api/me"))["has_pin"]:
            await client.request("PUT", "/api/me/payment-pin", {"pin": PIN})
        return True

    async def bind(self, client: Client) -> dict[str, Any]:
        binding = await self.post(client, "/api/cards/bindings", {})
        await self.patiently(lambda: self.type_card(binding["id"]))
        path = f"/api/cards/bindings/{binding['id']}/confirmation"
        bound = await self.patiently(lambda: client.post(path))
        assert bound["state"] == "bound", bound
        card: dict[str, Any] = bound["card"]
        return card

    async def type_card(self, binding_id: str) -> bool:
        """What a person does on the bank's page; its database may be away as well."""
        response = await self.bank.request("POST", f"/v1/bindings/{binding_id}/simulate", {"card_number": WORKS})
        assert response.status_code == 200 or response.status_code >= 500, response.text
        return response.status_code == 200

    async def has_three_coupons(self) -> bool:
        return len((await self.buyer.get("/api/coupons"))["coupons"]) == 3

    async def pay(self, code: str, amount_minor: int, funding: dict[str, Any]) -> str:
        order = await self.post(self.buyer, "/api/orders", {"code": code, "amount_minor": amount_minor})
        # What was chosen at the first try is what a repeat says again, whatever the order shows by then.
        chosen = {"coupon_ids": order["best_coupon_ids"], "pin": PIN, **funding}
        payment = await self.post(self.buyer, f"/api/orders/{order['id']}/payments", chosen)
        await self.patiently(lambda: self.is_settled(f"/api/payments/{payment['id']}", "paid"))
        payment_id: str = payment["id"]
        return payment_id

    async def refund(self, shop_id: str, payment_id: str, amount_minor: int) -> None:
        path = f"/api/shops/{shop_id}/payments/{payment_id}"
        await self.post(self.keeper, f"{path}/refunds", {"amount_minor": amount_minor, "reason": "少了一份"})

        async def is_done() -> bool:
            [refund] = (await self.keeper.get(path))["refunds"]
            assert refund["state"] in ("processing", "done"), refund
            return bool(refund["state"] == "done")

        await self.patiently(is_done)

    async def bring_to_the_bank(self, shop_id: str) -> None:
        """By hand first; then a morning comes."""
        await self.patiently(lambda: self.set_pin(self.keeper))
        card = await self.bind(self.keeper)
        shop, keeper = f"/api/shops/{shop_id}", self.keeper
        chosen = {"card_id": card["id"], "pin": PIN}
        await self.patiently(lambda: keeper.request("PUT", f"{shop}/bank-account", chosen))
        await self.patiently(lambda: keeper.request("PATCH", f"{shop}/bank-account", {"automatic": False}))
        await self.post(keeper, f"{shop}/payouts", {"amount_minor": PAYOUT_MINOR, "pin": PIN})
        await self.patiently(lambda: self.are_paid_out(shop, 1))
        await self.patiently(lambda: keeper.request("PATCH", f"{shop}/bank-account", {"automatic": True}))
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("update settlement.bank_accounts set looked_on = looked_on - 1")
        finally:
            await connection.close()
        await self.patiently(lambda: self.are_paid_out(shop, 2))

    async def are_paid_out(self, shop: str, count: int) -> bool:
        states = [payout["state"] for payout in (await self.keeper.get(f"{shop}/payouts"))["payouts"]]
        assert set(states) <= {"processing", "done"}, states
        return states == ["done"] * count

    async def is_settled(self, path: str, wanted: str) -> bool:
        found = await self.buyer.get(path)
        assert found["state"] in (wanted, "processing"), found
        return bool(found["state"] == wanted)

    async def let_the_last_coupon_expire(self) -> None:
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("update coupons.coupons set expires_at = given_at where state = 'available'")
        finally:
            await connection.close()

        async def is_expired() -> bool:
            left = await self.buyer.get("/api/coupons?state=expired")
            return [coupon["state"] for coupon in left["coupons"]] == ["expired"] and await self._nothing_expires()

        await self.patiently(is_expired)

    async def let_the_campaign_end(self) -> None:
        """Its time is over; the rest of its budget goes back."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("update coupons.campaigns set ends_at = created_at")
        finally:
            await connection.close()

        async def has_ended() -> bool:
            # Somebody has to ask, or a server that died would stay away.
            await self.buyer.get("/api/wallet")
            connection = await asyncpg.connect(self.database_url)
            try:
                states = "select bool_and(state = 'ended') from coupons.campaigns"
                moving = "select exists (select from coupons.rests where state = 'processing')"
                return bool(await connection.fetchval(states)) and not await connection.fetchval(moving)
            finally:
                await connection.close()

        await self.patiently(has_ended)

    async def _nothing_expires(self) -> bool:
        connection = await asyncpg.connect(self.database_url)
        try:
            return (
                await connection.fetchval(
                    "select count(*) from coupons.coupons where state in ('available', 'expiring')"
                )
                == 0
            )
        finally:
            await connection.close()


async def enter(client: Client, handle: str, name: str) -> bool:
    """Sign up, or in when an earlier try got through."""
    try:
        await client.sign_up(handle, name, PASSWORD)
    except Refused as refusal:
        if refusal.slug != "handle-taken":
            raise
        await client.sign_in(handle, PASSWORD)
    return True


async def undelivered(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        count: int = await connection.fetchval("select count(*) from kit.outbox where delivered_at is null")
        return count
    finally:
        await connection.close()


async def all_told(database_url: str, served: Served) -> None:
    """Wait until every stored event was taken by its listeners."""

    async def is_quiet() -> bool:
        await served.keep_alive()
        return await undelivered(database_url) == 0

    await until(is_quiet, timeout_s=30)
