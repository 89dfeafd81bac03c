"""A group's QR code: a random token that opens it for a week, while whoever made it may invite."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from junzi.chat import actions, groups, rules, store
from junzi.chat.access import access
from junzi.chat.model import GROUP, Conversation, GroupFacts, Invitation, InvitationOver, group_facts
from junzi.contacts.actions import tie_between
from junzi.contacts.rules import check_taken
from junzi.kit import clock
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.messages import ConversationState, Messages
from junzi.people.actions import person_of, persons_of
from junzi.people.model import Person

LIFE = timedelta(days=7)


class NewInvitation(msgspec.Struct, frozen=True):
    """The only moment at which the token is known in the clear."""

    token: str
    expires_at: datetime


class ShownInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sees who scans the code."""

    group_id: UUID
    name: str
    faces: list[Person]
    member_count: int
    inviter: Person
    is_member: bool
    expires_at: datetime


async def make(database: Database, messages: Messages, me_id: UUID, group_id: UUID) -> NewInvitation:
    """A new code; my older one for this group opens it no more. Raises `NotFound`, `GroupLeft` or `NotAllowed`."""
    state = await access(messages, group_id, me_id)
    if state.kind != GROUP:
        raise NotFound
    rules.check_invites(rules.access_group(state), me_id)
    token, at = secrets.token_urlsafe(24), clock.now()
    async with database.transaction() as tx:
        await store.put_invitation(
            tx, token_hash=_hash(token), group_id=group_id, inviter_id=me_id, at=at, expires_at=at + LIFE
        )
    return NewInvitation(token, at + LIFE)


async def show(database: Database, messages: Messages, me_id: UUID, token: str) -> ShownInvitation:
    """What the code opens. Raises `InvitationOver`."""
    invitation, state, group = await _open(database, messages, token)
    is_member = bool(await messages.of_them(invitation.group_id, [me_id]))
    async with database.read() as reader:
        inviter = await person_of(reader, invitation.inviter_id)
        persons = await persons_of(reader, group.face_ids)
    return ShownInvitation(
        group_id=invitation.group_id,
        name=group.name,
        faces=[persons[id] for id in group.face_ids if id in persons],
        member_count=state.member_count,
        inviter=inviter,
        is_member=is_member,
        expires_at=invitation.expires_at,
    )


async def accept(database: Database, messages: Messages, me_id: UUID, token: str) -> Conversation:
    """Join the group; whoever is in it is just shown it. Raises `InvitationOver`, `NotAccepted` or `GroupFull`."""
    invitation, _, _ = await _open(database, messages, token)
    if not await messages.of_them(invitation.group_id, [me_id]):
        async with database.read() as reader:
            me = await person_of(reader, me_id)
            inviter = await person_of(reader, invitation.inviter_id)
            check_taken(await tie_between(reader, me_id, inviter.id))
        await groups.join(messages, inviter.id, invitation.group_id, inviter, [me], how="code")
    return await actions.conversation(database, messages, me_id, invitation.group_id)


async def _open(database: Database, messages: Messages, token: str) -> tuple[Invitation, ConversationState, GroupFacts]:
    """What the code stands for, as its maker sees the group. Raises `InvitationOver`."""
    async with database.read() as reader:
        invitation = await store.invitation(reader, _hash(token))
    if invitation is None or invitation.expires_at <= clock.now():
        raise InvitationOver
    state = await messages.conversation(invitation.group_id, invitation.inviter_id)
    if state is None:
        raise InvitationOver
    group = group_facts(state.facts)
    if (
        state.left
        or group.dissolved
        or (group.only_administrators_invite and not rules.leads(group, invitation.inviter_id))
    ):
        raise InvitationOver
    return invitation, state, group


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
