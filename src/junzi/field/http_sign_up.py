"""Signing up a shop at its counter: the promoter's side, its owner's, and codes printed in advance."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from junzi.codes.http import own_hosts, printed_url
from junzi.field import blanks, sign_up, sign_up_store
from junzi.field.http import PROMOTER
from junzi.field.promoters import Promoter
from junzi.field.sign_up_model import MOST_SHEET, AskedOfMe, NewSignUp, OwnerCode, Sheet, ShownSignUp, SignUp
from junzi.kit import town
from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.ledger.engine import Ledger
from junzi.operators.model import Operator
from junzi.people.model import SignedIn

Req = Request[Any, Any, Any]
MINE = "/api/field/sign-ups"
ASKED = "/api/sign-ups"

MOST_TYPED_A_MINUTE = 10
_typed = Pace()
"""Codes that a promoter types: one of a hundred million is good for five minutes."""


class SignUps(msgspec.Struct, frozen=True):
    sign_ups: list[ShownSignUp]


class AllAskedOfMe(msgspec.Struct, frozen=True):
    sign_ups: list[AskedOfMe]


class TypedCode(msgspec.Struct, frozen=True):
    """What the owner's phone shows."""

    owner_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}$", max_length=8)]


class ReadBlank(msgspec.Struct, frozen=True):
    """blank: what the camera read of a code that was printed in advance"""

    blank: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class NewSheet(msgspec.Struct, frozen=True):
    blanks: Annotated[int, msgspec.Meta(ge=1, le=MOST_SHEET)]


class Printed(msgspec.Struct, frozen=True):
    id: UUID


class Sheets(msgspec.Struct, frozen=True):
    sheets: list[Sheet]


