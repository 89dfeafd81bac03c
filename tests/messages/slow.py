"""A second message engine, slow and obvious: conversations as lists, unread by counting."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class SlowConversation:
    kind: str
    facts: dict[str, Any]
    log: list[tuple[UUID | None, str, str]] = field(default_factory=list)
    read: dict[UUID, int] = field(default_factory=dict)


class SlowMessages:
    """Answers "unknown" and "not a member" where the engine raises."""

    def __init__(self) -> None:
        self.conversations: dict[UUID, SlowConversation] = {}

    def open(self, id: UUID, kind: str, facts: dict[str, Any], members: list[UUID]) -> bool:
        is_new = id not in self.conversations
        conversation = self.conversations.setdefault(id, SlowConversation(kind, facts))
        conversation.facts = facts
        for member in members:
            conversation.read.setdefault(member, len(conversation.log))
        return is_new

    def append(self, id: UUID, sender: UUID | None, client_id: str, text: str) -> tuple[int, bool] | str:
        if id not in self.conversations:
            return "unknown"
        conversation = self.conversations[id]
        if sender is not None and sender not in conversation.read:
            return "not a member"
        for position, (who, name, _) in enumerate(conversation.log, start=1):
            if (who, name) == (sender, client_id):
                return position, True
        conversation.log.append((sender, client_id, text))
        if sender is not None:
            conversation.read[sender] = len(conversation.log)
        return len(conversation.log), False

    def mark_read(self, id: UUID, member: UUID, seq: int) -> int | str:
        if id not in self.conversations:
            return "unknown"
        conversation = self.conversations[id]
        if member not in conversation.read:
            return "not a member"
        conversation.read[member] = max(conversation.read[member], min(seq, len(conversation.log)))
        return conversation.read[member]

    def unread(self, id: UUID, member: UUID) -> int:
        conversation = self.conversations[id]
        unread_log = conversation.log[conversation.read[member] :]
        return sum(sender != member for sender, _, _ in unread_log)

    def picture(self, member: UUID) -> dict[UUID, tuple[Any, ...]]:
        """All that a member sees of all their conversations."""
        return {
            id: (c.kind, c.facts, len(c.log), self.unread(id, member), c.log[-1] if c.log else None, c.read)
            for id, c in self.conversations.items()
            if member in c.read
        }
