"""Groups: made, joined, renamed, led and left. Each change is decided on what was seen and carried by the log with its note."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from junzi.chat import actions, rules
from junzi.chat.access import access, changed
from junzi.chat.model import GROUP, Conversation, GroupFacts, Role, group_facts, stored
from junzi.contacts.actions import friends_among
from junzi.contacts.model import NotFriends
from junzi.kit import clock, ids
from junzi.kit.database import Database
from junzi.kit.errors import InvalidRequest, NotFound
from junzi.kit.text import one_line, several_lines
from junzi.messages import ChangeConversation, ConversationState, Messages, NewMessage
from junzi.people.actions import person_of, persons_of
from junzi.people.model import Person

LONGEST_NAME = 40
LONGEST_NOTICE = 2_000
LONGEST_NICKNAME = 40


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group to be, under an id that its maker drew."""

    id: UUID
    name: str
    member_ids: list[UUID]


class GroupChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a group; None leaves it as it is."""

    name: str | None = None
    notice: str | None = None
    mute_all: bool | None = None
    only_administrators_invite: bool | None = None


class GroupMember(msgspec.Struct, frozen=True):
    """read_seq: None in groups where nobody's reading is shown."""

    person: Person
    role: Role
    nickname: str
    read_seq: int | None


class GroupMembers(msgspec.Struct, frozen=True):
    """Members by person id; ask again with the last one's id while there is `more`."""

    members: list[GroupMember]
    more: bool


async def make(database: Database, messages: Messages, me_id: UUID, new: NewGroup) -> Conversation:
    """A new group of me and friends of mine, under an id that I drew; the same id again answers the same group.

    Raises `InvalidRequest`, `NotFriends` or `NotFound`.
    """
    name = one_line(new.name, field="name", least=0, most=LONGEST_NAME)
    me, others = await _friends(database, me_id, new.member_ids)
    if not others:
        raise InvalidRequest("A group needs somebody besides you.")
    facts = GroupFacts(name=name, owner_id=me_id, face_ids=rules.faces(me_id, [one.id for one in others]))
    note = _note(
        new.id,
        "group.made",
        me,
        {"members": [_named(one) for one in others]},
        f"{me.name} 建立了群聊，成员有 {_names(others)}",
    )
    made = await messages.change_conversation(
        ChangeConversation(
            id=new.id,
            kind=GROUP,
            version=0,
            facts=stored(facts),
            add=[me_id, *(one.id for one in others)],
            notes=[note],
            actor_id=me_id,
        )
    )
    state = await access(messages, new.id, me_id)
    if not made and (state.kind != GROUP or group_facts(state.facts).owner_id != me_id):
        raise NotFound
    return await actions.conversation(database, messages, me_id, new.id)


async def change(
    database: Database, messages: Messages, me_id: UUID, group_id: UUID, wanted: GroupChange
) -> Conversation:
    """Change name, notice or rights. Raises `NotFound`, `GroupLeft`, `NotAllowed` or `InvalidRequest`."""
    name = None if wanted.name is None else one_line(wanted.name, field="name", least=0, most=LONGEST_NAME)
    notice = wanted.notice
    if notice is not None:
        notice = several_lines(notice, field="notice", least=0, most=LONGEST_NOTICE)
    me = await _person(database, me_id)

    def decide(group: GroupFacts, _: set[UUID]) -> tuple[GroupFacts, list[NewMessage]]:
        rules.check_leads(group, me_id)
        after, notes = group, []
        if name is not None and name != group.name:
            after = replace(after, name=name)
            notes.append(_note(group_id, "group.renamed", me, {"name": name}, f"{me.name} 将群名改为 {name}"))
        if notice is not None and notice != group.notice:
            after = replace(after, notice=notice, notice_at=clock.now())
            notes.append(_note(group_id, "group.noticed", me, {"notice": notice}, f"{me.name} 发布了群公告：{notice}"))
        if wanted.mute_all is not None and wanted.mute_all != group.mute_all:
            after = replace(after, mute_all=wanted.mute_all)
            said = "开启" if wanted.mute_all else "解除"
            notes.append(
                _note(group_id, "group.muted", me, {"mute_all": wanted.mute_all}, f"{me.name} {said}了全员禁言")
            )
        if wanted.only_administrators_invite is not None:
            after = replace(after, only_administrators_invite=wanted.only_administrators_invite)
        return after, notes

    await _change(messages, group_id, me_id, decide)
    return await actions.conversation(database, messages, me_id, group_id)


