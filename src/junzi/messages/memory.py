"""What the writer remembers while it holds the lease: rows that nobody else changes, so that it need not ask for them again.

It is thrown away with the connection, and whenever a batch fails: then the tables are asked again.
"""

from collections.abc import Iterable
from uuid import UUID

from junzi.messages.rules_model import Conversation, Decision, Facts, Member, MemberKey, Opened

MOST_ROWS = 400_000
"""Conversations and members, and who is told of a conversation; a hundred megabytes or two. Beyond, all are let go."""


class Memory:
    """conversations, members: rows as they stand. audiences: who is in a conversation, by id"""

    def __init__(self) -> None:
        self.conversations: dict[UUID, Conversation] = {}
        self.members: dict[MemberKey, Member] = {}
        self.audiences: dict[UUID, list[UUID]] = {}
        self._in_audiences = 0

    def forget(self) -> None:
        self.conversations.clear()
        self.members.clear()
        self.audiences.clear()
        self._in_audiences = 0

    def make_room(self) -> None:
        """Between two batches: within one, what was remembered is counted on."""
        if len(self.conversations) + len(self.members) + self._in_audiences > MOST_ROWS:
            self.forget()

    def learn(self, facts: Facts) -> None:
        """What was read."""
        self.conversations.update(facts.conversations)
        self.members.update(facts.members)

    def follow(self, decision: Decision) -> None:
        """What was committed."""
        for conversation in (*decision.new_conversations, *decision.changed_conversations):
            self.conversations[conversation.id] = conversation
        for members in (decision.new_members, decision.moved_members, decision.changed_members):
            for member in members:
                self.members[(member.conversation_id, member.member_id)] = member
        for happening in decision.happened:
            if isinstance(happening, Opened):
                # Whose members may have changed.
                self._in_audiences -= len(self.audiences.pop(happening.conversation_id, ()))

    def learn_audiences(self, audiences: dict[UUID, list[UUID]]) -> None:
        self.audiences.update(audiences)
        self._in_audiences += sum(map(len, audiences.values()))

    def unknown_audiences(self, conversation_ids: Iterable[UUID]) -> set[UUID]:
        return {id for id in conversation_ids if id not in self.audiences}
