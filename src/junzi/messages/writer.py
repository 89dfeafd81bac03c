"""The one writer: decides on what it remembers, commits what was decided, then tells the bus what happened.

It remembers the last change counted, the conversations and members it has met, and where the newest messages stand (`memory.py`),
and begins anew with every connection. In which order batches are decided and committed is `pipeline.py`'s.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import structlog

from junzi.kit import clock
from junzi.kit.bus import Bus
from junzi.kit.leased_connection import BY_KEY, LeasedConnection, Unreachable, is_outage
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
from junzi.messages.rules_model import Decision, Edited, Facts, Happening, MemberKey, MemberRead, Opened, Request

BEAT_EVERY_S = 0.4
STALE_AFTER_S = 1.2
"""A challenger takes the lease from a holder whose connection has been silent that long."""

T = TypeVar("T")
_log = structlog.get_logger("messages")


class Decided:
    """What a batch does, decided on a memory that has followed it.

    plain:  what one statement writes, where it is only messages and reading
    told:   who hears of it, by conversation, once it is committed
    """

    __slots__ = ("decision", "looked", "memory", "plain", "told")

    def __init__(self, decision: Decision, memory: Memory, *, looked: bool) -> None:
        self.decision = decision
        self.memory = memory
        self.looked = looked
        self.plain = store.plain_arguments(decision) if _is_plain(decision) else None
        self.told: dict[UUID, list[UUID]] = {}


class Writer:
    """Holds the message engine's lease and the connection that commits.

    gained, lost: called when this process becomes the writer, and when it is none any more
    """

    def __init__(
        self, url: str, bus: Bus, *, gained: Callable[[], None] | None = None, lost: Callable[[], None] | None = None
    ) -> None:
        self._link = LeasedConnection(
            url, "messages", self._load, gained=gained, lost=self._end, settings=BY_KEY, stale_after_s=STALE_AFTER_S
        )
        self._tell_lost = lost
        self._bus = bus
        self._memory = Memory(0)
        self._committed = 0
        self._gone = asyncio.Event()
        self._using = asyncio.Lock()
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

    def decide_ahead(self, requests: Sequence[Request]) -> Decided | None:
        """Decide on what was decided before, committed or not, where nothing has to be asked for; None where something has."""
        facts = self._memory.facts_of(requests)
        return None if facts is None else self._decided(facts, requests, looked=False)

    async def decide(self, requests: Sequence[Request], *, looks: bool) -> Decided:
        """Decide when all that was decided before is committed. looks: whether to look if any of these messages stands already"""
        memory = self._memory
        facts = None if looks else memory.facts_of(requests)
        if facts is None:
            facts = await self._use(lambda connection: store.load_facts(connection, requests, memory, looks=looks))
        if memory is not self._memory:
            raise Unreachable
        return self._decided(facts, requests, looked=looks)

    def stands(self, decided: Decided) -> bool:
        """Whether all that it was decided on came to pass, or may still."""
        return decided.memory is self._memory

    def give_up(self, decided: Decided) -> None:
        """It does not happen, or it is unknown whether it did: begin again from the tables."""
        if self.stands(decided):
            self._memory = Memory(self._committed)

    async def commit(self, decided: Decided) -> None:
        """Raises with no effect, unless in an outage."""
        try:
            await self._use(lambda connection: self._write(connection, decided))
        except BaseException:
            self.give_up(decided)
            raise
        self._committed = decided.decision.changed

    def tell(self, decided: Decided) -> None:
        """What was committed."""
        decision = decided.decision
        joined = {
            (one.conversation_id, one.member_id): one.joined_seq
            for members in (decision.new_members, decision.changed_members)
            for one in members
        }
        for happening in decision.happened:
            self._tell(happening, decided.told, joined)

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._link.close()

    def _decided(self, facts: Facts, requests: Sequence[Request], *, looked: bool) -> Decided:
        memory = self._memory
        decision = rules.decide(facts, requests, memory.changed, clock.now())
        memory.follow(decision)
        return Decided(decision, memory, looked=looked)

    async def _write(self, connection: Any, decided: Decided) -> None:
        decision, memory = decided.decision, decided.memory
        if not self.stands(decided):
            raise Unreachable
        told = _told_to_all(decision.happened)
        if decided.plain is not None and not memory.unknown_audiences(told):
            await store.write_plain(connection, decided.plain)
            decided.told = {id: memory.audiences[id] for id in told}
        else:
            async with connection.transaction():
                await store.write(connection, decision)
                decided.told = await store.member_ids(connection, told, memory)

    async def _use(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Let the connection do something, and wait for it no longer than the connection lasts.

        A COPY whose connection breaks between two of its parts would wait for an answer until its time-out.
        """
        async with self._using:
            connection = self._link.current()
            working = asyncio.ensure_future(work(connection))
            gone = asyncio.ensure_future(self._gone.wait())
            try:
                await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
                if not working.done():
                    working.cancel()
                    working.add_done_callback(lambda task: task.cancelled() or task.exception())
            if not working.done():
                raise Unreachable
            try:
                done = await working
            except Exception as failure:
                if is_outage(failure) and self._link.up and self._link.current() is connection:
                    self._link.drop()
                raise
            self._used_at = asyncio.get_running_loop().time()
            return done

    async def _load(self, connection: Any) -> None:
        self._committed = await store.last_change(connection)
        # Another one: what is still on its way through the old connection must not come into it.
        self._memory = Memory(self._committed)
        self._gone = asyncio.Event()
        self._bus.publish(RESUMED, None)

    def _end(self) -> None:
        """The connection is gone, and whoever waits for it is told."""
        self._gone.set()
        if self._tell_lost is not None:
            self._tell_lost()

    async def _beat(self) -> None:
        """Keep the connection from falling silent, so that no challenger takes the writer for stopped."""
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            silent_s = asyncio.get_running_loop().time() - self._used_at
            if not self._link.up or self._using.locked() or silent_s < BEAT_EVERY_S / 2:
                continue
            try:
                await self._use(lambda connection: connection.execute("select 1"))
            except Exception as failure:
                _log.warning("the writer's connection failed", exc_info=failure)
                self._link.drop()

    def _tell(self, happening: Happening, told: dict[UUID, list[UUID]], joined: dict[MemberKey, int]) -> None:
        """joined: after which message members came, of those who came with this batch"""
        # It is committed: a receiver that fails must not make it look undone.
        try:
            if isinstance(happening, Message):
                id, seq = happening.conversation_id, happening.seq
                everybody = told.get(id, [])
                if joined:
                    everybody = [one for one in everybody if joined.get((id, one), 0) < seq]
                self._bus.publish(COMMITTED, MessageCommitted(happening, everybody))
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


def _is_plain(decision: Decision) -> bool:
    """Whether it is only messages and reading."""
    return all(type(happening) in (Message, MemberRead) for happening in decision.happened)


def _told_to_all(happened: list[Happening]) -> set[UUID]:
    """The conversations of which all members are told something; one that all have left is not among the answers."""
    found = set()
    for happening in happened:
        if isinstance(happening, Edited):
            found.add(happening.message.conversation_id)
        elif isinstance(happening, Message | Opened) or (isinstance(happening, MemberRead) and happening.seen):
            found.add(happening.conversation_id)
    return found
