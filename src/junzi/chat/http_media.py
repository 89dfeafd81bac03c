"""HTTP of a person's own files. They stand here because media, below people, knows of owners no more than their ids."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, put
from litestar.params import Parameter

from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.media import actions
from junzi.media.blobs import Blobs
from junzi.media.http import Asked, Length, file_answer, pieces
from junzi.media.model import MEBIBYTE, MOST_BYTES, Kind, Media, Size
from junzi.media.upload import upload
from junzi.people.model import SignedIn

MOST_UPLOADS_A_MINUTE = 120
_pace = Pace()


@put(
    "/api/media/{media_id:uuid}",
    summary="Upload a file, which is the body",
    tags=["media"],
    status_code=201,
    request_max_body_size=MOST_BYTES[Kind.FILE] + MEBIBYTE,
)
async def put_media(
    request: Request[Any, Any, Any],
    database: Database,
    blobs: Blobs,
    person: SignedIn,
    media_id: UUID,
    kind: Kind,
    name: Annotated[str, Parameter(max_length=1000)] = "",
    length: Length = None,
) -> Media:
    _pace.keep(person.person_id, most=MOST_UPLOADS_A_MINUTE)
    return await upload(
        database,
        blobs,
        owner_id=person.person_id,
        media_id=media_id,
        kind=kind,
        name=name,
        length=length,
        pieces=pieces(request),
    )


@get("/api/media/{media_id:uuid}", summary="A file that I uploaded", tags=["media"], skip_compression=True)
async def show_media(
    database: Database, blobs: Blobs, person: SignedIn, media_id: UUID, size: Size | None = None, asked: Asked = None
) -> Response[Any]:
    async with database.read() as reader:
        held = await actions.own(reader, person.person_id, media_id)
    return await file_answer(blobs, held, size, asked)


ROUTES: list[Any] = [put_media, show_media]
