"""A second message engine, slow and obvious: conversations as lists, unread by counting."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Entry = tuple[UUID | None, str, str]


@dataclass
class SlowMember:
    read: int
    joined: int
    left: int | None = None
    cleared: int = 0
    called: int = 0
    own: dict[str, Any] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)


@dataclass
class SlowConversation:
    kind: str
    facts: dict[str, Any]
    log: list[Entry] = field(default_factory=list)
    members: dict[UUID, SlowMember] = field(default_factory=dict)
    version: int = 0
    called: int = 0

    def end(self, member: SlowMember) -> int:
        return len(self.log) if member.left is None else member.left

    def there(self) -> dict[UUID, SlowMember]:
        return {id: member for id, member in self.members.items() if member.left is None}

    def join(self, ids: list[UUID]) -> bool:
        missing = [id for id in ids if id not in self.there()]
        for id in missing:
            before = self.members.get(id)
            if before is None:
                self.members[id] = SlowMember(len(self.log), len(self.log))
            else:
                before.read = before.joined = len(self.log)
                before.left = None
        return bool(missing)


class SlowMessages:
    """Answers "unknown" and "not a member" where the engine raises."""

    def __init__(self) -> None:
        self.conversations: dict[UUID, SlowConversation] = {}

    def open(self, id: UUID, kind: str, facts: dict[str, Any], members: list[UUID]) -> bool:
        is_new = id not in self.conversations
        conversation = self.conversations.setdefault(id, SlowConversation(kind, facts))
        if conversation.join(members) or conversation.facts != facts or is_new:
            conversation.version += 1
        conversation.facts = facts
        return is_new

    def change(
        self, id: UUID, kind: str, version: int, facts: dict[str, Any], add: list[UUID], remove: list[UUID], note: str
    ) -> bool:
        known = self.conversations.get(id)
        if version != (known.version if known else 0):
            return False
        conversation = self.conversations.setdefault(id, SlowConversation(kind, facts))
        leaving = [id for id in dict.fromkeys(remove) if id in conversation.there()]
        conversation.join(add)
        conversation.facts = facts
        conversation.version += 1
        self.append(id, None, note, note, [], False)
        for member in leaving:
            conversation.members[member].left = len(conversation.log)
        return True

    def append(
        self, id: UUID, sender: UUID | None, client_id: str, text: str, calls: list[UUID], calls_all: bool
    ) -> tuple[int, bool] | str:
        if id not in self.conversations:
            return "unknown"
        conversation = self.conversations[id]
        if sender is not None and sender not in conversation.there():
            return "not a member"
        for position, (who, name, _) in enumerate(conversation.log, start=1):
            if (who, name) == (sender, client_id):
                return position, True
        conversation.log.append((sender, client_id, text))
        seq = len(conversation.log)
        if calls_all:
            conversation.called = seq
        for called in calls:
            if called in conversation.there():
                conversation.members[called].called = seq
        if sender is not None:
            conversation.members[sender].read = seq
        return seq, False

    def mark_read(self, id: UUID, member: UUID, seq: int) -> int | str:
        if id not in self.conversations:
            return "unknown"
        conversation = self.conversations[id]
        if member not in conversation.members:
            return "not a member"
        reader = conversation.members[member]
        reader.read = max(reader.read, min(seq, conversation.end(reader)))
        return reader.read

    def keep(self, id: UUID, member: UUID, own: dict[str, Any]) -> str | None:
        if id not in self.conversations:
            return "unknown"
        if member not in self.conversations[id].members:
            return "not a member"
        keeper = self.conversations[id].members[member]
        keeper.own = {name: value for name, value in {**keeper.own, **own}.items() if value is not None}
        return None

    def edit(self, id: UUID, seq: int, text: str) -> str | None:
        if id not in self.conversations or not 1 <= seq <= len(self.conversations[id].log):
            return "unknown"
        log = self.conversations[id].log
        log[seq - 1] = (log[seq - 1][0], log[seq - 1][1], text)
        return None

    def delete(self, id: UUID, member: UUID, seqs: list[int], up_to: int) -> int | str:
        if id not in self.conversations:
            return "unknown"
        conversation = self.conversations[id]
        if member not in conversation.members:
            return "not a member"
        deleter = conversation.members[member]
        end = conversation.end(deleter)
        deleter.cleared = max(deleter.cleared, min(up_to, end))
        deleter.deleted |= {seq for seq in seqs if seq <= end}
        deleter.deleted = {seq for seq in deleter.deleted if seq > deleter.cleared}
        deleter.read = max(deleter.read, deleter.cleared)
        return deleter.cleared

    def picture(self, member: UUID) -> dict[UUID, tuple[Any, ...]]:
        """All that a member sees of all their conversations."""
        return {id: self._seen(c, c.members[member]) for id, c in self.conversations.items() if member in c.members}

    def _seen(self, conversation: SlowConversation, me: SlowMember) -> tuple[Any, ...]:
        end = conversation.end(me)
        visible = [seq for seq in range(me.cleared + 1, end + 1) if seq not in me.deleted]
        return (
            conversation.kind,
            conversation.facts,
            end,
            end - me.read,
            max(me.called, conversation.called),
            me.left is not None,
            me.own,
            conversation.log[visible[-1] - 1] if visible else None,
            {seq: conversation.log[seq - 1] for seq in visible},
            {} if me.left is not None else {id: other.read for id, other in conversation.there().items()},
        )
