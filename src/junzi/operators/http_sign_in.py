"""HTTP of signing a browser in from a phone. It ends in "me", and so stands beside the other ways in."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import Parameter

from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.qr import picture
from junzi.operators.http import Me, signed_in_answer
from junzi.people import sign_in_code as codes
from junzi.people.http import address_of, device_of
from junzi.people.model import SignedIn

COOKIE = "junzi_sign_in"
LONGEST_WAIT_S = 25

Req = Request[Any, Any, Any]
Code = Annotated[str, Parameter(max_length=200)]


class ShownCode(msgspec.Struct, frozen=True):
    """svg: the QR code of the url, as a picture."""

    code: str
    url: str
    svg: str
    expires_at: datetime


@post("/api/sign-ins", summary="Show a code that a phone signs this browser in by", tags=["people"])
async def begin(request: Req, settings: Settings, database: Database) -> Response[ShownCode]:
    made = await codes.begin(database, device=device_of(request), address=address_of(request))
    url = f"{public_url(request, settings)}/q/{made.code}"
    cookie = Cookie(
        key=COOKIE,
        value=made.browser,
        path="/api/sign-ins",
        max_age=int(2 * codes.LIFE.total_seconds()),
        httponly=True,
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        samesite="strict",
    )
    return Response(
        ShownCode(made.code, url, picture(url).decode(), made.expires_at), status_code=201, cookies=[cookie]
    )


@get("/api/sign-ins/current", summary="How it stands with this browser's code", tags=["people"])
async def look(
    request: Req, database: Database, wait_s: Annotated[int, Parameter(ge=0, le=LONGEST_WAIT_S)] = 0
) -> codes.Waiting:
    return await codes.look(database, _browser(request), wait_s=wait_s)


@post("/api/sign-ins/current/session", summary="Sign this browser in, once the phone said yes", tags=["people"])
async def take(request: Req, database: Database) -> Response[Me]:
    session = await codes.take(database, _browser(request), device=device_of(request))
    answer = await signed_in_answer(request, database, session)
    answer.delete_cookie(COOKIE, path="/api/sign-ins")
    return answer


@get("/api/sign-ins/{code:str}", summary="What asks to be signed in", tags=["people"])
async def see(database: Database, person: SignedIn, code: Code) -> codes.Asking:
    return await codes.see(database, person.person_id, code)


@post("/api/sign-ins/{code:str}/approval", summary="Sign it in as me", tags=["people"], status_code=204)
async def approve(database: Database, person: SignedIn, code: Code) -> None:
    await codes.decide(database, person.person_id, code, "approved")


@delete("/api/sign-ins/{code:str}", summary="Do not sign it in", tags=["people"])
async def refuse(database: Database, person: SignedIn, code: Code) -> None:
    await codes.decide(database, person.person_id, code, "refused")


def _browser(request: Req) -> str:
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise NotFound("This browser shows no code.")
    return secret


ROUTES: list[Any] = [begin, look, take, see, approve, refuse]
