"""HTTP of groups and of the codes by which they are joined."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.params import Parameter

from junzi.chat import groups, invitations
from junzi.chat.model import Conversation, Role
from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.kit.qr import picture
from junzi.messages import Messages
from junzi.people.model import SignedIn

MOST_AT_ONCE = 200
MOST_GROUPS_A_MINUTE = 20
MOST_CHANGES_A_MINUTE = 120

People = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
Words = Annotated[str, msgspec.Meta(max_length=400, description="up to 40 characters")]
Notice = Annotated[str, msgspec.Meta(max_length=20_000, description="up to 2,000 characters")]
Token = Annotated[str, Parameter(max_length=200)]
_made, _changed = Pace(), Pace()


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    member_ids: People
    name: Words = ""


class GroupChange(msgspec.Struct, frozen=True, kw_only=True):
    name: Words | None = None
    notice: Notice | None = None
    mute_all: bool | None = None
    only_administrators_invite: bool | None = None


class Joining(msgspec.Struct, frozen=True):
    member_ids: People


class NewRole(msgspec.Struct, frozen=True):
    role: Role


class NewNickname(msgspec.Struct, frozen=True):
    nickname: Words


class InvitationCode(msgspec.Struct, frozen=True):
    """svg: the QR code of the url, as a picture."""

    token: str
    url: str
    svg: str
    expires_at: datetime


@post("/api/groups", summary="Make a group of friends", tags=["groups"])
async def make(database: Database, messages: Messages, person: SignedIn, data: NewGroup) -> Conversation:
    _made.keep(person.person_id, most=MOST_GROUPS_A_MINUTE)
    new = groups.NewGroup(id=data.id, name=data.name, member_ids=data.member_ids)
    return await groups.make(database, messages, person.person_id, new)


@patch("/api/groups/{group_id:uuid}", summary="Change name, notice or rights", tags=["groups"])
async def change(
    database: Database, messages: Messages, person: SignedIn, group_id: UUID, data: GroupChange
) -> Conversation:
    _changed.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    wanted = groups.GroupChange(
        name=data.name,
        notice=data.notice,
        mute_all=data.mute_all,
        only_administrators_invite=data.only_administrators_invite,
    )
    return await groups.change(database, messages, person.person_id, group_id, wanted)


@delete("/api/groups/{group_id:uuid}", summary="Dissolve a group", tags=["groups"])
async def dissolve(database: Database, messages: Messages, person: SignedIn, group_id: UUID) -> None:
    await groups.dissolve(database, messages, person.person_id, group_id)


@get("/api/groups/{group_id:uuid}/members", summary="Who is in a group", tags=["groups"])
async def list_members(
    database: Database,
    messages: Messages,
    person: SignedIn,
    group_id: UUID,
    after: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 200,
) -> groups.GroupMembers:
    return await groups.members(database, messages, person.person_id, group_id, after=after, limit=limit)


@post("/api/groups/{group_id:uuid}/members", summary="Take friends in", tags=["groups"])
async def invite(
    database: Database, messages: Messages, person: SignedIn, group_id: UUID, data: Joining
) -> Conversation:
    _changed.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    return await groups.invite(database, messages, person.person_id, group_id, data.member_ids)


@delete("/api/groups/{group_id:uuid}/members/{person_id:uuid}", summary="Leave, or remove somebody", tags=["groups"])
async def remove(database: Database, messages: Messages, person: SignedIn, group_id: UUID, person_id: UUID) -> None:
    await groups.remove(database, messages, person.person_id, group_id, person_id)


@put(
    "/api/groups/{group_id:uuid}/members/{person_id:uuid}/role",
    summary="Name administrators, hand over",
    tags=["groups"],
    status_code=204,
)
async def set_role(
    database: Database, messages: Messages, person: SignedIn, group_id: UUID, person_id: UUID, data: NewRole
) -> None:
    await groups.set_role(database, messages, person.person_id, group_id, person_id, data.role)


@put("/api/groups/{group_id:uuid}/nickname", summary="What I am called there", tags=["groups"], status_code=204)
async def set_nickname(messages: Messages, person: SignedIn, group_id: UUID, data: NewNickname) -> None:
    _changed.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    await groups.set_nickname(messages, person.person_id, group_id, data.nickname)


@post("/api/groups/{group_id:uuid}/invitations", summary="A QR code that opens the group", tags=["groups"])
async def make_invitation(
    request: Request[Any, Any, Any],
    settings: Settings,
    database: Database,
    messages: Messages,
    person: SignedIn,
    group_id: UUID,
) -> InvitationCode:
    _changed.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    made = await invitations.make(database, messages, person.person_id, group_id)
    url = f"{public_url(request, settings)}/g/{made.token}"
    return InvitationCode(made.token, url, picture(url).decode(), made.expires_at)


@get("/api/group-invitations/{token:str}", summary="What a group's code opens", tags=["groups"])
async def show_invitation(
    database: Database, messages: Messages, person: SignedIn, token: Token
) -> invitations.ShownInvitation:
    return await invitations.show(database, messages, person.person_id, token)


@post("/api/group-invitations/{token:str}/acceptance", summary="Join by a code", tags=["groups"])
async def accept_invitation(database: Database, messages: Messages, person: SignedIn, token: Token) -> Conversation:
    _changed.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    return await invitations.accept(database, messages, person.person_id, token)


ROUTES: list[Any] = [
    make,
    change,
    dissolve,
    list_members,
    invite,
    remove,
    set_role,
    set_nickname,
    make_invitation,
    show_invitation,
    accept_invitation,
]