async def members(
    database: Database, messages: Messages, me_id: UUID, group_id: UUID, *, after: UUID | None, limit: int
) -> GroupMembers:
    """Who is in the group. Raises `NotFound` or `GroupLeft`."""
    state = await _state(messages, group_id, me_id)
    group = rules.access_group(state)
    found = await messages.members(group_id, after=after or UUID(int=0), limit=limit + 1)
    async with database.read() as reader:
        persons = await persons_of(reader, [one.member_id for one in found])
    reads_shown = bool(state.members)
    shown = [
        GroupMember(
            persons[one.member_id],
            _role(group, one.member_id),
            one.facts.get("nickname", ""),
            one.read_seq if reads_shown else None,
        )
        for one in found[:limit]
        if one.member_id in persons
    ]
    return GroupMembers(shown, len(found) > limit)


async def invite(
    database: Database, messages: Messages, me_id: UUID, group_id: UUID, person_ids: Sequence[UUID]
) -> Conversation:
    """Take friends of mine in; whoever is in already stays.

    Raises `NotFound`, `GroupLeft`, `NotAllowed`, `NotFriends` or `GroupFull`.
    """
    await _state(messages, group_id, me_id)
    me, others = await _friends(database, me_id, person_ids)
    await join(messages, me_id, group_id, me, others, how="invited")
    return await actions.conversation(database, messages, me_id, group_id)


async def join(
    messages: Messages,
    as_seen_by: UUID,
    group_id: UUID,
    inviter: Person,
    persons: list[Person],
    *,
    how: Literal["invited", "code"],
) -> None:
    """Let those in who are not, on an invitation by a member. Raises `NotFound`, `GroupLeft`, `NotAllowed` or `GroupFull`."""

    def decide(state: ConversationState, there: set[UUID]) -> ChangeConversation | None:
        group = rules.access_group(state)
        rules.check_invites(group, inviter.id)
        joining = [one for one in persons if one.id not in there]
        if not joining:
            return None
        rules.check_room(state.member_count, len(joining))
        names, joining_ids = _names(joining), [one.id for one in joining]
        said = (
            f"{inviter.name} 邀请 {names} 加入了群聊"
            if how == "invited"
            else f"{names} 通过 {inviter.name} 的二维码加入了群聊"
        )
        facts = {"members": [_named(one) for one in joining], "how": how}
        return ChangeConversation(
            id=group_id,
            kind=GROUP,
            version=state.version,
            facts=stored(replace(group, face_ids=rules.faces(group.owner_id, [*group.face_ids, *joining_ids]))),
            add=joining_ids,
            notes=[_note(group_id, "group.joined", inviter, facts, said)],
            actor_id=inviter.id if how == "invited" else joining_ids[0],
        )

    await changed(messages, group_id, as_seen_by, decide, about=[one.id for one in persons])


async def remove(database: Database, messages: Messages, me_id: UUID, group_id: UUID, person_id: UUID) -> None:
    """Leave, or send somebody away; who is none of the members is gone already.

    Raises `NotFound`, `GroupLeft` or `NotAllowed`.
    """
    me, other = await _person(database, me_id), await _person(database, person_id)
    state = await _state(messages, group_id, me_id)
    if me_id == person_id and state.left:
        return
    some = [member.member_id for member in await messages.members(group_id, limit=2 * len(state.members) + 20)]
    leaves = me_id == person_id
    note = (
        _note(group_id, "group.left", me, {}, f"{me.name} 退出了群聊")
        if leaves
        else _note(group_id, "group.removed", me, {"members": [_named(other)]}, f"{me.name} 将 {other.name} 移出了群聊")
    )

    def decide(state: ConversationState, there: set[UUID]) -> ChangeConversation | None:
        group = rules.access_group(state)
        rules.check_removes(group, me_id, person_id)
        if person_id not in there:
            return None
        after = replace(
            group,
            administrator_ids=[id for id in group.administrator_ids if id != person_id],
            face_ids=rules.faces(group.owner_id, [*group.face_ids, *some], gone=[person_id]),
        )
        return ChangeConversation(
            id=group_id,
            kind=GROUP,
            version=state.version,
            facts=stored(after),
            remove=[person_id],
            notes=[note],
            actor_id=me_id,
        )

    await changed(messages, group_id, me_id, decide, about=[person_id])


