"""What the demo town's residents do of a day, by the real actions: talk, talk in their group, and go shopping.

Where they pay with another wallet, as the simulated population decides, nothing of it is in our books.
"""

import random
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple
from uuid import UUID

from junzi.app import House
from junzi.chat import actions as chat
from junzi.chat.send import say
from junzi.checkout import order as orders
from junzi.checkout import pay
from junzi.checkout import scan as scanning
from junzi.checkout import show as showing
from junzi.checkout.model import Funding, NewOrder, NewPayment
from junzi.cli import demo_street
from junzi.cli import demo_town as demo
from junzi.cli.demo_rival import Rivals, Wallet, choose
from junzi.cli.demo_town import Resident
from junzi.coupons import actions as coupons
from junzi.coupons import claim
from junzi.coupons import store as coupon_store
from junzi.coupons.model import CouponState
from junzi.kit import ids
from junzi.people import actions as people

OWN_HOST = "demo.invalid"
DEVICE = "Demo"


class Stall(NamedTuple):
    """A resident's shop. prices: what things cost there in minor units"""

    keeper: Resident
    code: str
    prices: Sequence[int]


class Residents:
    """The town's people with their ids, the sessions in which they live, and the shops they go to."""

    def __init__(self, house: House, pin: str, chance: random.Random, rivals: Rivals) -> None:
        self._house = house
        self._pin = pin
        self._chance = chance
        self.rivals = rivals
        self.ids: dict[Resident, UUID] = {}
        self.stalls: list[Stall] = []
        self._sessions: list[UUID] = []
        self._talk, self._group_talk = cycle(demo.TALK), cycle(demo.GROUP_TALK)

    @property
    def group_id(self) -> UUID:
        return ids.derived(self.ids[demo.HIKERS[0]], "demo group")

    async def arrive(self, resident: Resident) -> None:
        """On a device of their own; from now on they are seen."""
        async with self._house.database.transaction() as tx:
            self._sessions.append((await people.open_session(tx, self.ids[resident], DEVICE)).id)
        await people.keep_session(self._house.database, self._sessions[-1])

    async def wake(self) -> None:
        """Another day on those devices."""
        for session_id in self._sessions:
            await people.keep_session(self._house.database, session_id)

    async def leave(self) -> None:
        """End the sessions in which the days were lived, those of days that were cut off included."""
        for person_id in self.ids.values():
            async with self._house.database.read() as reader:
                sessions = await people.sessions_of(reader, person_id)
            for session in sessions:
                if session.device == DEVICE:
                    await people.revoke_session(self._house.database, self._house.bus, person_id, session.id)
        self._sessions.clear()

    async def do_something(self) -> None:
        what = self._chance.random()
        if what < 0.3:
            await self.talk(*next(self._talk))
        elif what < 0.5:
            await self.talk_in_group(*next(self._group_talk))
        else:
            await self.shop()

    async def talk(self, speaker: Resident, listener: Resident, text: str) -> None:
        house = self._house
        conversation_id = await chat.open_direct(house.messages, self.ids[speaker], self.ids[listener])
        seq = await self._say(speaker, conversation_id, {"text": text})
        if self._chance.random() < 0.8:
            await chat.mark_read(house.messages, self.ids[listener], conversation_id, seq)

    async def talk_in_group(self, speaker: Resident, text: str) -> None:
        seq = await self._say(
            speaker, self.group_id, {"text": text, **({"mention_all": True} if "@所有人" in text else {})}
        )
        for other in demo.HIKERS:
            if self._chance.random() < 0.6:
                await chat.mark_read(self._house.messages, self.ids[other], self.group_id, seq)

    async def shop(self) -> None:
        """Choose a wallet. Where it is ours: scan, order, take the best coupon, pay from the balance while it lasts and from the
        card after that."""
        house = self._house
        buyer = self._chance.choice(demo.SHOPPERS)
        stall = self._chance.choice([one for one in self.stalls if one.keeper is not buyer])
        price = self._chance.choice(stall.prices)
        number = demo_street.number_of(stall.keeper)
        theirs = self.rivals.saves(price, demo_street.wallets_at(number))
        habit = Wallet.THEIRS if buyer in demo.USED_TO_OTHERS else Wallet.OURS
        if choose(ours=await self._saves(buyer, price), theirs=theirs, habit=habit) is not Wallet.OURS:
            self.rivals.scans[number] += 1
            return
        buyer_id, own_hosts = self.ids[buyer], frozenset({OWN_HOST})
        await scanning.scan(house.database, person_id=buyer_id, text=stall.code, own_hosts=own_hosts)
        order = await orders.create(
            house.database,
            house.ledger,
            payer_id=buyer_id,
            key=str(ids.new_id()),
            new=NewOrder(stall.code, price),
            own_hosts=own_hosts,
        )
        shown = await showing.show(house.database, house.ledger, order)
        enough = shown.balance_minor >= shown.amount_minor
        await pay.pay(
            house.database,
            house.paying,
            house.ledger,
            house.issuer,
            house.pin_key,
            order_id=order.id,
            payer_id=buyer_id,
            key=str(ids.new_id()),
            new=NewPayment(
                funding=Funding.BALANCE if enough else Funding.CARD,
                pin=self._pin,
                # Everybody keeps a coupon for the visitor to spend.
                coupon_ids=shown.best_coupon_ids if len(shown.coupons) > 1 else [],
                card_id=None if enough else shown.cards[0].id,
            ),
        )

    async def ask_for_coupons(self) -> None:
        """Somebody takes what campaigns have for whoever asks, and opens what is in a packet."""
        person_id = self.ids[self._chance.choice(demo.SHOPPERS)]
        for one in await claim.claimable(self._house.database, person_id):
            if one.claimed < one.per_person:
                claimed = await claim.claim(
                    self._house.giving, campaign_id=one.id, person_id=person_id, key=str(ids.new_id())
                )
                for coupon in claimed.coupons:
                    if not coupon.opened:
                        await coupons.open_packet(self._house.database, coupon_id=coupon.id, person_id=person_id)

    async def _say(self, speaker: Resident, conversation_id: UUID, payload: dict[str, object]) -> int:
        sent = await say(
            self._house.database,
            self._house.messages,
            sender_id=self.ids[speaker],
            conversation_id=conversation_id,
            client_id=str(ids.new_id()),
            kind="text",
            payload=payload,
        )
        return sent.seq

    async def _saves(self, buyer: Resident, price_minor: int) -> int:
        """What their best coupon of ours saves of that sum, but for the last, which is kept for the visitor to spend."""
        async with self._house.database.read() as reader:
            held = await coupon_store.coupons_of(reader, person_id=self.ids[buyer], states=[CouponState.AVAILABLE])
        fitting = [one.amount_minor for one in held if not one.packet and one.threshold_minor <= price_minor]
        return min(price_minor, max(fitting, default=0)) if len(held) > 1 else 0
