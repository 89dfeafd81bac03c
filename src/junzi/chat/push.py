"""Push what was said to those who are not looking: from the hint that a message stands, to the phones that want to know.

A hint may be lost with the process, and then a phone does not ring; the message is where it is. Nothing waits for this: what
comes is noted, the newest of a conversation takes the place of those before it, and a few times a second one query asks for all
together whether anybody's phone wants to know. More than `MOST_WAITING` conversations are not noted.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from prometheus_client import Counter

from junzi.chat import rules
from junzi.chat.model import DIRECT, GROUP, group_facts, mine
from junzi.kit import clock, town
from junzi.kit.bus import Bus
from junzi.kit.database import Database
from junzi.messages import COMMITTED, ConversationState, MessageCommitted, Messages
from junzi.notices import rules as push_rules
from junzi.notices import store as subscriptions
from junzi.notices.model import Subscription
from junzi.notices.push import Push
from junzi.people.actions import live_sessions, persons_of
from junzi.people.model import Person

MOST_WAITING = 2_000
GATHERED_S = 0.3
"""How long messages gather before anybody is asked about."""
AT_ONCE = 8
LONGEST_BODY = 200

_dropped = Counter("junzi_pushes_dropped_total", "Messages that were not pushed, because too many waited")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone gets. title, body: only where the person wants words on this device."""

    kind: str = "message"
    conversation_id: UUID
    seq: int
    title: str | None
    body: str | None
    unread: int


class Pusher:
    """who_looks: the sessions of these people whose sockets are open"""

    def __init__(
        self,
        database: Database,
        messages: Messages,
        bus: Bus,
        push: Push,
        who_looks: Callable[[Sequence[UUID]], Awaitable[set[UUID]]],
    ) -> None:
        self._database = database
        self._messages = messages
        self._push = push
        self._who_looks = who_looks
        self._waiting: dict[UUID, MessageCommitted] = {}
        self._wake = asyncio.Event()
        # One process tells of a message, the one that committed it.
        bus.subscribe(COMMITTED, self._note, own=True)

    async def run(self) -> None:
        """Push for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHERED_S)
            self._wake.clear()
            await self.drain()

    async def drain(self) -> None:
        """Push all that was noted."""
        hints, self._waiting = list(self._waiting.values()), {}
        listeners = {id for hint in hints for id in hint.member_ids}
        if not listeners:
            return
        wanted = await self._wanted(list(listeners))
        senders = {hint.message.sender_id for hint in hints if hint.message.sender_id}
        if not wanted:
            return
        async with self._database.read() as reader:
            persons = await persons_of(reader, senders)
        turns = asyncio.Semaphore(AT_ONCE)

        async def tell(subscription: Subscription, hint: MessageCommitted) -> None:
            async with turns:
                await self._tell_device(subscription, hint, persons)

        await asyncio.gather(
            *(
                tell(subscription, hint)
                for hint in hints
                for id in hint.member_ids
                if id != hint.message.sender_id
                for subscription in wanted.get(id, ())
            )
        )

    def _note(self, hint: MessageCommitted) -> None:
        id = hint.message.conversation_id
        if id not in self._waiting and len(self._waiting) >= MOST_WAITING:
            _dropped.inc()
            return
        self._waiting.pop(id, None)
        self._waiting[id] = hint
        self._wake.set()

    async def _wanted(self, person_ids: list[UUID]) -> dict[UUID, list[Subscription]]:
        """Of these people, whose devices want to know at this moment and do not look."""
        at = clock.local(clock.now(), town.current().time_zone).time()
        async with self._database.read() as reader:
            found = await subscriptions.subscriptions_of(reader, person_ids)
            alive = await live_sessions(reader, [one.session_id for one, _ in found])
        dead = [one.session_id for one, _ in found if one.session_id not in alive]
        if dead:
            async with self._database.transaction() as tx:
                await subscriptions.delete_subscriptions(tx, dead)
        wanted: dict[UUID, list[Subscription]] = {}
        looking = await self._who_looks([one.person_id for one, _ in found]) if found else set()
        for one, hours in found:
            looks = one.session_id in looking
            if one.session_id in alive and not looks and not push_rules.is_quiet(hours, at):
                wanted.setdefault(one.person_id, []).append(one)
        return wanted

    async def _tell_device(
        self, subscription: Subscription, hint: MessageCommitted, persons: dict[UUID, Person]
    ) -> None:
        message = hint.message
        state = await self._messages.conversation(message.conversation_id, subscription.person_id)
        if state is None or state.read_seq >= message.seq or rules.request_of(state, subscription.person_id):
            return
        called = state.called_seq > state.read_seq
        if mine(state.own, state.head_seq).muted and not called:
            return
        title = body = None
        if subscription.shows_text:
            sender = persons.get(message.sender_id) if message.sender_id else None
            title, body = _words(state, sender, message.fallback)
        line = Line(
            conversation_id=state.id, seq=message.seq, title=title, body=body, unread=state.head_seq - state.read_seq
        )
        topic = base64.urlsafe_b64encode(state.id.bytes).rstrip(b"=").decode()
        await self._push.send(
            subscription, msgspec.json.encode(line), topic=topic, urgent=state.kind == DIRECT or called
        )


def _words(state: ConversationState, sender: Person | None, fallback: str) -> tuple[str, str]:
    body = fallback[:LONGEST_BODY]
    name = sender.name if sender else ""
    if state.kind != GROUP:
        return name or _title_of(state.facts), body
    return group_facts(state.facts).name or name, f"{name}: {body}" if name else body


def _title_of(facts: dict[str, Any]) -> str:
    return str(facts.get("name") or town.current().name)
