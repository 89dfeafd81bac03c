"""Sessions, the PIN, and who is asking. The routes that answer "me" are with operators, who know roles."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.datastructures import Cookie

from junzi.kit.bus import Bus
from junzi.kit.database import Database
from junzi.people import actions, pin, rules
from junzi.people.model import NewSession, NotSignedIn, PinKey, SignedIn

COOKIE = "junzi_session"
COOKIE_LIFE_S = 400 * 24 * 3600
SEAT_HEADER, SEAT_PARAMETER = "x-junzi-seat", "seat"
"""How a page tells in which seat it is shown: by the header, or where a browser lets none be set by the parameter."""

Digits = Annotated[str, msgspec.Meta(max_length=100, description="six digits")]


class Device(msgspec.Struct, frozen=True):
    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime
    current: bool


class Devices(msgspec.Struct, frozen=True):
    sessions: list[Device]


class NewPin(msgspec.Struct, frozen=True):
    pin: Digits
    current_pin: Digits | None = None


async def provide_person(request: Request[Any, Any, Any], database: Database) -> SignedIn:
    """Who is asking. Raises `NotSignedIn`."""
    person = await signed_in(request, database)
    if person is None:
        raise NotSignedIn
    return person


async def signed_in(request: Request[Any, Any, Any], database: Database) -> SignedIn | None:
    """Who is asking, if anybody is signed in."""
    token = request.cookies.get(cookie_of(_seat(request)))
    return await actions.authenticate(database, token) if token else None


def cookie_of(seat: str) -> str:
    """The name of the session's cookie: pages beside each other in one window are signed in apart, each in a seat of its own."""
    return f"{COOKIE}.{seat}" if _SEAT.fullmatch(seat) else COOKIE


def session_cookie(session: NewSession, request: Request[Any, Any, Any]) -> Cookie:
    """The cookie that carries a new session; over https it never travels any other way."""
    # A proxy that ends TLS says so in a header; whoever forges it only keeps their own cookie from plain http.
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return Cookie(
        key=cookie_of(_seat(request)),
        value=session.token,
        max_age=COOKIE_LIFE_S,
        httponly=True,
        secure=secure,
        samesite="lax",
    )


def device_of(request: Request[Any, Any, Any]) -> str:
    """A name for the asking device."""
    return rules.device_of(request.headers.get("user-agent", ""))


def address_of(request: Request[Any, Any, Any]) -> str:
    """The address that failed tries to sign in count against."""
    return request.client.host if request.client else "unknown"


@get("/api/sessions", summary="My devices", tags=["people"])
async def list_sessions(database: Database, person: SignedIn) -> Devices:
    async with database.read() as reader:
        sessions = await actions.sessions_of(reader, person.person_id)
    return Devices(
        [
            Device(one.id, one.device, one.created_at, one.seen_at, current=one.id == person.session_id)
            for one in sessions
        ]
    )


@delete("/api/sessions/{session_id:uuid}", summary="Sign a device out", tags=["people"])
async def revoke(database: Database, bus: Bus, person: SignedIn, session_id: UUID) -> None:
    await actions.revoke_session(database, bus, person.person_id, session_id)


@delete("/api/sessions/current", summary="Sign out", tags=["people"], status_code=204)
async def sign_out(request: Request[Any, Any, Any], database: Database, bus: Bus, person: SignedIn) -> Response[None]:
    await actions.revoke_session(database, bus, person.person_id, person.session_id)
    answer: Response[None] = Response(None, status_code=204)
    answer.delete_cookie(cookie_of(_seat(request)))
    return answer


@put("/api/me/payment-pin", summary="Set or change the payment PIN", tags=["people"], status_code=204)
async def set_pin(database: Database, pin_key: PinKey, person: SignedIn, data: NewPin) -> None:
    await pin.set_pin(database, pin_key, person.person_id, data.pin, data.current_pin)


def _seat(request: Request[Any, Any, Any]) -> str:
    return request.headers.get(SEAT_HEADER, "")


_SEAT = re.compile(r"[a-z]{1,20}", re.ASCII)

ROUTES = [list_sessions, revoke, sign_out, set_pin]
