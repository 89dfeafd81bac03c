"""The routes for what hangs in a shop and for shops that are several: posters, turned codes, tills, stores."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import Parameter

from junzi.codes import actions as codes
from junzi.codes.http import emv_identifier, printed_url
from junzi.kit import town
from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.merchants import actions, adopt_code, merchant_code, open_shop, poster, stores
from junzi.merchants import till as tills
from junzi.merchants.model import CodeWithdrawn, Range, Shop, ShownShop
from junzi.merchants.poster import Format, Poster, Says, Shape
from junzi.merchants.stores_model import (
    Branch,
    NewCode,
    NewStore,
    NewTill,
    ShopCodes,
    ShopDiscreet,
    Stores,
    Till,
    Tills,
)
from junzi.people.model import SignedIn

Req = Request[Any, Any, Any]
Asked = Annotated[Range, Parameter(query="range")]


@get("/api/shops/{shop_id:uuid}/poster")
async def show_poster(
    request: Req,
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    settings: Settings,
    format: Format = Format.A5,
    shape: Shape = Shape.SQUARE,
    says: Says = Says.ADDRESS,
    till: UUID | None = None,
) -> Response[bytes]:
    """The shop's code to print, as PDF: A5, A4, A4 to be folded into a tent, or a sticker of 80 mm with bleed and crop marks."""
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person.person_id)
        at = None if till is None else await tills.till_of(reader, shop_id=shop_id, till_id=till)
    return await poster_answer(request, database, settings, shop, at=at, format=format, shape=shape, says=says)


async def poster_answer(
    request: Req,
    database: Database,
    settings: Settings,
    shop: Shop,
    *,
    at: Till | None = None,
    format: Format,
    shape: Shape = Shape.SQUARE,
    says: Says = Says.ADDRESS,
) -> Response[bytes]:
    """A shop's poster as a file, or that of its till. Raises `CodeWithdrawn`, `ShopDiscreet`."""
    if shop.withdrawn:
        raise CodeWithdrawn
    if shop.discreet:
        raise ShopDiscreet
    address = printed_url(request, settings)
    async with database.read() as reader:
        code = codes.shown(await codes.own(reader, shop.id if at is None else at.id), address)
    identifier = emv_identifier(request, settings)
    text = (
        await merchant_code.text_of(database, code.code, identifier=identifier, country=settings.country)
        if says is Says.EMV
        else code.url
    )
    here = town.current()
    name = "" if at is None else at.name
    wanted = Poster(code.code, text, shop.name, shop.place, shop.picture, here.name, till=name, demo=here.demo)
    drawn = await asyncio.to_thread(poster.file, wanted, format, shape)
    kept_as = f"{format}-{shape}" if format is Format.STICKER else format.value
    headers = {"content-disposition": f'attachment; filename="poster-{kept_as}.pdf"'}
    return Response(drawn, media_type="application/pdf", headers=headers)


@get("/api/shops/{shop_id:uuid}/codes")
async def list_codes(
    request: Req, shop_id: UUID, person: SignedIn, database: Database, settings: Settings
) -> ShopCodes:
    """All codes that lead to the shop: its own, and those that were printed for its owner."""
    return await adopt_code.codes_of(
        database, shop_id=shop_id, person_id=person.person_id, public_url=public_url(request, settings)
    )


