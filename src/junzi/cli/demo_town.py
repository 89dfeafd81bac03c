"""Who lives in the demo town, what they sell, say and promise. Data only; what they do is done by the real actions."""

from typing import NamedTuple
from uuid import UUID

from junzi.coupons.model import (
    Campaign,
    CampaignState,
    Limits,
    Offer,
    OfferKind,
    Stacking,
    Terms,
    Trigger,
    Words,
)
from junzi.merchants.model import NewShop, Trade


class Resident(NamedTuple):
    """handle, name, avatar, role as the list of people says it, number of the sandbox card they bind (none: empty)"""

    handle: str
    name: str
    avatar: int
    role: str
    card_number: str
    locale: str = "zh"


XIAOMAN = Resident("xiaoman", "林小满", 8, "shopper with a card and coupons", "6200000100000004")
AZHE = Resident("azhe", "阿哲", 21, "shopper; as second administrator approves campaigns", "6200000200000003")
YINUO = Resident("yinuo", "沈一诺", 33, "shopper who has not bound a card yet", "")
DANIEL = Resident("daniel", "Daniel Okafor", 14, "shopper, English", "6200000400000001", "en")
GUIFANG = Resident("guifang", "吴桂芳", 40, "keeps the noodle shop", "6200000300000002")
LAOWU = Resident("laowu", "老吴", 5, "keeps the grocery", "6200000100000004")
LULYU = Resident("lulyu", "陆绿", 52, "keeps the coffee shop", "6200000200000003")
YUAN = Resident("yuan", "周予安", 27, "administrator: sees the day's figures", "")
HEFANG = Resident("hefang", "何芳", 36, "bakes in Bridge Lane, where our code does not hang yet", "")
LANGJIE = Resident("langjie", "郎捷", 17, "promoter: walks the street and signs shops up", "")

RESIDENTS = (XIAOMAN, AZHE, YINUO, DANIEL, GUIFANG, LAOWU, LULYU, YUAN, LANGJIE, HEFANG)
ADMINISTRATORS = (YUAN, AZHE)
"""Two, since a campaign that one drafts is approved by another."""
FRIENDS = (
    (XIAOMAN, AZHE, "我是小满，周末一起爬山吧"),
    (XIAOMAN, DANIEL, "Hi Daniel, 我是小满"),
    (AZHE, LAOWU, "吴叔，我是阿哲"),
    (DANIEL, LULYU, "Best coffee in town!"),
    (GUIFANG, XIAOMAN, "小满，我是面馆的吴阿姨"),
    (YUAN, GUIFANG, "吴阿姨您好，我是予安"),
    (YINUO, HEFANG, "何姐，我是常来买吐司的一诺"),
)

SHOPS = (
    (GUIFANG, NewShop("山脚面馆", Trade.NOODLES, "南门街 12 号", "🍜"), (1600, 1850, 2200, 2650, 3800)),
    (LAOWU, NewShop("蔬果日记", Trade.GROCERIES, "东市场 3 排 7 号", "🥬"), (900, 1580, 2340, 4620, 6150)),
    (LULYU, NewShop("巷口咖啡", Trade.COFFEE, "桥边巷 1 号", "☕\ufe0f"), (1500, 1800, 2200, 2800, 5200)),
)
"""Keeper, shop, and what things cost there in minor units."""

USED_TO_OTHERS = (DANIEL, LAOWU, LULYU)
"""Who pays with another wallet where no coupon says otherwise."""

UNREVIEWED = LULYU
"""Whose shop nobody has looked at yet."""

WITH_A_FEE, FEE_PERMYRIAD = LULYU, 38
"""Whose shop pays 0.38 % of each payment."""

SHOPPERS = (XIAOMAN, AZHE, DANIEL, GUIFANG, LAOWU, LULYU)

TALK = (
    (XIAOMAN, AZHE, "周六七点东门集合？"),
    (AZHE, XIAOMAN, "好呀，记得带水 ⛰️"),
    (XIAOMAN, AZHE, "面馆用券只要十三块，真香 🍜"),
    (AZHE, XIAOMAN, "我也绑卡了，领到三张券"),
    (DANIEL, LULYU, "One flat white please, on my way ☕️"),
    (LULYU, DANIEL, "Ready in five minutes!"),
    (GUIFANG, XIAOMAN, "今天的牛腩特别好，给你留一碗"),
    (XIAOMAN, GUIFANG, "谢谢吴阿姨！下班就来 😋"),
    (AZHE, LAOWU, "番茄还有吗？"),
    (LAOWU, AZHE, "刚到的，自己挑"),
    (YUAN, GUIFANG, "新的收款码收到了吗？"),
    (GUIFANG, YUAN, "贴上了，到账会报声音，方便"),
    (XIAOMAN, DANIEL, "Lunch at the noodle shop today?"),
    (DANIEL, XIAOMAN, "Sounds good, see you at noon 🍜"),
)

GROUP, GROUP_NOTICE = "周末爬山 ⛰️", "周六七点，东门集合。带水，穿好走的鞋。"
HIKERS = (XIAOMAN, AZHE, DANIEL, GUIFANG)
"""Who is in the group: the first made it, of friends; the second helps to lead it."""

GROUP_TALK = (
    (XIAOMAN, "这周六还是老时间？"),
    (AZHE, "可以，我带登山杖"),
    (DANIEL, "Count me in! 🥾"),
    (GUIFANG, "我做了牛肉饼，路上吃"),
    (XIAOMAN, "吴阿姨最好了 😋"),
    (AZHE, "下山去巷口咖啡坐坐？"),
    (DANIEL, "Flat white at the top of my list ☕️"),
    (GUIFANG, "看天气预报，周六晴"),
    (XIAOMAN, "那就这么定了，@所有人 别迟到"),
    (AZHE, "收到"),
)
"""What is said there; what calls everybody says so."""

DAYS = 14
"""Days of history before the present one."""

OPENING_HOUR, CLOSING_HOUR = 8, 21
SHORTEST_LULL_MINUTES, LONGEST_LULL_MINUTES = 8, 40


def campaign(id: UUID) -> Campaign:
    """What the town gives to everybody who binds a card. It adds up with what is of another group."""
    return Campaign(
        id=id,
        title=Words("绑卡见面礼", "Welcome gift for your card"),
        trigger=Trigger.CARD_BOUND,
        state=CampaignState.DRAFT,
        offers=[Offer(500, 1500), Offer(1000, 3000), Offer(200, 0)],
        budget_minor=5_000_000,
        valid_days=30,
        terms=Terms(limits=Limits(stacking=Stacking.CARD)),
    )


def packets(id: UUID) -> Campaign:
    """What whoever asks for it may open and spend within three days."""
    return Campaign(
        id=id,
        title=Words("晚饭红包", "Supper red packet"),
        trigger=Trigger.CLAIM,
        state=CampaignState.DRAFT,
        offers=[Offer(300, kind=OfferKind.PACKET, least_minor=50)],
        budget_minor=500_000,
        valid_days=3,
        terms=Terms(limits=Limits(stacking=Stacking.PACKET)),
    )
