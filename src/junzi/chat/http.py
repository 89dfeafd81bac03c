"""HTTP of chat: conversations, their logs, and what a person does with them. Writing goes over the WebSocket as well."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Parameter

from junzi.chat import actions, reports, send
from junzi.chat.access import access
from junzi.chat.actions import MineChange
from junzi.chat.model import Conversation, History, Mine, Page, ShownMessage
from junzi.chat.saying import Seq as MessageSeq
from junzi.kit.database import Database
from junzi.kit.errors import InvalidRequest
from junzi.kit.pace import Pace
from junzi.media import actions as media
from junzi.media.blobs import Blobs
from junzi.media.http import Asked, file_answer
from junzi.media.model import Size
from junzi.messages import Messages
from junzi.operators.model import Operator
from junzi.people.model import SignedIn

LARGEST = 2**53 - 1
MOST_SENDS_A_MINUTE = 300
MOST_RECALLS_A_MINUTE = 60
MOST_CHANGES_A_MINUTE = 300
MOST_REPORTS_A_MINUTE = 10

Cursor = Annotated[int, Parameter(ge=0, le=LARGEST, description="0, or what an earlier first page returned")]
Seq = Annotated[int | None, Parameter(ge=0, le=LARGEST)]
Limit = Annotated[int, Parameter(ge=1, le=100)]
_sends, _recalls, _changes, _reports = Pace(), Pace(), Pace(), Pace()


class NewConversation(msgspec.Struct, frozen=True):
    person_id: UUID


class Saying(msgspec.Struct, frozen=True):
    """payload: as docs/protocol.md says for the kind"""

    client_id: Annotated[str, msgspec.Meta(max_length=200)]
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    payload: dict[str, Any]


class Recall(msgspec.Struct, frozen=True):
    seq: MessageSeq


class Deletion(msgspec.Struct, frozen=True):
    """Single messages, or all up to one."""

    seqs: Annotated[list[MessageSeq], msgspec.Meta(max_length=100)] = []
    up_to_seq: MessageSeq | None = None


class NewOutcome(msgspec.Struct, frozen=True):
    outcome: reports.Outcome


@get("/api/conversations", summary="What changed in my conversations", tags=["chat"])
async def list_conversations(
    database: Database,
    messages: Messages,
    person: SignedIn,
    cursor: Cursor = 0,
    below: Seq = None,
    limit: Limit = 100,
) -> Page:
    return await actions.conversations_since(database, messages, person.person_id, cursor, below, limit)


@post("/api/conversations", summary="Open a conversation with somebody", tags=["chat"])
async def open_conversation(
    database: Database, messages: Messages, person: SignedIn, data: NewConversation
) -> Conversation:
    return await actions.open_with(database, messages, person.person_id, data.person_id)


@get("/api/conversations/{conversation_id:uuid}", summary="One of my conversations", tags=["chat"])
async def show_conversation(
    database: Database, messages: Messages, person: SignedIn, conversation_id: UUID
) -> Conversation:
    return await actions.conversation(database, messages, person.person_id, conversation_id)


@get("/api/conversations/{conversation_id:uuid}/messages", summary="A stretch of a log", tags=["chat"])
async def show_history(
    messages: Messages,
    person: SignedIn,
    conversation_id: UUID,
    before: Seq = None,
    after: Seq = None,
    since: datetime | None = None,
    limit: Limit = 50,
) -> History:
    if since is not None and since.tzinfo is None:
        raise InvalidRequest("since needs its time zone, as in 2026-01-31T08:00:00Z.")
    return await actions.history(
        messages, person.person_id, conversation_id, before=before, after=after, since=since, limit=limit
    )


@post("/api/conversations/{conversation_id:uuid}/messages", summary="Write a message", tags=["chat"])
async def say(
    database: Database, messages: Messages, person: SignedIn, conversation_id: UUID, data: Saying
) -> ShownMessage:
    _sends.keep(person.person_id, most=MOST_SENDS_A_MINUTE)
    return await send.say(
        database,
        messages,
        sender_id=person.person_id,
        conversation_id=conversation_id,
        client_id=data.client_id,
        kind=data.kind,
        payload=data.payload,
    )


@patch("/api/conversations/{conversation_id:uuid}/mine", summary="Pin, mute, hide, mark, draft", tags=["chat"])
async def change_mine(messages: Messages, person: SignedIn, conversation_id: UUID, data: MineChange) -> Mine:
    _changes.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    return await actions.change_mine(messages, person.person_id, conversation_id, data)


@post("/api/conversations/{conversation_id:uuid}/recalls", summary="Take a message back", tags=["chat"])
async def recall(
    database: Database, messages: Messages, person: SignedIn, conversation_id: UUID, data: Recall
) -> ShownMessage:
    _recalls.keep(person.person_id, most=MOST_RECALLS_A_MINUTE)
    return await actions.recall(database, messages, person.person_id, conversation_id, data.seq)


@post(
    "/api/conversations/{conversation_id:uuid}/deletions",
    summary="Delete messages for myself",
    tags=["chat"],
    status_code=204,
)
async def delete(messages: Messages, person: SignedIn, conversation_id: UUID, data: Deletion) -> None:
    _changes.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    if not data.seqs and data.up_to_seq is None:
        raise InvalidRequest("Name messages by seqs, or all of them by up_to_seq.")
    await actions.delete(messages, person.person_id, conversation_id, data.seqs, data.up_to_seq or 0)


@post("/api/conversations/{conversation_id:uuid}/acceptance", summary="Take a stranger's request", tags=["chat"])
async def accept(database: Database, messages: Messages, person: SignedIn, conversation_id: UUID) -> Conversation:
    await send.accept_request(database, messages, person.person_id, conversation_id)
    return await actions.conversation(database, messages, person.person_id, conversation_id)


@get(
    "/api/conversations/{conversation_id:uuid}/media/{media_id:uuid}",
    summary="A file that was sent there",
    tags=["chat"],
    skip_compression=True,
)
async def show_media(
    database: Database,
    messages: Messages,
    blobs: Blobs,
    person: SignedIn,
    conversation_id: UUID,
    media_id: UUID,
    size: Size | None = None,
    asked: Asked = None,
) -> Response[Any]:
    await access(messages, conversation_id, person.person_id)
    async with database.read() as reader:
        held = await media.shown_at(reader, media_id, room=send.ROOM, place_id=conversation_id, size=size)
    return await file_answer(blobs, held, size, asked)


@post("/api/reports", summary="Put messages before the operator", tags=["chat"], status_code=204)
async def report(database: Database, messages: Messages, person: SignedIn, data: reports.NewReport) -> None:
    _reports.keep(person.person_id, most=MOST_REPORTS_A_MINUTE)
    await reports.report(database, messages, person.person_id, data)


@get("/api/ops/reports", summary="What people reported", tags=["operators"])
async def list_reports(
    database: Database,
    operator: Operator,
    open: bool = True,
    before: UUID | None = None,
    limit: Limit = 50,
) -> reports.Reports:
    return await reports.desk(database, open=open, before=before, limit=limit)


@post(
    "/api/ops/reports/{report_id:uuid}/outcome", summary="A report is dealt with", tags=["operators"], status_code=204
)
async def close_report(database: Database, operator: Operator, report_id: UUID, data: NewOutcome) -> None:
    await reports.close(database, operator.person_id, report_id, data.outcome)


ROUTES: list[Any] = [
    list_conversations,
    open_conversation,
    show_conversation,
    show_history,
    say,
    change_mine,
    recall,
    delete,
    accept,
    show_media,
    report,
    list_reports,
    close_report,
]
