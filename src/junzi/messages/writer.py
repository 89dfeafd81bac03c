"""The one writer: decides and commits all requests that gathered meanwhile, then tells the bus what happened.

It remembers the last change counted, and the conversations and members it has met (`memory.py`), and begins anew with every
connection.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from junzi.kit import clock
from junzi.kit.bus import Bus
from junzi.kit.leased_connection import BY_KEY, LeasedConnection, is_outage
from junzi.messages import rules, store
from junzi.messages.memory import Memory
from junzi.messages.model import (
    COMMITTED,
    DELETED,
    EDITED,
    OPENED,
    OWN,
    READ,
    RESUMED,
    ConversationOpened,
    Message,
    MessageCommitted,
    MessageEdited,
    MessagesDeleted,
    OwnChanged,
    ReadMoved,
)
from junzi.messages.rules_model import Decision, Edited, Happening, MemberRead, Opened, Outcome, Request

BEAT_EVERY_S = 0.4
STALE_AFTER_S = 1.2
"""A challenger takes the lease from a holder whose connection has been silent that long."""
LOOKS_FOR_S = 10.0
"""After a message came that stands already, each batch looks for those first, instead of being refused by the index."""

_log = structlog.get_logger("messages")


class Writer:
    """Holds the message engine's lease and the connection that commits.

    gained, lost: called when this process becomes the writer, and when it is none any more
    """

    def __init__(
        self, url: str, bus: Bus, *, gained: Callable[[], None] | None = None, lost: Callable[[], None] | None = None
    ) -> None:
        self._link = LeasedConnection(
            url, "messages", self._load, gained=gained, lost=lost, settings=BY_KEY, stale_after_s=STALE_AFTER_S
        )
        self._bus = bus
        self._changed = 0
        self._memory = Memory()
        self._looks_until = 0.0
        self._writing = asyncio.Lock()
        self._used_at = 0.0
        self._beating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Where several processes are on the bus, stand by while another one holds the lease.

        Raises `EngineTaken` where this one should be alone, or what asyncpg raises when PostgreSQL does not answer.
        """
        await self._link.open(stands_by=self._bus.reaches_others)
        self._beating = asyncio.create_task(self._beat(), name="messages beats")

    @property
    def up(self) -> bool:
        return self._link.up

    async def write(self, requests: list[Request]) -> list[Outcome]:
        """Carry all requests in one transaction; their outcomes in order. Raises with no effect, unless in an outage."""
        looks = asyncio.get_running_loop().time() < self._looks_until
        try:
            decision, told = await self._carry(requests, looks=looks)
        except asyncpg.UniqueViolationError:
            if looks:
                raise
            # Somebody sends again what stands already, and they rarely come alone.
            self._looks_until = asyncio.get_running_loop().time() + LOOKS_FOR_S
            decision, told = await self._carry(requests, looks=True)
        self._changed = decision.changed
        self._used_at = asyncio.get_running_loop().time()
        for happening in decision.happened:
            self._tell(happening, told)
        return decision.outcomes

    async def _carry(self, requests: list[Request], *, looks: bool) -> tuple[Decision, dict[UUID, list[UUID]]]:
        """One transaction. looks: whether to look first which of the messages stand already"""
        connection = self._link.current()
        memory = self._memory
        try:
            async with self._writing, connection.transaction():
                facts = await store.load_facts(connection, requests, memory, earlier=looks)
                decision = rules.decide(facts, requests, self._changed, clock.now())
                await store.write(connection, decision)
                memory.follow(decision)
                told = await store.member_ids(connection, _told_to_all(decision.happened), memory)
        except BaseException as failure:
            # What was remembered of it did not happen, or it is unknown whether it did.
            memory.forget()
            if isinstance(failure, Exception) and is_outage(failure):
                self._link.drop()
            raise
        return decision, told

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._link.close()

    async def _load(self, connection: Any) -> None:
        self._changed = await store.last_change(connection)
        # Another one: what is still on its way through the old connection must not come into it.
        self._memory = Memory()
        self._bus.publish(RESUMED, None)

    async def _beat(self) -> None:
        """Keep the connection from falling silent, so that no challenger takes the writer for stopped."""
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            silent_s = asyncio.get_running_loop().time() - self._used_at
            if not self._link.up or self._writing.locked() or silent_s < BEAT_EVERY_S / 2:
                continue
            try:
                async with self._writing:
                    await self._link.current().execute("select 1")
            except Exception as failure:
                _log.warning("the writer's connection failed", exc_info=failure)
                self._link.drop()

    def _tell(self, happening: Happening, told: dict[UUID, list[UUID]]) -> None:
        # It is committed: a receiver that fails must not make it look undone.
        try:
            if isinstance(happening, Message):
                hint = MessageCommitted(happening, told.get(happening.conversation_id, []))
                self._bus.publish(COMMITTED, hint)
            elif isinstance(happening, MemberRead):
                everybody = told.get(happening.conversation_id, []) if happening.seen else [happening.member_id]
                moved = ReadMoved(happening.conversation_id, happening.member_id, happening.seq, everybody)
                self._bus.publish(READ, moved)
            elif isinstance(happening, Edited):
                edited = MessageEdited(happening.message, told.get(happening.message.conversation_id, []))
                self._bus.publish(EDITED, edited)
            elif isinstance(happening, OwnChanged):
                self._bus.publish(OWN, happening)
            elif isinstance(happening, MessagesDeleted):
                self._bus.publish(DELETED, happening)
            else:
                everybody = [*told.get(happening.conversation_id, ()), *happening.removed]
                self._bus.publish(OPENED, ConversationOpened(happening.conversation_id, everybody))
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
