"""What both doors share: the ASGI server's edges, problem details, and cutting a connection on purpose."""

import logging
import re
import traceback
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.params import Dependency
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from junzi_issuer.issuer import Issuer
from junzi_issuer.model import InvalidRequest, NotFound, Problem

# The issuer as a handler asks for it.
GivenIssuer: TypeAlias = Annotated[Issuer, Dependency(skip_validation=True)]
Shape = TypeVar("Shape")
PROBLEM_JSON = "application/problem+json"
_TRANSPORT = "junzi_issuer.transport"
_FIELD = re.compile(r"(?: - at `\$\.|required field `)([a-z0-9_]+)")
_log = logging.getLogger("junzi_issuer.http")


class CuttableProtocol(HttpToolsProtocol):
    """Shows a request its own connection, so that it can be cut like a bank's line."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_TRANSPORT: self.transport}  # type: ignore[dict-item]


async def cut_connection(request: Request[Any, Any, Any]) -> None:
    """Ends the caller's connection without an answer; whatever is sent afterwards goes nowhere."""
    extensions: dict[str, Any] = request.scope["extensions"] or {}
    extensions[_TRANSPORT].abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass


def read_json(body: bytes, shape: type[Shape]) -> Shape:
    """A body as the struct it should be, nothing taken for something else; raises InvalidRequest with the field."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        expectation, _, _ = str(error).partition(" - at ")
        field = _FIELD.search(str(error))
        errors = [{"field": field[1] if field else "", "message": expectation}]
        raise InvalidRequest("A field is missing or out of its bounds.", errors=errors) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("The body is not JSON.") from error


def problem_response(problem: Problem) -> Response[bytes]:
    """A refusal as RFC 9457 has it."""
    body = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.facts,
    }
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)


def answer_problem(_: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return problem_response(problem)


def answer_http_exception(_: Request[Any, Any, Any], exception: HTTPException) -> Response[bytes]:
    """The framework's own refusals, without a value of the request in them."""
    if exception.status_code == 404:
        return problem_response(NotFound("There is nothing at this address."))
    if exception.status_code >= 500:
        return answer_failure(_, exception)
    if exception.status_code == 400:
        return problem_response(InvalidRequest("The request could not be read."))
    body = {"type": "about:blank", "title": exception.detail, "status": exception.status_code}
    return Response(msgspec.json.encode(body), status_code=exception.status_code, media_type=PROBLEM_JSON)


def answer_failure(_: Request[Any, Any, Any], exception: Exception) -> Response[bytes]:
    """A fault of ours. Its message may hold what nobody should read, so only its kind and place are logged."""
    place = "".join(traceback.format_tb(exception.__traceback__))
    _log.error("request failed: %s\n%s", type(exception).__name__, place)
    return problem_response(Problem("The request was not answered because of a fault on this side. Try it again."))
