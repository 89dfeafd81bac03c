"""The answer that carries a file, and the bytes of a request, piece by piece. The routes stand higher, where people are known."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.params import Parameter
from litestar.response import Stream

from junzi.kit.errors import InvalidRequest
from junzi.media import rules
from junzi.media.blobs import Blobs
from junzi.media.model import Held, Kind, Size

KEPT = "private, max-age=31536000, immutable"
"""A file never changes under its id: the browser that may see it keeps it, nobody between."""

Asked = Annotated[str | None, Parameter(header="Range", max_length=100)]
Length = Annotated[int | None, Parameter(header="Content-Length", ge=0)]


async def file_answer(blobs: Blobs, held: Held, size: Size | None, asked: str | None) -> Response[Any]:
    """The answer that carries a file, or the part of it that was asked for. Raises `NotFound` or `InvalidRequest`.

    Whatever a browser would like to make of it, it is no page: its type is not guessed, and a sandbox is around it.
    """
    size = rules.size_asked(held, size)
    original = size is Size.ORIGINAL
    name = held.blob if original else f"{held.blob}.{size.value}"
    bytes = await blobs.size(held.owner_id, name)
    try:
        part = rules.range_of(asked, bytes)
    except InvalidRequest as refusal:
        return Response(
            refusal.problem() | {"status": 416},
            status_code=416,
            media_type="application/problem+json",
            headers={"content-range": f"bytes */{bytes}"},
        )
    first, last = part or (0, bytes - 1)
    headers = {
        "accept-ranges": "bytes",
        "cache-control": KEPT,
        "content-disposition": rules.disposition(held),
        "content-length": str(last - first + 1),
        "content-security-policy": "sandbox; default-src 'none'",
        "cross-origin-resource-policy": "same-origin",
    }
    if part:
        headers["content-range"] = f"bytes {first}-{last}/{bytes}"
    type = "application/octet-stream" if held.kind is Kind.FILE else held.type if original else "image/webp"
    return Stream(
        blobs.read(held.owner_id, name, first, last), status_code=206 if part else 200, media_type=type, headers=headers
    )


async def pieces(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """What is uploaded. Raises `InvalidRequest` when the peer hangs up."""
    try:
        async for piece in request.stream():
            yield piece
    # The framework's word for a peer that hung up.
    except ClientException as failure:
        raise InvalidRequest("The file did not come to its end.") from failure
