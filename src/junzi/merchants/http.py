"""The shopkeeper's routes."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import Parameter

from junzi.codes.http import emv_identifier
from junzi.kit import text
from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.qr import picture
from junzi.ledger.engine import Ledger
from junzi.media.blobs import Blobs
from junzi.media.http import Asked, file_answer
from junzi.media.model import Size
from junzi.merchants import actions, charge, figures, merchant_code, open_shop, photos, profile, staff, store
from junzi.merchants.model import (
    LONGEST_NAME,
    LONGEST_PICTURE,
    LONGEST_PLACE,
    Deed,
    Figures,
    Invitation,
    MerchantCode,
    NewCharge,
    NewShop,
    NewStaff,
    Range,
    ShopState,
    ShownCharge,
    ShownShop,
    StaffMember,
    Takings,
    Trade,
)
from junzi.merchants.profile_model import Change, ShownProfile
from junzi.people.model import SignedIn

Req = Request[Any, Any, Any]


class ShopChange(msgspec.Struct):
    """What is left out stays. area_id: where in the town; None for nowhere in particular. photo_id: a picture that its owner
    uploaded; None for the drawn picture alone.

    Name, trade, area and photo of a shop that an operator has looked at change after another look, and stay meanwhile.
    """

    state: Literal["open", "closed"] | msgspec.UnsetType = msgspec.UNSET
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)] | msgspec.UnsetType = msgspec.UNSET
    trade: Trade | msgspec.UnsetType = msgspec.UNSET
    place: Annotated[str, msgspec.Meta(max_length=LONGEST_PLACE)] | msgspec.UnsetType = msgspec.UNSET
    picture: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PICTURE)] | msgspec.UnsetType = msgspec.UNSET
    area_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    photo_id: UUID | msgspec.UnsetType | None = msgspec.UNSET


class Staff(msgspec.Struct):
    staff: list[StaffMember]


class Invitations(msgspec.Struct):
    invitations: list[Invitation]


class Shops(msgspec.Struct):
    shops: list[ShownShop]


@post("/api/shops", status_code=201)
async def create_shop(
    request: Req,
    data: NewShop,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    settings: Settings,
) -> ShownShop:
    shop = await open_shop.open_shop(database, ledger, owner_id=person.person_id, key=idempotency_key, new=data)
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@get("/api/shops")
async def list_shops(request: Req, person: SignedIn, database: Database, settings: Settings) -> Shops:
    async with database.read() as reader:
        own = await store.shops_of(reader, person.person_id)
        shops = own + await store.shops_worked_at(reader, person.person_id)
    return Shops(await actions.all_shown(database, shops, person.person_id, public_url(request, settings)))


@get("/api/shops/{shop_id:uuid}")
async def show_shop(request: Req, shop_id: UUID, person: SignedIn, database: Database, settings: Settings) -> ShownShop:
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person.person_id, Deed.LOOK)
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@patch("/api/shops/{shop_id:uuid}")
async def change_shop(
    request: Req, shop_id: UUID, data: ShopChange, person: SignedIn, database: Database, settings: Settings
) -> ShownShop:
    wanted = Change(data.name, data.trade, data.place, data.picture, data.area_id, data.photo_id)
    if data.state is msgspec.UNSET and wanted.is_empty:
        raise text.refused("", "Say what is to change.")
    if not wanted.is_empty:
        await profile.change(database, shop_id=shop_id, person_id=person.person_id, wanted=wanted)
    if data.state is not msgspec.UNSET:
        state = ShopState(data.state)
        await actions.set_open(database, shop_id=shop_id, person_id=person.person_id, state=state)
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person.person_id)
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@get("/api/shops/{shop_id:uuid}/profile")
async def show_profile(shop_id: UUID, person: SignedIn, database: Database) -> ShownProfile:
    """What the shop says of itself, and what of it waits for an operator's look."""
    return await profile.shown(database, shop_id=shop_id, person_id=person.person_id)


@get("/api/shops/photos/{photo_id:uuid}", skip_compression=True)
async def show_photo(
    database: Database,
    blobs: Blobs,
    person: SignedIn,
    photo_id: UUID,
    size: Size = Size.SMALL,
    asked: Asked = None,
) -> Response[Any]:
    """A shop's photo, for whoever may see the shop under its own face."""
    if size is Size.ORIGINAL:
        raise NotFound("A shop's photo is not shown in its full size.")
    async with database.read() as reader:
        held = await photos.readable(reader, photo_id, person.person_id)
    return await file_answer(blobs, held, size, asked)


