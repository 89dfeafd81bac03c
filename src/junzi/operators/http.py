"""Who I am to this town: signing up and in, my own profile with my role, and the town itself.

These routes stand here and not with people, because their answer names a role, which people knows nothing of.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post

from junzi.kit import town
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.operators import actions
from junzi.operators.model import Operator, Role
from junzi.people import actions as people
from junzi.people.http import address_of, device_of, session_cookie
from junzi.people.model import Locale, NewSession, ProfileChange, SignedIn, SignIn, SignUp

Req = Request[Any, Any, Any]


class Me(msgspec.Struct, frozen=True):
    """What a person sees of themself, with what they are to the operator."""

    id: UUID
    handle: str
    name: str
    avatar: int
    locale: Locale
    has_pin: bool
    role: Role | None
    created_at: datetime


class ShownTown(msgspec.Struct, frozen=True):
    """The operator as everybody may see it. decimals: digits after the point; symbol: what stands before an amount.

    map_tiles_url: with {z}, {x} and {y}, of the map under the street's plan; empty for a plan that is drawn
    """

    name: str
    demo: bool
    currency: str
    decimals: int
    symbol: str
    time_zone: str
    public_url: str
    map_tiles_url: str


async def provide_operator(database: Database, person: SignedIn) -> Operator:
    """Who is asking, as a member of the operator's staff. Raises `NotSignedIn` or `NotAnOperator`."""
    async with database.read() as reader:
        return await actions.access_operator(reader, person.person_id)


@get("/api/town", summary="The town: name, currency, time zone", tags=["town"])
async def show_town(request: Req, settings: Settings) -> ShownTown:
    here = town.current()
    return ShownTown(
        name=here.name,
        demo=here.demo,
        currency=here.money.code,
        decimals=here.money.decimals,
        symbol=here.money.symbol,
        time_zone=here.time_zone,
        public_url=settings.public_url or str(request.base_url).rstrip("/"),
        map_tiles_url=settings.map_tiles_url,
    )


@post("/api/people", summary="Sign up", tags=["people"], status_code=201)
async def sign_up(request: Req, database: Database, data: SignUp) -> Response[Me]:
    session = await people.sign_up_here(database, data, device=device_of(request))
    return await signed_in_answer(request, database, session)


@post("/api/sessions", summary="Sign in", tags=["people"], status_code=201)
async def sign_in(request: Req, database: Database, data: SignIn) -> Response[Me]:
    session = await people.sign_in(database, data, address=address_of(request), device=device_of(request))
    return await signed_in_answer(request, database, session)


@get("/api/me", summary="Who I am here", tags=["people"])
async def show_me(database: Database, person: SignedIn) -> Me:
    return await _me(database, person.person_id)


@patch("/api/me", summary="Change my name, avatar or language", tags=["people"])
async def change_me(database: Database, person: SignedIn, data: ProfileChange) -> Me:
    await people.change_profile(database, person.person_id, data)
    return await _me(database, person.person_id)


async def signed_in_answer(request: Req, database: Database, session: NewSession) -> Response[Me]:
    """Who is signed in now, with the cookie of the new session."""
    me = await _me(database, session.person_id)
    return Response(me, status_code=201, cookies=[session_cookie(session, request)])


async def _me(database: Database, person_id: UUID) -> Me:
    async with database.read() as reader:
        found = await people.me(reader, person_id)
        role = await actions.role_of(reader, person_id)
    return Me(
        id=found.id,
        handle=found.handle,
        name=found.name,
        avatar=found.avatar,
        locale=found.locale,
        has_pin=found.has_pin,
        role=role,
        created_at=found.created_at,
    )


ROUTES: list[Any] = [show_town, sign_up, sign_in, show_me, change_me]
