"""The door: what every HTTP request passes, and how a "no" leaves the house (RFC 9457)."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import ceil
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import Parameter
from prometheus_client import Histogram

from junzi.kit import clock, ids
from junzi.kit.errors import Busy, InvalidRequest, NotFound, Refusal, TooLarge
from junzi.kit.leased_connection import is_outage
from junzi.kit.table import table

PROBLEM = "application/problem+json"
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_MESSAGE = 300

T = TypeVar("T")

DEFECT = {
    "type": "/problems/internal-error",
    "title": "Something went wrong on our side.",
    "status": 500,
    "detail": "It was written down. What you sent may be tried again.",
}

_HOST = re.compile(rb"(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)
_MISSING = re.compile(r"missing required field `(\w+)`")
_log = structlog.get_logger("web")
_duration = Histogram("junzi_http_seconds", "Time to answer", ["method", "route", "status"])


class MissingIdempotencyKey(Refusal):
    slug, status = "idempotency-key-missing", 400
    title = "Send an Idempotency-Key header: 8 to 64 characters, new for each request you mean."


class WrongOrigin(Refusal):
    slug, status, title = "wrong-origin", 403, "This request comes from another site's page."


def idempotency_key(
    given: Annotated[
        str | None,
        Parameter(header="Idempotency-Key", description="8 to 64 characters, new for each request you mean. Required."),
    ] = None,
) -> str:
    """The request's key; money routes depend on it. Raises `MissingIdempotencyKey`."""
    key = given or ""
    if not 8 <= len(key) <= 64 or not key.isascii() or not key.isprintable():
        raise MissingIdempotencyKey
    return key


class StrictRequest(Request[Any, Any, Any]):
    """Reads a body as exactly what its handler asks for. The framework itself would take the text "1" for a number."""

    __slots__ = ()

    async def json(self) -> Any:
        wanted = self.route_handler.parsed_data_field
        assert wanted is not None, "the handler asks for a body"
        return decoded(await self.body(), wanted.annotation)


def decoded(body: bytes, kind: type[T]) -> T:
    """What a body says, which has to be JSON of exactly that kind. Raises `InvalidRequest` that names the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as failure:
        raise _misfit(str(failure)) from failure
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise InvalidRequest("The body is not JSON in UTF-8, or is nested too deeply.") from failure


class Door:
    """ASGI wrapper: a request id, the Origin check, timing, and one log line a request."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        hosts = [value for name, value in scope["headers"] if name == b"host" and value]
        request_id = str(ids.new_id())
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 500

        async def send_marked(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", [])
                # What may be kept says so itself.
                unkept = scope["path"].startswith("/api/") and all(name != b"cache-control" for name, _ in given)
                message["headers"] = [
                    *given,
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    *([(b"cache-control", b"no-store")] if unkept else []),
                ]
            await send(message)

        if not all(map(names_host, hosts)) or len(hosts) > 1:
            await send_problem(send_marked, InvalidRequest("The Host header has to name one host."))
        elif scope["method"] in CHANGING and not same_origin(headers):
            await send_problem(send_marked, WrongOrigin())
        else:
            await self._inner(scope, receive, send_marked)
        took = time.perf_counter() - started
        route = scope.get("path_template") or "other"
        _duration.labels(scope["method"], route, status).observe(took)
        _log.info("request", method=scope["method"], route=route, status=status, ms=round(took * 1000, 1))


def names_host(value: bytes) -> bool:
    """Whether a Host header can become part of an address: it goes into codes and into where a bank's page returns to."""
    try:
        # Looking at the port raises when it is none.
        return _HOST.fullmatch(value) is not None and urlsplit(b"//" + value).port != 0
    except ValueError:
        return False


def same_origin(headers: dict[bytes, bytes]) -> bool:
    """Whether a request came from our own pages, or from no page at all (programs send no Origin)."""
    origin = headers.get(b"origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin.decode("latin-1")).netloc.encode("latin-1") == headers.get(b"host") != b""
    except ValueError:
        return False


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> Response[str]:
    """Rows as a file that the browser keeps under that name."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(table(rows), media_type="text/csv", headers=headers)


async def send_problem(send: Any, refusal: Refusal) -> None:
    """Answer a raw ASGI request with the refusal's problem details."""
    await send_json(send, *problem_of(refusal))


async def send_json(send: Any, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Answer a raw ASGI request with JSON; the headers may name another content type."""
    if not any(name == b"content-type" for name, _ in headers):
        headers = [*headers, (b"content-type", b"application/json")]
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def problem_of(failure: Exception) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """The answer to what a handler raised: status, body and headers.

    An outage of the database is "busy"; anything else unforeseen is logged with the request id and told without details.
    """
    headers = [(b"content-type", PROBLEM.encode())]
    if not isinstance(failure, Refusal) and is_outage(failure):
        _log.warning("database out of reach", exc_info=failure)
        failure = Busy()
    if not isinstance(failure, Refusal):
        _log.error("defect", exc_info=failure)
        return 500, msgspec.json.encode(DEFECT), headers
    retry_at = failure.facts.get("retry_at")
    if isinstance(retry_at, datetime):
        headers.append((b"retry-after", str(max(1, ceil((retry_at - clock.now()).total_seconds()))).encode()))
    return failure.status, msgspec.json.encode(failure.problem()), headers


def answer_failure(_request: Request[Any, Any, Any], failure: Exception) -> Response[bytes]:
    status, content, headers = problem_of(failure)
    others = {name.decode(): value.decode() for name, value in headers if name != b"content-type"}
    return Response(content, status_code=status, media_type=PROBLEM, headers=others)


def answer_http_exception(request: Request[Any, Any, Any], failure: HTTPException) -> Response[bytes]:
    """The framework's own refusals, in our form."""
    if failure.status_code == 404:
        return answer_failure(request, NotFound())
    if failure.status_code == 413:
        return answer_failure(request, TooLarge())
    if isinstance(failure, ValidationException):
        errors = [
            {"field": _short(error.get("key", "")), "message": _short(error.get("message", ""))}
            for error in (failure.extra if isinstance(failure.extra, list) else [])
            if isinstance(error, dict)
        ]
        detail = "; ".join(
            f"{error['field']}: {error['message']}" if error["field"] else error["message"] for error in errors
        )
        return answer_failure(request, InvalidRequest(detail, errors=errors))
    refusal = InvalidRequest(_short(failure.detail))
    problem = {**refusal.problem(), "status": failure.status_code}
    return Response(
        msgspec.json.encode(problem), status_code=failure.status_code, media_type=PROBLEM, headers=failure.headers
    )


def _misfit(said: str) -> InvalidRequest:
    """What msgspec says of JSON that is not what was asked for, as in "Expected `int`, got `str` - at `$.amount_minor`"."""
    message, _, place = said.partition(" - at `$")
    missing = _MISSING.search(message)
    field = ".".join(part for part in (place.strip(".`"), missing[1] if missing else "") if part)
    detail = f"{field}: {message}" if field else message
    return InvalidRequest(_short(detail), errors=[{"field": field, "message": _short(message)}])


def _short(text: object) -> str:
    """What the framework says of an input may repeat all of it."""
    whole = str(text)
    return whole if len(whole) <= LONGEST_MESSAGE else f"{whole[:LONGEST_MESSAGE]}…"


EXCEPTION_HANDLERS: dict[Any, Any] = {
    HTTPException: answer_http_exception,
    Exception: answer_failure,
}
