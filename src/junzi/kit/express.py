"""The routes that come by the thousand, answered beside the framework.

A handler stays an ordinary handler of the framework, which describes it and still answers what does not get here. The framework's
way from the socket to the handler and back takes as long as what most handlers do; here the same function gets the same arguments
by their names, and what it returns or refuses leaves in the same form.
"""

import gzip
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from junzi.kit.errors import TooLarge
from junzi.kit.web import decoded, problem_of, send_json

LEAST_COMPRESSED_BYTES = 1000
"""As the framework compresses: what is shorter would not arrive sooner."""

Provider = Callable[[Request[Any, Any, Any]], Awaitable[Any]] | Callable[[Request[Any, Any, Any]], Any]

_PARAMETER = re.compile(r"\{(\w+):uuid\}")
_UUID = r"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"


class _Route(msgspec.Struct, frozen=True):
    """data: what the body is read as; ids: names of the path's parameters; given: what else the handler asks for by name."""

    method: str
    template: str
    pattern: re.Pattern[str]
    function: Callable[..., Awaitable[Any]]
    status: int
    data: Any
    ids: tuple[str, ...]
    given: Mapping[str, Provider]


class Express:
    """handlers: of one path and method each, whose parameters are ids of the path, a body and what `providers` give by name

    most_body_bytes: a longer body is refused
    """

    def __init__(
        self, handlers: Sequence[HTTPRouteHandler], providers: Mapping[str, Provider], *, most_body_bytes: int
    ) -> None:
        self._routes = [_route(handler, providers) for handler in handlers]
        self._most_body_bytes = most_body_bytes

    async def takes(self, scope: Any, receive: Any, send: Any) -> bool:
        """Answer the request, if it is for one of the routes."""
        method, path = scope["method"], scope["path"]
        for route in self._routes:
            if route.method == method and (found := route.pattern.fullmatch(path)) is not None:
                scope["path_template"] = route.template
                await self._answer(route, found, scope, receive, send)
                return True
        return False

    async def _answer(self, route: _Route, found: re.Match[str], scope: Any, receive: Any, send: Any) -> None:
        try:
            request: Request[Any, Any, Any] = Request(scope)
            arguments: dict[str, Any] = {name: UUID(found[place]) for place, name in enumerate(route.ids, start=1)}
            body = b"" if route.data is None else await _read(receive, self._most_body_bytes)
            if body is None:
                return
            for name, provider in route.given.items():
                value = provider(request)
                arguments[name] = await value if inspect.isawaitable(value) else value
            if route.data is not None:
                arguments["data"] = decoded(body, route.data)
            answer = msgspec.json.encode(await route.function(**arguments))
        except Exception as failure:
            await send_json(send, *problem_of(failure))
            return
        headers = []
        if len(answer) >= LEAST_COMPRESSED_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
            answer = gzip.compress(answer, compresslevel=6)
            headers = [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        await send_json(send, route.status, answer, headers)


def _route(handler: HTTPRouteHandler, providers: Mapping[str, Provider]) -> _Route:
    [template], [method] = handler.paths, handler.http_methods
    function = handler.fn
    wanted = get_type_hints(function)
    wanted.pop("return")
    ids = tuple(_PARAMETER.findall(template))
    data = wanted.pop("data", None)
    return _Route(
        method=str(method),
        # As the framework writes it in logs and measures.
        template=_PARAMETER.sub(r"{\1}", template),
        pattern=re.compile(_PARAMETER.sub(_UUID, template)),
        function=function,
        status=handler.status_code,
        data=data,
        ids=ids,
        given={name: providers[name] for name in wanted if name not in ids},
    )


async def _read(receive: Any, most_bytes: int) -> bytes | None:
    """The whole body; None when whoever sent it left. Raises `TooLarge`."""
    chunks, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        length += len(chunks[-1])
        if length > most_bytes:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(chunks)
