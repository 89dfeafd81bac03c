"""The owner's routes for what hangs in a shop: its posters."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from junzi.codes.http import emv_identifier, printed_url
from junzi.kit import town
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.merchants import actions, merchant_code, poster
from junzi.merchants.poster import Format, Poster, Says, Shape
from junzi.people.model import SignedIn

Req = Request[Any, Any, Any]


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
) -> Response[bytes]:
    """The shop's code to print, as PDF: A5, A4, or a sticker of 80 mm, square or round, with bleed and crop marks."""
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person.person_id)
    address = printed_url(request, settings)
    code = (await actions.shown(database, shop, person.person_id, address)).code
    identifier = emv_identifier(request, settings)
    text = (
        await merchant_code.text_of(database, code.code, identifier=identifier, country=settings.country)
        if says is Says.EMV
        else code.url
    )
    here = town.current()
    wanted = Poster(code.code, text, shop.name, shop.place, shop.picture, here.name, demo=here.demo)
    drawn = await asyncio.to_thread(poster.file, wanted, format, shape)
    name = f"{format}-{shape}" if format is Format.STICKER else format.value
    headers = {"content-disposition": f'attachment; filename="poster-{name}.pdf"'}
    return Response(drawn, media_type="application/pdf", headers=headers)


ROUTES: list[Any] = [show_poster]