@get("/api/shops/{shop_id:uuid}/takings")
async def list_takings(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=actions.PAGE)] = 50,
) -> Takings:
    return await actions.takings(database, shop_id=shop_id, person_id=person.person_id, before=before, limit=limit)


@get("/api/shops/{shop_id:uuid}/figures")
async def show_figures(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    asked: Annotated[Range, Parameter(query="range")] = Range.TODAY,
) -> Figures:
    """What today, this week or this month brought."""
    return await figures.figures(database, shop_id=shop_id, person_id=person.person_id, asked=asked)


@post("/api/shops/{shop_id:uuid}/code", status_code=201)
async def reissue_code(
    request: Req, shop_id: UUID, person: SignedIn, idempotency_key: str, database: Database, settings: Settings
) -> ShownShop:
    """Replace the shop's code, which was lost or copied: the old one is refused from then on."""
    shop = await actions.reissue_code(database, shop_id=shop_id, person_id=person.person_id, key=idempotency_key)
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@post("/api/shops/{shop_id:uuid}/staff", status_code=201)
async def invite_staff(shop_id: UUID, data: NewStaff, person: SignedIn, database: Database) -> StaffMember:
    """Ask somebody, by exact handle, to work at the till."""
    return await staff.invite(database, shop_id=shop_id, owner_id=person.person_id, handle=data.handle)


@get("/api/shops/{shop_id:uuid}/staff")
async def list_staff(shop_id: UUID, person: SignedIn, database: Database) -> Staff:
    return Staff(await staff.staff(database, shop_id=shop_id, owner_id=person.person_id))


@delete("/api/shops/{shop_id:uuid}/staff/{person_id:uuid}", status_code=204)
async def remove_staff(shop_id: UUID, person_id: UUID, person: SignedIn, database: Database) -> None:
    """End somebody's work there, or the asking; everybody may end their own."""
    await staff.remove(database, shop_id=shop_id, person_id=person_id, by_id=person.person_id)


@get("/api/shops/invitations")
async def list_invitations(person: SignedIn, database: Database) -> Invitations:
    """The shops at which the person is asked to work."""
    return Invitations(await staff.invitations(database, person.person_id))


@post("/api/shops/{shop_id:uuid}/staff/acceptance", status_code=201)
async def accept_invitation(
    request: Req, shop_id: UUID, person: SignedIn, database: Database, settings: Settings
) -> ShownShop:
    shop = await staff.accept(database, shop_id=shop_id, person_id=person.person_id)
    return await actions.shown(database, shop, person.person_id, public_url(request, settings))


@post("/api/shops/{shop_id:uuid}/charges", status_code=201)
async def create_charge(
    request: Req,
    shop_id: UUID,
    data: NewCharge,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    settings: Settings,
) -> ShownCharge:
    """Ask for an amount, as a code that is paid once."""
    return await charge.ask(
        database,
        shop_id=shop_id,
        person_id=person.person_id,
        key=idempotency_key,
        new=data,
        public_url=public_url(request, settings),
    )


@get("/api/shops/{shop_id:uuid}/charges/{charge_id:uuid}")
async def show_charge(
    request: Req, shop_id: UUID, charge_id: UUID, person: SignedIn, database: Database, settings: Settings
) -> ShownCharge:
    return await charge.show(
        database,
        shop_id=shop_id,
        charge_id=charge_id,
        person_id=person.person_id,
        public_url=public_url(request, settings),
    )


@get("/api/codes/{code:str}/emv")
async def show_merchant_code(
    request: Req, code: str, person: SignedIn, database: Database, settings: Settings
) -> MerchantCode:
    """The code as other wallets read it (EMVCo, merchant-presented)."""
    return MerchantCode(await _merchant_code(request, code, database, settings), f"/api/codes/{code.upper()}/emv.svg")


@get("/api/codes/{code:str}/emv.svg")
async def show_merchant_code_image(
    request: Req, code: str, person: SignedIn, database: Database, settings: Settings
) -> Response[bytes]:
    text = await _merchant_code(request, code, database, settings)
    return Response(picture(text), media_type="image/svg+xml")


async def _merchant_code(request: Req, code: str, database: Database, settings: Settings) -> str:
    identifier = emv_identifier(request, settings)
    return await merchant_code.text_of(database, code, identifier=identifier, country=settings.country)


ROUTES: list[Any] = [
    create_shop,
    list_shops,
    show_shop,
    change_shop,
    show_profile,
    show_photo,
    list_takings,
    show_figures,
    reissue_code,
    invite_staff,
    list_staff,
    remove_staff,
    list_invitations,
    accept_invitation,
    create_charge,
    show_charge,
    show_merchant_code,
    show_merchant_code_image,
]
