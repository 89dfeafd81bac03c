"""The demo town's street: its places, the other wallets there, and what the offline team has seen of them.

Data, and the real actions of the operator, the team and the people who would pay there. Repeatable, each under a key of its own.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from junzi.app import House
from junzi.cli import demo_town as demo
from junzi.cli.demo_rival import Push
from junzi.cli.demo_town import Resident
from junzi.field import places, promoters, rivals, street, survey, visit, wish
from junzi.field.model import CodeState, How, NewRival, NewRivalCode, PlaceState
from junzi.field.survey_model import Counts, Look, NewSurvey, SurveyClosed
from junzi.field.visit_model import NewVisit, Outcome
from junzi.growth import calendar
from junzi.growth.calendar_model import NewMove
from junzi.kit import clock, ids, town
from junzi.kit.clock import SimulatedClock
from junzi.merchants import areas
from junzi.merchants import store as merchants
from junzi.merchants.areas import AreaName

OPERATOR, PROMOTER = demo.YUAN, demo.LANGJIE
NOT_WISHING = (OPERATOR, PROMOTER, demo.HEFANG, demo.YINUO)

SOUTH, MARKET, BRIDGE = (
    AreaName("南门街", "South Gate"),
    AreaName("东市场", "East Market"),
    AreaName("桥边巷", "Bridge Lane"),
)
AREAS = (SOUTH, MARKET, BRIDGE)

MOST_A_DAY = 100
"""Payments at one shop."""

LATITUDE, LONGITUDE = 30.2400, 120.1600
STEP = 0.00052
"""Degrees from one door to the next: some fifty metres."""


class Standing(NamedTuple):
    """keeper: of the shop of ours that it is; east, north: in doors from the corner; blue, sail: that wallet's code is there"""

    number: str
    name: str
    trade: str
    area: AreaName
    address: str
    east: float
    north: float
    blue: bool
    sail: bool = False
    keeper: Resident | None = None
    size: str = "small"


PLACES = (
    Standing("S-08", "南门豆浆", "noodles", SOUTH, "南门街 8 号", 0, 0, blue=True),
    Standing("S-10", "小林五金", "hardware", SOUTH, "南门街 10 号", 1, 0.1, blue=True),
    Standing("S-12", "山脚面馆", "noodles", SOUTH, "南门街 12 号", 2, 0, blue=True, keeper=demo.GUIFANG),
    Standing("S-14", "一禾书店", "books", SOUTH, "南门街 14 号", 3, 0.1, blue=True, sail=True),
    Standing("S-16", "南门药房", "pharmacy", SOUTH, "南门街 16 号", 4, 0, blue=True, size="chain"),
    Standing("S-18", "剪刀手理发", "hair", SOUTH, "南门街 18 号", 5, 0.1, blue=False),
    Standing("M-03", "鲜果铺", "groceries", MARKET, "东市场 1 排 3 号", 6, 2, blue=True),
    Standing("M-05", "老街豆腐", "groceries", MARKET, "东市场 2 排 5 号", 6.4, 3, blue=True, sail=True),
    Standing("M-07", "蔬果日记", "groceries", MARKET, "东市场 3 排 7 号", 6.8, 4, blue=False, keeper=demo.LAOWU),
    Standing("M-11", "阿娣鱼档", "groceries", MARKET, "东市场 4 排 11 号", 7.2, 5, blue=True),
    Standing("M-20", "惠民超市", "convenience", MARKET, "东市场 20 号", 8, 3, blue=True, sail=True, size="chain"),
    Standing("B-01", "巷口咖啡", "coffee", BRIDGE, "桥边巷 1 号", 1.5, 4, blue=True, keeper=demo.LULYU),
    Standing("B-02", "麦田面包", "bakery", BRIDGE, "桥边巷 2 号", 1.5, 5, blue=True),
    Standing("B-04", "桥边花店", "flowers", BRIDGE, "桥边巷 4 号", 1.4, 6, blue=True),
    Standing("B-06", "晴天洗衣", "services", BRIDGE, "桥边巷 6 号", 1.3, 7, blue=False),
    Standing("B-08", "十二月毛衣", "clothing", BRIDGE, "桥边巷 8 号", 1.2, 8, blue=True, sail=True),
)

