"""What the writer remembers while it holds the lease: rows that nobody else changes, so that it need not ask for them again.

Rows are remembered as they were decided, before they are committed. All of it is thrown away with the connection, and whenever a
batch fails: then the tables are asked again.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from junzi.messages.model import Appended, NewMessage
from junzi.messages.rules_model import (
    ClientKey,
    Conversation,
    Decision,
    Facts,
    MarkRead,
    Member,
    MemberKey,
    Opened,
    Request,
)

MOST_ROWS = 400_000
"""Conversations and members, and who is told of a conversation; a hundred megabytes or two. Beyond, all are let go."""
MOST_NEWEST = 16_384


class Newest:
    """Where the newest messages stand, by their senders' names for them: the last `MOST_NEWEST` at least, twice as many at most.

    Whoever sends again does so soon, and is answered without a look at the log. What is older is let go a few at a time, each
    batch twice as many as it brings: all at once would hold everybody up for some milliseconds.
    """

    def __init__(self) -> None:
        self._newer: dict[ClientKey, Appended] = {}
        self._older: dict[ClientKey, Appended] = {}
        self._let_go: dict[ClientKey, Appended] = {}

    def get(self, key: ClientKey, /) -> Appended | None:
        return self._newer.get(key) or self._older.get(key)

    def add(self, named: Mapping[ClientKey, Appended]) -> None:
        self._newer.update(named)
        for _ in range(min(2 * len(named), len(self._let_go))):
            self._let_go.popitem()
        if len(self._newer) >= MOST_NEWEST:
            self._let_go, self._older, self._newer = self._older, self._newer, {}


class Memory:
    """conversations, members: rows as they were decided last. audiences: who is in a conversation, by id

    changed: the last change counted
    """

    def __init__(self, changed: int) -> None:
        self.changed = changed
        self.conversations: dict[UUID, Conversation] = {}
        self.members: dict[MemberKey, Member] = {}
        self.audiences: dict[UUID, list[UUID]] = {}
        self.newest = Newest()
        self._in_audiences = 0

    def make_room(self) -> None:
        """When all that was decided is committed: until then it is counted on."""
        if len(self.conversations) + len(self.members) + self._in_audiences > MOST_ROWS:
            self.conversations.clear()
            self.members.clear()
            self.audiences.clear()
            self._in_audiences = 0

    def facts_of(self, requests: Sequence[Request]) -> Facts | None:
        """All that bears on these requests, where all of it is here: messages and reading in conversations that are known."""
        facts = Facts({}, {}, self.newest)
        named: tuple[UUID | None, ...]
        for request in requests:
            if type(request) is NewMessage:
                named = (request.sender_id, *request.calls)
            elif type(request) is MarkRead:
                named = (request.member_id,)
            else:
                return None
            id = request.conversation_id
            if id not in facts.conversations:
                conversation = self.conversations.get(id)
                if conversation is None:
                    return None
                facts.conversations[id] = conversation
            for member_id in named:
                if member_id is not None and (id, member_id) not in facts.members:
                    member = self.members.get((id, member_id))
                    if member is None:
                        return None
                    facts.members[(id, member_id)] = member
        return facts

    def learn(self, facts: Facts) -> None:
        """What was read."""
        self.conversations.update(facts.conversations)
        self.members.update(facts.members)

    def follow(self, decision: Decision) -> None:
        """What was decided."""
        self.changed = decision.changed
        self.newest.add(decision.named)
        for conversation in (*decision.new_conversations, *decision.changed_conversations):
            self.conversations[conversation.id] = conversation
        for members in (decision.new_members, decision.moved_members, decision.changed_members):
            for member in members:
                self.members[(member.conversation_id, member.member_id)] = member
        for happening in decision.happened:
            if type(happening) is Opened:
                # Whose members may have changed.
                self._in_audiences -= len(self.audiences.pop(happening.conversation_id, ()))

    def learn_audiences(self, audiences: dict[UUID, list[UUID]]) -> None:
        self.audiences.update(audiences)
        self._in_audiences += sum(map(len, audiences.values()))

    def unknown_audiences(self, conversation_ids: Iterable[UUID]) -> set[UUID]:
        return {id for id in conversation_ids if id not in self.audiences}
