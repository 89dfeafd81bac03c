"""Fill the demo town: residents, friends, shops, a campaign and some days of history, made by the real actions.

A simulated clock starts some days ago and advances with every action up to the present, so that books, sequences and figures
are what these days would have left. Interrupted, it goes on from the newest thing that happened.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from junzi.app import House
from junzi.bank import bind
from junzi.bank import store as bank_store
from junzi.chat import groups
from junzi.chat.groups import GroupChange, NewGroup
from junzi.cli import demo_street
from junzi.cli import demo_town as demo
from junzi.cli.demo_day import OWN_HOST, Residents, Stall
from junzi.cli.demo_rival import Rivals
from junzi.cli.demo_street import Street
from junzi.cli.demo_town import Resident
from junzi.cli.people_file import PeopleFile
from junzi.codes import actions as codes
from junzi.codes.model import CodeKind
from junzi.contacts import actions as contacts
from junzi.coupons import expire, start_campaign
from junzi.coupons import store as coupon_store
from junzi.kit import clock, ids, outbox, town
from junzi.kit.clock import SimulatedClock
from junzi.kit.errors import NotFound
from junzi.merchants import agreement, open_shop
from junzi.merchants.agreement_model import NewAgreement
from junzi.operators import actions as operators
from junzi.people import actions as people
from junzi.people import pin as pins
from junzi.people.model import ProfileChange, SignUp
from junzi.settlement import bank_account, morning
from junzi.settlement.model import NewBankAccount
from junzi.standing import store as standing
from junzi.standing.model import Tier
from junzi.standing.review import review_step
from junzi.wallet import topup
from junzi.wallet.model import NewTopUp

Say = Callable[[str], None]


async def is_filled(house: House) -> bool:
    """Whether the town's history is complete."""
    async with house.database.read() as reader:
        return await town.demo_filled_at(reader) is not None


async def seed(house: House, people_file: PeopleFile, say: Say) -> None:
    """Fill the town unless it is filled; a town whose filling was interrupted is filled to the end.

    The house is not at work yet: whatever listens is driven from here, under the simulated clock.
    """
    if await is_filled(house):
        return
    latest, present = await outbox.latest_event_at(house.database), clock.now()
    simulated = SimulatedClock(latest or _morning(present - timedelta(days=demo.DAYS)))
    clock.use(simulated)
    try:
        await outbox.keep_days(house.database)
        await _History(house, people_file, simulated, present, say).fill()
    finally:
        clock.use(None)


