"""How a shop stands: the shopkeeper's routes, and the operator's desk."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants.model import Deed, Shop, card, neutral_name
from junzi.operators.model import Operator
from junzi.people.model import SignedIn
from junzi.standing import desk, discreet, far, review, taking_back
from junzi.standing import seal as sealing
from junzi.standing.model import (
    LONGEST_SEARCH,
    DeskPage,
    DeskShop,
    Face,
    FarLine,
    LookedUp,
    NewDecision,
    NewReview,
    NewWithdrawal,
    Objection,
    Position,
    Queue,
    Seal,
    ShownFace,
    ShownPosition,
    Standing,
    Word,
)

SHOP = "/api/shops/{shop_id:uuid}"
OPS = "/api/ops/shops"
OPS_SHOP = OPS + "/{shop_id:uuid}"


class FarScans(msgspec.Struct, frozen=True):
    scans: list[FarLine]


@get(SHOP + "/standing", summary="What the shop may receive today, how far its review is, whether its code holds")
async def show_standing(shop_id: UUID, person: SignedIn, database: Database, ledger: Ledger) -> Standing:
    return await review.standing(database, ledger, shop_id=shop_id, person_id=person.person_id)


@post(SHOP + "/review-answers", summary="Answer what the review asked, or ask for more room")
async def answer_review(
    shop_id: UUID, data: Word, person: SignedIn, idempotency_key: str, database: Database, ledger: Ledger
) -> Standing:
    await review.answer(database, shop_id=shop_id, person_id=person.person_id, key=idempotency_key, said=data.text)
    return await review.standing(database, ledger, shop_id=shop_id, person_id=person.person_id)


@post(SHOP + "/objections", summary="Say what speaks against taking the code back")
async def object_to_withdrawal(
    shop_id: UUID, data: Objection, person: SignedIn, database: Database, ledger: Ledger
) -> Standing:
    await taking_back.object_to(database, shop_id=shop_id, person_id=person.person_id, said=data.text)
    return await review.standing(database, ledger, shop_id=shop_id, person_id=person.person_id)


@get(SHOP + "/face", summary="Under which name others see the shop")
async def show_face(shop_id: UUID, person: SignedIn, database: Database) -> ShownFace:
    async with database.read() as reader:
        return _face(await merchants.access_shop(reader, shop_id, person.person_id, Deed.LOOK))


@put(SHOP + "/face", summary="Let others see the shop under its own name, or under a neutral one")
async def set_face(shop_id: UUID, data: Face, person: SignedIn, database: Database) -> ShownFace:
    return _face(
        await discreet.set_discreet(
            database, shop_id=shop_id, person_id=person.person_id, discreet=data.face == "neutral"
        )
    )


@get(SHOP + "/position", summary="Where the shop says that it stands")
async def show_position(shop_id: UUID, person: SignedIn, database: Database) -> ShownPosition:
    return ShownPosition(await far.position(database, shop_id=shop_id, person_id=person.person_id))


@put(SHOP + "/position", summary="Say where the shop stands, so that a scan far from it is noticed")
async def set_position(shop_id: UUID, data: Position, person: SignedIn, database: Database) -> ShownPosition:
    await far.set_position(database, shop_id=shop_id, person_id=person.person_id, position=data)
    return ShownPosition(data)


@delete(SHOP + "/position", status_code=204, summary="Let it not be known where the shop stands")
async def forget_position(shop_id: UUID, person: SignedIn, database: Database) -> None:
    await far.set_position(database, shop_id=shop_id, person_id=person.person_id, position=None)


@get("/api/ops/far-scans", summary="Codes that were scanned far from their shops", tags=["operator"])
async def list_far_scans(operator: Operator, database: Database) -> FarScans:
    return FarScans(await far.far_scans(database))


@get(SHOP + "/seal", summary="The moving seal of the next minute, for whoever works at the shop")
async def show_shop_seal(shop_id: UUID, person: SignedIn, database: Database, settings: Settings) -> Seal:
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person.person_id, Deed.LOOK)
    return sealing.seal(settings.data, shop_id)


@get(OPS, summary="Shops by where their review stands, or found by a text", tags=["operator"])
async def list_desk(
    operator: Operator,
    database: Database,
    queue: Queue = Queue.WAITING,
    search: Annotated[str, Parameter(max_length=LONGEST_SEARCH)] = "",
    after: Annotated[str | None, Parameter(max_length=100)] = None,
) -> DeskPage:
    return await desk.shops(database, queue=queue, search=search, after=after)


@get(OPS_SHOP, summary="One shop as the desk shows it", tags=["operator"])
async def show_desk_shop(shop_id: UUID, operator: Operator, database: Database) -> DeskShop:
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/reviews", summary="Say what the shop may receive a day", tags=["operator"])
async def review_shop(
    shop_id: UUID, data: NewReview, operator: Operator, idempotency_key: str, database: Database, ledger: Ledger
) -> DeskShop:
    await review.decide(
        database, ledger, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key, tier=data.tier
    )
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/questions", summary="Ask the shop something before deciding", tags=["operator"])
async def ask_shop(shop_id: UUID, data: Word, operator: Operator, idempotency_key: str, database: Database) -> DeskShop:
    await review.ask(database, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key, question=data.text)
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/changes", summary="Decide on what the owner wants the shop to say of itself", tags=["operator"])
async def decide_change(
    shop_id: UUID, data: NewDecision, operator: Operator, idempotency_key: str, database: Database
) -> DeskShop:
    await review.decide_change(
        database, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key, made=data.made
    )
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/withdrawals", summary="Take the shop's code back", tags=["operator"])
async def take_code_back(
    shop_id: UUID, data: NewWithdrawal, operator: Operator, idempotency_key: str, database: Database
) -> DeskShop:
    await taking_back.take_back(
        database, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key, new=data
    )
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/reinstatements", summary="Let the shop's code hold again", tags=["operator"])
async def reinstate_code(shop_id: UUID, operator: Operator, idempotency_key: str, database: Database) -> DeskShop:
    await taking_back.reinstate(database, shop_id=shop_id, operator_id=operator.person_id, key=idempotency_key)
    return await desk.shop(database, shop_id)


@post(OPS_SHOP + "/lookups", summary="Who a discreet shop is; that somebody asked is on record", tags=["operator"])
async def look_shop_up(shop_id: UUID, operator: Operator, database: Database) -> LookedUp:
    return await desk.look_up(database, shop_id=shop_id, operator_id=operator.person_id)


def _face(shop: Shop) -> ShownFace:
    return ShownFace("neutral" if shop.discreet else "own", card(shop).name, neutral_name(shop.id))


ROUTES: list[Any] = [
    show_face,
    set_face,
    show_shop_seal,
    show_position,
    set_position,
    forget_position,
    list_far_scans,
    show_standing,
    answer_review,
    object_to_withdrawal,
    list_desk,
    show_desk_shop,
    review_shop,
    ask_shop,
    decide_change,
    take_code_back,
    reinstate_code,
    look_shop_up,
]
