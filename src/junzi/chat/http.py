"""HTTP of chat: the list of conversations, opening one, and its history. Writing goes over the WebSocket."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter

from junzi.chat import actions
from junzi.chat.model import Conversation, History, Page
from junzi.kit.database import Database
from junzi.messages import Messages
from junzi.people.model import SignedIn

LARGEST = 2**53 - 1

Cursor = Annotated[int, Parameter(ge=0, le=LARGEST, description="0, or what an earlier page returned")]
Seq = Annotated[int | None, Parameter(ge=0, le=LARGEST)]
Limit = Annotated[int, Parameter(ge=1, le=100)]


class NewConversation(msgspec.Struct, frozen=True):
    person_id: UUID


@get("/api/conversations", summary="What changed in my conversations", tags=["chat"])
async def list_conversations(
    database: Database, messages: Messages, person: SignedIn, cursor: Cursor = 0, limit: Limit = 100
) -> Page:
    return await actions.conversations_since(database, messages, person.person_id, cursor, limit)


@post("/api/conversations", summary="Open a conversation with a friend", tags=["chat"])
async def open_conversation(
    database: Database, messages: Messages, person: SignedIn, data: NewConversation
) -> Conversation:
    return await actions.open_with_friend(database, messages, person.person_id, data.person_id)


@get("/api/conversations/{conversation_id:uuid}/messages", summary="A stretch of a log", tags=["chat"])
async def show_history(
    messages: Messages,
    person: SignedIn,
    conversation_id: UUID,
    before: Seq = None,
    after: Seq = None,
    limit: Limit = 50,
) -> History:
    return await actions.history(messages, person.person_id, conversation_id, before=before, after=after, limit=limit)


ROUTES = [list_conversations, open_conversation, show_history]
