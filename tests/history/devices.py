"""Devices of people who talk whatever happens around them: they pause, are gone, come back to another server, and send again what
was not answered, or what was. Each writes down what it saw."""

import asyncio
import random
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from picows import WSError

from junzi.client import Client, ConnectionEnded, Mirror, Refused, Unreachable
from tests.history.checker import Line, Record, Shown
from tests.support.served import Served
from tests.support.several import same_device

GONE = (Unreachable, ConnectionEnded, Refused, OSError, TimeoutError, WSError)
"""What a device takes as: not now, not here."""
REMEMBERED = 40
"""What a device met last, for whoever has to find out why something failed."""
Unsent = tuple[str, str, dict[str, Any]]


class Device:
    """talks: the conversations it writes in. writes: set to False, it only gets rid of what is unsent, and stays"""

    def __init__(self, name: str, signed_in: Client, talks: list[str], servers: list[Served], seed: int) -> None:
        self.record = Record(name, signed_in.me["id"])
        self.mirror = Mirror(signed_in)
        self.unsent: list[Unsent] = []
        self.writes = True
        self.met: deque[str] = deque(maxlen=REMEMBERED)
        self._signed_in = signed_in
        self._talks = talks
        self._servers = servers
        self._chance = random.Random(seed)
        self._noted: dict[str, int] = {}

    async def live(self) -> None:
        """For ever."""
        while True:
            server = self._chance.choice(self._servers)
            client = same_device(self._signed_in, server)
            began = time.time()
            self._meet(f"goes to {server.port}")
            try:
                await self._connected(client)
            except GONE as reason:
                self._meet(f"leaves after {time.time() - began:.2f} s: {reason!r}")
            with suppress(*GONE):
                await client.close()
            await asyncio.sleep(self._chance.uniform(0.02, 0.4))

    def _meet(self, what: str) -> None:
        self.met.append(f"{datetime.now(UTC):%H:%M:%S.%f} {what}")

    def write_down(self) -> Record:
        """What it keeps at this moment, with all it saw."""
        self.record.kept = {
            id: {seq: message["id"] for seq, message in log.items()} for id, log in self.mirror.logs.items()
        }
        self.record.unread = {id: one["unread"] for id, one in self.mirror.conversations.items()}
        return self.record

    async def _connected(self, client: Client) -> None:
        self.mirror.client = client
        async with asyncio.timeout(8):
            await client.connect()
            await self.mirror.pull()
        self._note_logs()
        self._meet("is connected and has pulled")
        doing = {asyncio.create_task(self._hear(client)), asyncio.create_task(self._speak(client))}
        leaves_at = asyncio.get_running_loop().time() + self._chance.uniform(0.3, 5)
        try:
            while not self.writes or asyncio.get_running_loop().time() < leaves_at:
                ended, _ = await asyncio.wait(doing, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
                for one in ended:
                    one.result()
        finally:
            for one in doing:
                one.cancel()
            await asyncio.gather(*doing, return_exceptions=True)

    async def _hear(self, client: Client) -> None:
        while True:
            try:
                frame = await client.receive()
            except TimeoutError:
                continue
            if frame["op"] == "message":
                message = frame["message"]
                self._note(message["conversation_id"], message["seq"], message["id"])
            elif frame["op"] == "read":
                key = (frame["conversation_id"], frame["person_id"])
                self.record.reads[key] = max(self.record.reads.get(key, 0), frame["seq"])
            await self.mirror.take(frame)
            self._note_logs()

    async def _speak(self, client: Client) -> None:
        chance = self._chance
        while True:
            if self.writes and len(self.unsent) < 5 and chance.random() < 0.7:
                self.unsent.append((chance.choice(self._talks), str(uuid4()), {"text": f"{chance.random()}"}))
            if self.unsent:
                id, name, payload = self.unsent[0]
                if chance.random() < 0.15:
                    # A device that did not wait for the answer and sends the same at once.
                    frame = {"op": "send", "conversation_id": id, "client_id": name, "kind": "text", "payload": payload}
                    client.socket.send(frame)
                if not self.writes:
                    self._meet(f"sends {name}")
                sent = await client.send(id, "text", payload, client_id=name)
                self.record.acknowledged[(id, name)] = sent["seq"]
                self._note(id, sent["seq"], name)
                self.unsent.pop(0)
            if self.writes and self.record.acknowledged and chance.random() < 0.1:
                # One that forgot that it was answered.
                id, name = chance.choice(list(self.record.acknowledged))
                again = await client.send(id, "text", {"text": "again"}, client_id=name)
                self._note(id, again["seq"], name)
            if self.writes and chance.random() < 0.3:
                id = chance.choice(self._talks)
                if id in self.mirror.conversations:
                    client.mark_read(id, self.mirror.conversations[id]["head_seq"])
            await asyncio.sleep(chance.uniform(0.01, 0.25))

    def _note_logs(self) -> None:
        """What pulling brought."""
        for id, log in self.mirror.logs.items():
            seq = self._noted.get(id, 0) + 1
            while seq in log:
                self._note(id, seq, log[seq]["id"])
                seq += 1
            self._noted[id] = seq - 1

    def _note(self, id: str, seq: int, name: str) -> None:
        self.record.told.append(((id, seq), name))


async def shown_to(client: Client) -> dict[str, Shown]:
    """What a fresh device of that person is shown."""
    fresh = Mirror(client)
    await fresh.pull()
    return {
        id: Shown(
            [
                Line(seq, message["id"], message["sender_id"])
                for seq, message in sorted(fresh.logs[id].items())
                if seq > one["from_seq"]
            ],
            one["read_seq"],
            one["unread"],
            one["from_seq"],
        )
        for id, one in fresh.conversations.items()
    }