@post(MINE, summary="Ask the owner at the counter", tags=["field"], dependencies=PROMOTER)
async def ask_owner(
    request: Req,
    data: NewSignUp,
    promoter: Promoter,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> ShownSignUp:
    asked = await sign_up.ask(database, promoter_id=promoter.person_id, key=idempotency_key, new=data)
    return await _shown(database, asked, public_url(request, settings))


@get(MINE, summary="Shops that I signed up, and whom I asked", tags=["field"], dependencies=PROMOTER)
async def list_sign_ups(request: Req, promoter: Promoter, database: Database, settings: Settings) -> SignUps:
    async with database.read() as reader:
        return SignUps(await sign_up.of_promoter(reader, promoter.person_id, public_url(request, settings)))


@get(MINE + "/{sign_up_id:uuid}", summary="What became of it", tags=["field"], dependencies=PROMOTER)
async def show_sign_up(
    request: Req, sign_up_id: UUID, promoter: Promoter, database: Database, settings: Settings
) -> ShownSignUp:
    async with database.read() as reader:
        found = await sign_up.access(reader, sign_up_id, promoter.person_id)
    return await _shown(database, found, public_url(request, settings))


@post(
    MINE + "/{sign_up_id:uuid}/owner-codes",
    summary="Type the code that the owner's phone shows",
    tags=["field"],
    dependencies=PROMOTER,
    status_code=200,
)
async def type_owner_code(
    request: Req,
    sign_up_id: UUID,
    data: TypedCode,
    promoter: Promoter,
    database: Database,
    ledger: Ledger,
    settings: Settings,
) -> ShownSignUp:
    _typed.keep(promoter.person_id, most=MOST_TYPED_A_MINUTE)
    found = await sign_up.type_code(
        database, ledger, sign_up_id=sign_up_id, promoter_id=promoter.person_id, code=data.owner_code
    )
    return await _shown(database, found, public_url(request, settings))


@post(
    MINE + "/{sign_up_id:uuid}/blanks",
    summary="Bind a printed code to the shop that I signed up",
    tags=["field"],
    dependencies=PROMOTER,
    status_code=204,
)
async def bind_blank_signed_up(
    request: Req,
    sign_up_id: UUID,
    data: ReadBlank,
    promoter: Promoter,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> None:
    await blanks.bind_signed_up(
        database,
        sign_up_id=sign_up_id,
        promoter_id=promoter.person_id,
        key=idempotency_key,
        said=data.blank,
        own_hosts=own_hosts(request, settings),
    )


@post("/api/shops/{shop_id:uuid}/blanks", summary="Bind a printed code to my shop", tags=["shops"], status_code=204)
async def bind_blank(
    request: Req,
    shop_id: UUID,
    data: ReadBlank,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> None:
    await blanks.bind(
        database,
        shop_id=shop_id,
        person_id=person.person_id,
        key=idempotency_key,
        said=data.blank,
        own_hosts=own_hosts(request, settings),
    )


@post("/api/me/owner-code", summary="A code for a promoter, who opens a shop in my name with it", tags=["shops"])
async def show_owner_code(person: SignedIn, database: Database) -> OwnerCode:
    return await sign_up.show_code(database, person_id=person.person_id)


@get(ASKED, summary="Shops that a promoter asks me to open", tags=["shops"])
async def list_asked_of_me(person: SignedIn, database: Database) -> AllAskedOfMe:
    async with database.read() as reader:
        return AllAskedOfMe(await sign_up.asked_of_me(reader, person.person_id))


@get(ASKED + "/{sign_up_token:str}", summary="The shop that I am asked to open", tags=["shops"])
async def show_asked_of_me(sign_up_token: str, person: SignedIn, database: Database) -> AskedOfMe:
    async with database.read() as reader:
        return await sign_up.scanned(reader, token=sign_up_token, person_id=person.person_id)


@post(ASKED + "/{sign_up_token:str}/agreements", summary="Open it, in my name", tags=["shops"], status_code=200)
async def agree_to_sign_up(sign_up_token: str, person: SignedIn, database: Database, ledger: Ledger) -> AskedOfMe:
    await sign_up.agree(database, ledger, token=sign_up_token, person_id=person.person_id)
    async with database.read() as reader:
        return await sign_up.scanned(reader, token=sign_up_token, person_id=person.person_id)


@post(ASKED + "/{sign_up_token:str}/refusals", summary="Do not open it", tags=["shops"], status_code=204)
async def decline_sign_up(sign_up_token: str, person: SignedIn, database: Database) -> None:
    await sign_up.decline(database, token=sign_up_token, person_id=person.person_id)


@post("/api/ops/sheets", summary="Make codes to print in advance", tags=["operator"])
async def print_sheet(data: NewSheet, operator: Operator, idempotency_key: str, database: Database) -> Printed:
    return Printed(
        await blanks.print_sheet(database, operator_id=operator.person_id, key=idempotency_key, count=data.blanks)
    )


@get("/api/ops/sheets", summary="Codes printed in advance, and how many hang somewhere", tags=["operator"])
async def list_sheets(operator: Operator, database: Database) -> Sheets:
    async with database.read() as reader:
        return Sheets(await sign_up_store.sheets(reader))


@get(
    "/api/ops/sheets/{sheet_id:uuid}/codes.pdf", summary="The codes of a sheet that hang nowhere yet", tags=["operator"]
)
async def show_sheet(
    request: Req, sheet_id: UUID, operator: Operator, database: Database, settings: Settings
) -> Response[bytes]:
    address = printed_url(request, settings)
    async with database.read() as reader:
        wanted = await blanks.to_print(reader, sheet_id)
    drawn = await asyncio.to_thread(blanks.drawn, wanted, address, town.current().name)
    headers = {"content-disposition": 'attachment; filename="codes.pdf"'}
    return Response(drawn, media_type="application/pdf", headers=headers)


async def _shown(database: Database, found: SignUp, address: str) -> ShownSignUp:
    async with database.read() as reader:
        return (await sign_up.shown(reader, [found], address))[0]


ROUTES: list[Any] = [
    ask_owner,
    list_sign_ups,
    show_sign_up,
    type_owner_code,
    bind_blank_signed_up,
    bind_blank,
    show_owner_code,
    list_asked_of_me,
    show_asked_of_me,
    agree_to_sign_up,
    decline_sign_up,
    print_sheet,
    list_sheets,
    show_sheet,
]
