"""What shops pay of their payments, and where their money went: shown to the operator's staff, who agree on the fees."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.bank import store as bank
from junzi.kit import clock
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.merchants import store as merchants
from junzi.merchants.agreement_model import Agreement
from junzi.merchants.model import card
from junzi.people.actions import persons_of
from junzi.people.model import Person
from junzi.settlement import store as settlement
from junzi.settlement.model import PayoutState

MOST_SHOPS = 100
MOST_AGREEMENTS = 50


class FeeLine(msgspec.Struct, frozen=True):
    """A shop and what it pays now, in hundredths of a percent."""

    shop_id: UUID
    shop_name: str
    picture: str
    place: str
    permyriad: int


class AgreementLine(msgspec.Struct, frozen=True):
    id: UUID
    permyriad: int
    valid_from: datetime
    agreed_by: Person
    agreed_at: datetime


class PayoutLine(msgspec.Struct, frozen=True, kw_only=True):
    """A payout as the operator sees it: to which bank, and no more of the card than its last digits."""

    id: UUID
    shop_name: str
    picture: str
    amount_minor: int
    automatic: bool
    state: PayoutState
    reason: str | None
    bank_name: str
    last4: str
    at: datetime


async def fees(database: Database, *, before: UUID | None, limit: int) -> tuple[list[FeeLine], bool]:
    """A page of shops, the newest first, and whether there are more. Two queries."""
    most = min(limit, MOST_SHOPS)
    async with database.read() as reader:
        page = await merchants.latest_shops(reader, before=before, most=most + 1)
        shops = page[:most]
        rates = await merchants.permyriads_at(reader, shop_ids=[shop.id for shop in shops], at=clock.now())
    cards = [card(shop) for shop in shops]
    lines = [FeeLine(shop.id, shop.name, shop.picture, shop.place, rates.get(shop.id, 0)) for shop in cards]
    return lines, len(page) > most


async def agreements(database: Database, shop_id: UUID) -> list[AgreementLine]:
    """What was agreed on with a shop, the last to begin first. Raises `NotFound`. Three queries."""
    async with database.read() as reader:
        if await merchants.shop(reader, shop_id) is None:
            raise NotFound
        found = await merchants.agreements(reader, shop_id, most=MOST_AGREEMENTS)
        people = await persons_of(reader, {one.agreed_by for one in found})
    return [line_of(one, people) for one in found]


async def line(database: Database, agreement: Agreement) -> AgreementLine:
    """One agreement as it is shown."""
    async with database.read() as reader:
        return line_of(agreement, await persons_of(reader, [agreement.agreed_by]))


def line_of(one: Agreement, people: dict[UUID, Person]) -> AgreementLine:
    return AgreementLine(one.id, one.permyriad, one.valid_from, people[one.agreed_by], one.agreed_at)


async def payouts(database: Database, *, limit: int) -> list[PayoutLine]:
    """The newest payouts of all shops, the newest first. Three queries."""
    async with database.read() as reader:
        found = await settlement.latest_payouts(reader, most=limit)
        shops = await merchants.shops(reader, list({payout.shop_id for payout in found}))
        cards = await bank.cards(reader, list({payout.card_id for payout in found}))
    lines = []
    for payout in found:
        shop, to = card(shops[payout.shop_id]), cards[payout.card_id]
        lines.append(
            PayoutLine(
                id=payout.id,
                shop_name=shop.name,
                picture=shop.picture,
                amount_minor=payout.amount_minor,
                automatic=payout.asked_by is None,
                state=payout.state,
                reason=payout.reason,
                bank_name=to.bank_name,
                last4=to.last4,
                at=payout.created_at,
            )
        )
    return lines
