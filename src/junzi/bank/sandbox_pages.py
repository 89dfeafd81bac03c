"""Pass the sandbox issuer's own pages through under our address, so that one port is all a phone needs to reach.

Only its pages and their pictures and styles; its machine API is not reachable this way. No cookie passes in either direction:
ours are not the issuer's to read or to set. Nothing that passes is kept or logged.
"""

import re
from typing import Any

import httpx
from litestar import Request, Response, route
from litestar.enums import HttpMethod

from junzi.bank.model import BankUnreachable
from junzi.kit.config import Settings
from junzi.kit.errors import NotFound

PREFIX = "/sandbox-bank"
TO_ISSUER = ("accept", "accept-language", "content-type")
TO_BROWSER = (
    "content-type",
    "content-security-policy",
    "cache-control",
    "location",
    "referrer-policy",
    "x-frame-options",
)

_PASSED = re.compile(r"/(?:pages|static)/[\w-]+(?:\.\w+)?", re.ASCII)


@route(
    PREFIX + "/{path:path}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    include_in_schema=False,
    status_code=200,
    request_max_body_size=65_536,
)
async def sandbox_pages(request: Request[Any, Any, Any], path: str, settings: Settings) -> Response[bytes]:
    if not settings.issuer_proxy or not _PASSED.fullmatch(path):
        raise NotFound
    headers = [
        (name.encode(), request.headers[name].encode("latin-1")) for name in TO_ISSUER if name in request.headers
    ]
    url = settings.issuer_url
    # Reading every authority's certificate takes its time, and is for nothing where nobody speaks TLS.
    async with httpx.AsyncClient(
        base_url=url, timeout=10, trust_env=False, verify=not url.startswith("http:")
    ) as client:
        try:
            answer = await client.request(
                request.method, path, params=request.url.query or None, content=await request.body(), headers=headers
            )
        except httpx.HTTPError as failure:
            raise BankUnreachable from failure
    passed = {name: answer.headers[name] for name in TO_BROWSER if name in answer.headers}
    return Response(answer.content, status_code=answer.status_code, headers=passed)


ROUTES: list[Any] = [sandbox_pages]