class _History:
    """One filling of the town: its residents, and the clock they live by."""

    def __init__(
        self, house: House, people_file: PeopleFile, simulated: SimulatedClock, present: datetime, say: Say
    ) -> None:
        self.house = house
        self.people_file = people_file
        self.pin = people_file.pin()
        self.clock = simulated
        self.present = present
        self.say = say
        # The same town on every machine; chance only decides who shops where and when.
        self.chance = random.Random(20)
        rivals = Rivals(self.chance, town.business_date(present))
        self.residents = Residents(house, self.pin, self.chance, rivals)
        self.ids = self.residents.ids
        self.shops: list[tuple[Resident, UUID]] = []

    async def fill(self) -> None:
        self.say("Residents move in")
        for resident in demo.RESIDENTS:
            await self.move_in(resident)
        for asking, asked, greeting in demo.FRIENDS:
            await self.befriend(asking, asked, greeting)
        await self.make_group()
        for keeper, new, prices in demo.SHOPS:
            shop = await open_shop.open_shop(
                self.house.database,
                self.house.ledger,
                owner_id=self.ids[keeper],
                key=f"demo shop {keeper.handle}",
                new=new,
            )
            async with self.house.database.transaction() as tx:
                code = await codes.issue(tx, CodeKind.SHOP, shop.id)
                known = await standing.review(tx, shop.id)
                # One shop waits, so that there is something to look at on the desk.
                if keeper is not demo.UNREVIEWED and (known is None or known.tier is Tier.NEW):
                    await review_step(tx, shop_id=shop.id, operator_id=self.ids[demo.YUAN], tier=Tier.SMALL)
            self.residents.stalls.append(Stall(keeper, code.code, prices))
            self.shops.append((keeper, shop.id))
            await self.pass_time(minutes=5)
        await self.start_campaigns()
        for resident in demo.RESIDENTS:
            if resident.card_number:
                await self.bind_card(resident)
        await self.settle_shops()
        street = Street(self.house, self.ids, dict(self.shops))
        await street.lay_out()
        await self.live_on(street)
        await street.live_on(self.clock, self.residents.rivals.scans)
        await self.pass_time(minutes=0)
        await self.residents.leave()
        async with self.house.database.transaction() as tx:
            await town.set_demo_filled(tx)

    async def move_in(self, resident: Resident) -> None:
        """Sign up, with a session that every later day is lived in."""
        database = self.house.database
        password = self.people_file.password_of(resident.handle, resident.role)
        try:
            async with database.read() as reader:
                known = await people.person_by_handle(reader, resident.handle)
        except NotFound:
            wanted = SignUp(resident.handle, resident.name, password, "en" if resident.locale == "en" else "zh")
            known = await people.sign_up(database, wanted)
            await people.change_profile(database, known.id, ProfileChange(avatar=resident.avatar))
            if resident.card_number:
                await pins.set_pin(database, self.house.pin_key, known.id, self.pin)
        self.ids[resident] = known.id
        if resident in demo.ADMINISTRATORS:
            async with database.transaction() as tx:
                await operators.make_administrator(tx, known.id)
        await self.residents.arrive(resident)
        await self.pass_time(minutes=3)

    async def befriend(self, asking: Resident, asked: Resident, greeting: str) -> None:
        database, asking_id, asked_id = self.house.database, self.ids[asking], self.ids[asked]
        async with database.read() as reader:
            if await contacts.are_friends(reader, asking_id, asked_id):
                return
        request = await contacts.ask(database, asking_id, asked_id, greeting)
        await self.pass_time(minutes=2)
        await contacts.accept(database, asked_id, request.id)
        await self.pass_time(minutes=1)

    async def make_group(self) -> None:
        """Some friends make a group, in which they talk from then on."""
        house, (maker, second, *others) = self.house, demo.HIKERS
        maker_id, group_id = self.ids[maker], self.residents.group_id
        if await house.messages.conversation(group_id, maker_id) is not None:
            return
        wanted = NewGroup(id=group_id, name=demo.GROUP, member_ids=[self.ids[one] for one in (second, *others)])
        await groups.make(house.database, house.messages, maker_id, wanted)
        notice = GroupChange(notice=demo.GROUP_NOTICE)
        await groups.change(house.database, house.messages, maker_id, group_id, notice)
        await groups.set_role(house.database, house.messages, maker_id, group_id, self.ids[second], "administrator")
        await self.pass_time(minutes=2)

    async def start_campaigns(self) -> None:
        async with self.house.database.read() as reader:
            known = {campaign.trigger: campaign for campaign in await coupon_store.campaigns(reader)}
        for drafted in (demo.campaign(ids.new_id()), demo.packets(ids.new_id())):
            campaign = known.get(drafted.trigger, drafted)
            await start_campaign.start_campaign(self.house.database, self.house.ledger, campaign)

    async def bind_card(self, resident: Resident) -> None:
        """Bind as a person would, only that the issuer's page is walked by its machine API."""
        database, issuer, person_id = self.house.database, self.house.issuer, self.ids[resident]
        binding = await bind.start(
            database, issuer, person_id=person_id, key=f"demo card {resident.handle}", public_url=f"http://{OWN_HOST}"
        )
        async with httpx.AsyncClient(base_url=self.house.settings.issuer_url, trust_env=False) as client:
            answer = await client.post(
                f"/v1/bindings/{binding.id}/simulate",
                json={"card_number": resident.card_number},
                headers={"authorization": f"Bearer {self.house.settings.issuer_key}"},
            )
            answer.raise_for_status()
        bound = await bind.finish(database, issuer, binding_id=binding.id, person_id=person_id)
        assert bound.card_id is not None, "a demo card is confirmed"
        await self.pass_time(minutes=2)
        await topup.top_up(
            database,
            self.house.ledger,
            issuer,
            self.house.pin_key,
            person_id=person_id,
            key=f"demo top-up {resident.handle}",
            new=NewTopUp(bound.card_id, 20_000, self.pin),
        )
        await self.pass_time(minutes=2)

    async def settle_shops(self) -> None:
        """Every shop's money goes to its keeper's card; one has agreed on a fee."""
        house = self.house
        for keeper, shop_id in self.shops:
            keeper_id = self.ids[keeper]
            async with house.database.read() as reader:
                [card, *_] = await bank_store.cards_of(reader, keeper_id)
            account = NewBankAccount(card.id, self.pin)
            await bank_account.choose(house.database, house.pin_key, shop_id=shop_id, person_id=keeper_id, new=account)
            if keeper is demo.WITH_A_FEE:
                fee = NewAgreement(demo.FEE_PERMYRIAD)
                await agreement.agree(
                    house.database, shop_id=shop_id, operator_id=self.ids[demo.YUAN], key="demo fee", new=fee
                )
        await self.pass_time(minutes=2)

    async def live_on(self, street: Street) -> None:
        """Talk and shop, day after day, until the present, while the other wallets do what they do."""
        day = None
        while self.clock.at < self.present:
            if day != town.business_date(self.clock.at):
                day = town.business_date(self.clock.at)
                self.say(f"The town lives through {day:%d %B}")
                await self.residents.wake()
                for push in self.residents.rivals.begin_day(day, demo_street.TAKING_THEIRS):
                    await street.see_push(push)
                await expire.sweep(self.house.database, self.house.ledger)
                await morning.sweep(self.house.database, self.house.ledger, self.house.issuer)
            await self.residents.do_something()
            await self.pass_time(minutes=self.chance.randint(demo.SHORTEST_LULL_MINUTES, demo.LONGEST_LULL_MINUTES))
            await self.sleep_at_night()

    async def pass_time(self, *, minutes: int) -> None:
        """Let everybody hear what happened, then let the clock go on, never beyond the present."""
        await self.house.relay.drain()
        ahead = min(timedelta(minutes=minutes), self.present - self.clock.at)
        self.clock.advance(max(ahead, timedelta(0)))

    async def sleep_at_night(self) -> None:
        local = self.clock.at.astimezone(ZoneInfo(town.current().time_zone))
        if demo.OPENING_HOUR <= local.hour < demo.CLOSING_HOUR:
            return
        tomorrow = local + timedelta(days=1) if local.hour >= demo.CLOSING_HOUR else local
        morning = tomorrow.replace(hour=demo.OPENING_HOUR, minute=self.chance.randrange(30), second=0)
        self.clock.advance(min(morning, self.present) - self.clock.at)


def _morning(at: datetime) -> datetime:
    local = at.astimezone(ZoneInfo(town.current().time_zone))
    return local.replace(hour=demo.OPENING_HOUR, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
