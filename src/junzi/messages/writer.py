"""The one writer: decides and commits all requests that gathered meanwhile, then tells the bus what happened.

It keeps one number in memory, the last change counted, and reloads it with every connection.
"""

from typing import Any
from uuid import UUID

import structlog

from junzi.kit import clock
from junzi.kit.bus import Bus
from junzi.kit.leased_connection import BY_KEY, LeasedConnection, is_outage
from junzi.messages import rules, store
from junzi.messages.model import (
    ConversationOpened,
    Message,
    MessageCommitted,
    MessageEdited,
    MessagesDeleted,
    OwnChanged,
    ReadMoved,
)
from junzi.messages.rules_model import Edited, Happening, MemberRead, Opened, Outcome, Request

_log = structlog.get_logger("messages")


class Writer:
    """Holds the message engine's lease and the connection that commits."""

    def __init__(self, url: str, bus: Bus) -> None:
        self._link = LeasedConnection(url, "messages", self._load, settings=BY_KEY)
        self._bus = bus
        self._changed = 0

    async def open(self) -> None:
        """Raises `EngineTaken`, or what asyncpg raises when PostgreSQL does not answer."""
        await self._link.open()

    @property
    def up(self) -> bool:
        return self._link.up

    async def write(self, requests: list[Request]) -> list[Outcome]:
        """Carry all requests in one transaction; their outcomes in order. Raises with no effect, unless in an outage."""
        connection = self._link.current()
        try:
            async with connection.transaction():
                facts = await store.load_facts(connection, requests)
                decision = rules.decide(facts, requests, self._changed, clock.now())
                await store.write(connection, decision)
                told = await store.member_ids(connection, _told_to_all(decision.happened))
        except Exception as failure:
            if is_outage(failure):
                # Whether the commit counted is unknown, and so is what is kept in memory: start from the tables again.
                self._link.drop()
            raise
        self._changed = decision.changed
        for happening in decision.happened:
            self._tell(happening, told)
        return decision.outcomes

    async def close(self) -> None:
        await self._link.close()

    async def _load(self, connection: Any) -> None:
        self._changed = await store.last_change(connection)

    def _tell(self, happening: Happening, told: dict[UUID, list[UUID]]) -> None:
        # It is committed: a receiver that fails must not make it look undone.
        try:
            if isinstance(happening, Message):
                hint = MessageCommitted(happening, told.get(happening.conversation_id, []))
                self._bus.publish("messages.committed", hint)
            elif isinstance(happening, MemberRead):
                everybody = told.get(happening.conversation_id, []) if happening.seen else [happening.member_id]
                moved = ReadMoved(happening.conversation_id, happening.member_id, happening.seq, everybody)
                self._bus.publish("messages.read", moved)
            elif isinstance(happening, Edited):
                edited = MessageEdited(happening.message, told.get(happening.message.conversation_id, []))
                self._bus.publish("messages.edited", edited)
            elif isinstance(happening, OwnChanged):
                self._bus.publish("messages.own", happening)
            elif isinstance(happening, MessagesDeleted):
                self._bus.publish("messages.deleted", happening)
            else:
                everybody = [*told.get(happening.conversation_id, ()), *happening.removed]
                self._bus.publish("messages.opened", ConversationOpened(happening.conversation_id, everybody))
        except Exception as failure:
            _log.error("a receiver of hints failed", exc_info=failure)


def _told_to_all(happened: list[Happening]) -> set[UUID]:
    """The conversations of which all members are told something; one that all have left is not among the answers."""
    found = set()
    for happening in happened:
        if isinstance(happening, Edited):
            found.add(happening.message.conversation_id)
        elif isinstance(happening, Message | Opened) or (isinstance(happening, MemberRead) and happening.seen):
            found.add(happening.conversation_id)
    return found