@post("/api/shops/{shop_id:uuid}/codes", status_code=201)
async def adopt(
    request: Req,
    shop_id: UUID,
    data: NewCode,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> ShopCodes:
    """Turn the owner's own code, printed already, into the shop's. They have a new one of their own from then on."""
    await adopt_code.adopt(database, shop_id=shop_id, person_id=person.person_id, key=idempotency_key, code=data.code)
    return await adopt_code.codes_of(
        database, shop_id=shop_id, person_id=person.person_id, public_url=public_url(request, settings)
    )


@delete("/api/shops/{shop_id:uuid}/codes/{code:str}", status_code=204)
async def give_code_back(shop_id: UUID, code: str, person: SignedIn, database: Database) -> None:
    """Let a turned code lead to its owner again."""
    await adopt_code.give_back(database, shop_id=shop_id, person_id=person.person_id, code=code)


@get("/api/shops/{shop_id:uuid}/tills")
async def list_tills(
    request: Req,
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    settings: Settings,
    asked: Asked = Range.TODAY,
) -> Tills:
    """The shop's tills with their codes, and what today, this week or this month brought at each."""
    return await _tills(request, shop_id, person, database, settings, asked)


@post("/api/shops/{shop_id:uuid}/tills", status_code=201)
async def add_till(
    request: Req,
    shop_id: UUID,
    data: NewTill,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> Tills:
    await tills.add(database, shop_id=shop_id, person_id=person.person_id, key=idempotency_key, name=data.name)
    return await _tills(request, shop_id, person, database, settings)


@patch("/api/shops/{shop_id:uuid}/tills/{till_id:uuid}")
async def rename_till(
    request: Req,
    shop_id: UUID,
    till_id: UUID,
    data: NewTill,
    person: SignedIn,
    database: Database,
    settings: Settings,
) -> Tills:
    await tills.rename(database, shop_id=shop_id, till_id=till_id, person_id=person.person_id, name=data.name)
    return await _tills(request, shop_id, person, database, settings)


@delete("/api/shops/{shop_id:uuid}/tills/{till_id:uuid}", status_code=204)
async def remove_till(shop_id: UUID, till_id: UUID, person: SignedIn, database: Database) -> None:
    """The till is used no more. Its printed code leads to the shop."""
    await tills.remove(database, shop_id=shop_id, till_id=till_id, person_id=person.person_id)


@get("/api/shops/{shop_id:uuid}/stores")
async def list_stores(shop_id: UUID, person: SignedIn, database: Database, asked: Asked = Range.TODAY) -> Stores:
    """The stores of the shop's merchant that the person may look into, and what today, this week or this month brought."""
    return await stores.stores(database, shop_id=shop_id, person_id=person.person_id, asked=asked)


@post("/api/shops/{shop_id:uuid}/stores", status_code=201)
async def open_store(
    request: Req,
    shop_id: UUID,
    data: NewStore,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    settings: Settings,
) -> ShownShop:
    """Open another store under the same name."""
    async with database.read() as reader:
        new, store_of = await stores.planned(reader, shop_id=shop_id, person_id=person.person_id, new=data)
    shop = await open_shop.open_shop(
        database, ledger, owner_id=person.person_id, key=idempotency_key, new=new, store_of=store_of
    )
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@put("/api/shops/{shop_id:uuid}/stores/{store_id:uuid}")
async def join_store(shop_id: UUID, store_id: UUID, data: Branch, person: SignedIn, database: Database) -> Stores:
    """Let another shop of the same owner be one of this one's stores, under its name."""
    await stores.join(database, shop_id=shop_id, store_id=store_id, person_id=person.person_id, branch=data.branch)
    return await stores.stores(database, shop_id=shop_id, person_id=person.person_id, asked=Range.TODAY)


@delete("/api/shops/{shop_id:uuid}/stores/{store_id:uuid}", status_code=204)
async def part_store(shop_id: UUID, store_id: UUID, person: SignedIn, database: Database) -> None:
    """Let the store stand alone again, under the name it had."""
    await stores.part(database, shop_id=shop_id, store_id=store_id, person_id=person.person_id)


async def _tills(
    request: Req, shop_id: UUID, person: SignedIn, database: Database, settings: Settings, asked: Range = Range.TODAY
) -> Tills:
    return await tills.tills(
        database,
        shop_id=shop_id,
        person_id=person.person_id,
        asked=asked,
        public_url=public_url(request, settings),
    )


ROUTES: list[Any] = [
    show_poster,
    list_codes,
    adopt,
    give_code_back,
    list_tills,
    add_till,
    rename_till,
    remove_till,
    list_stores,
    open_store,
    join_store,
    part_store,
]