TAKING_THEIRS = frozenset(one.number for one in PLACES if one.blue)

BLUE, SAIL = (
    NewRival("Blue Wallet", ["https://qr.bluewallet.example/"]),
    NewRival("远帆支付", ["https://pay.yuanfan.example/"]),
)

THREATENED, GONE_DEAD = "B-02", "M-05"
THREAT = "店主说：贴别家的码就收回这张"
WISHED = {"B-02": 4, "M-03": 6, "S-14": 3}
"""How many people would pay there. Those of fewer than five are told to nobody; the tour's customer is the bakery's fifth."""
VISITED = (
    ("M-03", NewVisit(Outcome.BACK_ON, note="等老板回来，想先看看到账有多快")),
    ("S-10", NewVisit(Outcome.SHUT)),
    ("B-04", NewVisit(Outcome.NO, note="怕两张码顾客搞混")),
)


class Street:
    """The street as the town's people make it. persons: their ids; shops: ids of the shops of ours, by keeper"""

    def __init__(self, house: House, persons: dict[Resident, UUID], shops: dict[Resident, UUID]) -> None:
        self.house = house
        self.persons = persons
        self.shops = shops
        self.operator_id, self.promoter_id = persons[OPERATOR], persons[PROMOTER]

    async def lay_out(self) -> None:
        """When the history begins: the list, which places are shops of ours, and the codes that hang there."""
        database, operator_id = self.house.database, self.operator_id
        for name in AREAS:
            await areas.draw(database, operator_id=operator_id, key=f"demo area {name.en}", name=name)
        await places.read_in(database, operator_id=operator_id, whole=_list())
        await promoters.take_in(database, operator_id=operator_id, handle=PROMOTER.handle)
        blue, sail = await self._rivals()
        by_number = await self._by_number()
        for one in PLACES:
            place_id = by_number[one.number]
            if one.keeper is not None:
                await places.link(database, operator_id=operator_id, place_id=place_id, shop_id=self.shops[one.keeper])
            for rival_id, there in ((blue, one.blue), (sail, one.sail)):
                if there:
                    await self._see(place_id, rival_id, CodeState.LIVE)

    async def see_push(self, push: Push) -> None:
        """The operator puts on record what another wallet begins."""
        wallets = dict(zip((BLUE.name, SAIL.name), await self._rivals(), strict=True))
        now = clock.now()
        new = NewMove(
            rival_id=wallets[push.rival],
            kind=push.kind,
            face_minor=push.face_minor or None,
            threshold_minor=push.threshold_minor if push.face_minor else None,
            burn_minor=push.burn_minor,
            starts_at=now,
            ends_at=now + timedelta(days=push.lasts),
            source=push.source,
        )
        key = f"demo move {push.rival} {push.starts}"
        await calendar.record(self.house.database, operator_id=self.operator_id, key=key, new=new)

    async def live_on(self, simulated: SimulatedClock, scans: Mapping[str, int]) -> None:
        """On the present day: wishes, visits, what became of some codes, and surveys of all places, by codes and by scans.

        scans: of other wallets on this day, by place
        """
        database, by_number = self.house.database, await self._by_number()
        blue, _ = await self._rivals()
        await self._see(by_number[THREATENED], blue, CodeState.THREATENED, THREAT)
        await self._see(by_number[GONE_DEAD], blue, CodeState.DEAD)
        wishing = [id for resident, id in self.persons.items() if resident not in NOT_WISHING]
        for number, count in WISHED.items():
            for person_id in wishing[:count]:
                await wish.wish(database, person_id=person_id, place_id=by_number[number])
        tomorrow = town.business_date(simulated.at) + timedelta(days=1)
        for number, noted in VISITED:
            new = NewVisit(noted.outcome, tomorrow if noted.outcome is Outcome.BACK_ON else None, noted.note)
            await visit.note(
                database, promoter_id=self.promoter_id, place_id=by_number[number], key=f"demo visit {number}", new=new
            )
        codes = {
            one.number: Look(int(one.keeper is not None), int(one.blue and one.number != GONE_DEAD)) for one in PLACES
        }
        await self._survey(blue, by_number, Counts.CODES, codes)
        ours = await self._scans_today(simulated)
        counted = {one.number: Look(ours[one.number], scans.get(one.number, 0)) for one in PLACES}
        await self._survey(blue, by_number, Counts.SCANS, counted)

    async def _scans_today(self, simulated: SimulatedClock) -> Counter[str]:
        """Payments with ours since midnight, by place: what whoever stands there sees."""
        today, found = town.business_date(simulated.at), Counter[str]()
        for one in PLACES:
            if one.keeper is not None:
                async with self.house.database.read() as reader:
                    newest = await merchants.takings(
                        reader, shop_id=self.shops[one.keeper], before=None, most=MOST_A_DAY
                    )
                found[one.number] = sum(town.business_date(taking.at) == today for taking in newest)
        return found

    async def _survey(self, rival_id: UUID, by_number: dict[str, UUID], counts: Counts, looks: dict[str, Look]) -> None:
        database = self.house.database
        new = NewSurvey(rival_id, counts, len(PLACES))
        survey_id = await survey.draw(database, operator_id=self.operator_id, key=f"demo survey {counts}", new=new)
        for one in PLACES:
            seen = looks[one.number]
            # Closed already, where a filling was interrupted after it.
            with suppress(SurveyClosed):
                await survey.look(
                    database,
                    survey_id=survey_id,
                    place_id=by_number[one.number],
                    promoter_id=self.promoter_id,
                    seen=seen,
                )
        await survey.close(database, survey_id=survey_id, operator_id=self.operator_id)

    async def _rivals(self) -> tuple[UUID, UUID]:
        blue, sail = [
            await rivals.add(self.house.database, operator_id=self.operator_id, key=f"demo rival {new.name}", new=new)
            for new in (BLUE, SAIL)
        ]
        return blue.id, sail.id

    async def _see(self, place_id: UUID, rival_id: UUID, state: CodeState, note: str = "") -> None:
        await rivals.see(
            self.house.database,
            person_id=self.promoter_id,
            place_id=place_id,
            key=f"demo {state} {ids.derived(place_id, str(rival_id))}",
            new=NewRivalCode(rival_id, state, How.REPORT if note else How.SCAN, note),
        )

    async def _by_number(self) -> dict[str, UUID]:
        async with self.house.database.read() as reader:
            page = await street.for_operator(reader, state=PlaceState.STANDING, search="", area_id=None, before=None)
        return {one.number: one.place.id for one in page.places if one.number is not None}


def wallets_at(number: str) -> frozenset[str]:
    """The other wallets whose code hangs at that place, by name."""
    [place] = [one for one in PLACES if one.number == number]
    there = ((BLUE, place.blue), (SAIL, place.sail))
    return frozenset(rival.name for rival, hangs in there if hangs)


def number_of(keeper: Resident) -> str:
    """Of the place where this resident keeps a shop."""
    return next(one.number for one in PLACES if one.keeper is keeper)


def _list() -> str:
    rows = [
        f"{one.number},{one.name},{one.trade},{one.address},{one.area.zh},"
        f"{LATITUDE + one.north * STEP:.6f},{LONGITUDE + one.east * STEP:.6f},{one.size}"
        for one in PLACES
    ]
    return "\n".join(["number,name,trade,address,area,latitude,longitude,size", *rows])