async def set_role(
    database: Database, messages: Messages, me_id: UUID, group_id: UUID, person_id: UUID, role: Role
) -> None:
    """Make a member administrator or not, or hand the group over; the same again changes nothing.

    Raises `NotFound`, `GroupLeft`, `NotAllowed` or `InvalidRequest`.
    """
    me, other = await _person(database, me_id), await _person(database, person_id)

    def decide(group: GroupFacts, there: set[UUID]) -> tuple[GroupFacts, list[NewMessage]]:
        rules.check_owns(group, me_id)
        if person_id not in there:
            raise NotFound
        if _role(group, person_id) == role:
            return group, []
        plain = [id for id in group.administrator_ids if id != person_id]
        if role == "owner":
            face_ids = rules.faces(person_id, group.face_ids)
            after = replace(group, owner_id=person_id, administrator_ids=plain, face_ids=face_ids)
            said = f"{me.name} 将群主转让给 {other.name}"
            return after, [_note(group_id, "group.handed_over", me, {"to": _named(other)}, said)]
        is_one = role == "administrator"
        after = replace(group, administrator_ids=rules.administrators_with(group, person_id) if is_one else plain)
        facts = {"added": [_named(other)] if is_one else [], "removed": [] if is_one else [_named(other)]}
        said = f"{me.name} {'设' if is_one else '取消'} {other.name} {'为' if is_one else '的'}管理员"
        return after, [_note(group_id, "group.administrators", me, facts, said)]

    if person_id == me_id and role != "owner":
        raise InvalidRequest("The owner hands the group over first.")
    await _change(messages, group_id, me_id, decide, about=[person_id])


async def set_nickname(messages: Messages, me_id: UUID, group_id: UUID, nickname: str) -> None:
    """What I am called in this group; empty takes it back. Raises `NotFound`, `GroupLeft` or `InvalidRequest`."""
    nickname = one_line(nickname, field="nickname", least=0, most=LONGEST_NICKNAME)
    rules.access_group(await _state(messages, group_id, me_id))
    await messages.set_member(group_id, me_id, facts={"nickname": nickname or None})


async def dissolve(database: Database, messages: Messages, me_id: UUID, group_id: UUID) -> None:
    """End the group: what was said stays readable, nobody writes any more. Raises `NotFound` or `NotAllowed`."""
    me = await _person(database, me_id)

    def decide(state: ConversationState, _: set[UUID]) -> ChangeConversation | None:
        group = group_facts(state.facts)
        rules.check_owns(group, me_id)
        if group.dissolved:
            return None
        return ChangeConversation(
            id=group_id,
            kind=GROUP,
            version=state.version,
            facts=stored(replace(group, dissolved=True)),
            notes=[_note(group_id, "group.dissolved", me, {}, f"{me.name} 解散了群聊")],
            actor_id=me_id,
        )

    await _state(messages, group_id, me_id)
    await changed(messages, group_id, me_id, decide)


async def _change(
    messages: Messages,
    group_id: UUID,
    me_id: UUID,
    decide: Callable[[GroupFacts, set[UUID]], tuple[GroupFacts, list[NewMessage]]],
    *,
    about: Sequence[UUID] = (),
) -> None:
    """Change what the log keeps of a group; nothing happens where nothing is different."""

    def decided(state: ConversationState, there: set[UUID]) -> ChangeConversation | None:
        group = _group(state)
        after, notes = decide(group, there)
        if after == group:
            return None
        return ChangeConversation(
            id=group_id, kind=GROUP, version=state.version, facts=stored(after), notes=notes, actor_id=me_id
        )

    await changed(messages, group_id, me_id, decided, about=about)


async def _state(messages: Messages, group_id: UUID, me_id: UUID) -> ConversationState:
    state = await access(messages, group_id, me_id)
    if state.kind != GROUP:
        raise NotFound
    return state


def _group(state: ConversationState) -> GroupFacts:
    if state.kind != GROUP:
        raise NotFound
    return rules.access_group(state)


async def _friends(database: Database, me_id: UUID, person_ids: Iterable[UUID]) -> tuple[Person, list[Person]]:
    """Me and those whom I bring. Raises `NotFriends` unless all of them are friends who take something from me."""
    wanted = [id for id in dict.fromkeys(person_ids) if id != me_id]
    async with database.read() as reader:
        me = await person_of(reader, me_id)
        persons = await persons_of(reader, wanted)
        friends = await friends_among(reader, me_id, wanted)
    if any(id not in friends or id not in persons for id in wanted):
        raise NotFriends
    return me, [persons[id] for id in wanted]


async def _person(database: Database, id: UUID) -> Person:
    async with database.read() as reader:
        return await person_of(reader, id)


def _role(group: GroupFacts, person_id: UUID) -> Role:
    if person_id == group.owner_id:
        return "owner"
    return "administrator" if person_id in group.administrator_ids else "member"


def _note(group_id: UUID, kind: str, by: Person, facts: dict[str, Any], fallback: str) -> NewMessage:
    return NewMessage(
        conversation_id=group_id,
        sender_id=None,
        client_id=str(ids.new_id()),
        kind=kind,
        payload={"by": _named(by), **facts},
        fallback=fallback,
    )


def _named(person: Person) -> dict[str, str]:
    return {"id": str(person.id), "name": person.name}


def _names(persons: list[Person]) -> str:
    return "、".join(one.name for one in persons[:20]) + ("…" if len(persons) > 20 else "")
