"""What tests of chat do again and again."""

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image

from junzi.client import Client
from junzi.kit import clock
from junzi.kit.clock import SimulatedClock
from tests.support.house import Running


async def people(served: Running, *handles: str) -> list[Client]:
    return list(await asyncio.gather(*(served.person(handle) for handle in handles)))


async def group(served: Running, owner: Client, *others: Client, name: str = "Hikers") -> dict[str, Any]:
    """A group of the owner and friends, who become that first."""
    known = {one["person"]["id"] for one in (await owner.get("/api/contacts"))["contacts"]}
    for other in others:
        if other.me["id"] not in known:
            await served.friends(owner, other)
    wanted = {"id": str(uuid4()), "name": name, "member_ids": [other.me["id"] for other in others]}
    made: dict[str, Any] = await owner.post("/api/groups", wanted)
    return made


async def shown(client: Client, conversation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await client.get(f"/api/conversations/{conversation_id}")
    return found


async def log(client: Client, conversation_id: str, query: str = "limit=100") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/api/conversations/{conversation_id}/messages?{query}"))[
        "messages"
    ]
    return found


async def say(client: Client, conversation_id: str, text: str, **payload: Any) -> dict[str, Any]:
    """Write a text over HTTP; the message as it stands."""
    wanted = {"client_id": str(uuid4()), "kind": "text", "payload": {"text": text, **payload}}
    said: dict[str, Any] = await client.post(f"/api/conversations/{conversation_id}/messages", wanted)
    return said


async def send(client: Client, conversation_id: str, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    wanted = {"client_id": str(uuid4()), "kind": kind, "payload": payload}
    said: dict[str, Any] = await client.post(f"/api/conversations/{conversation_id}/messages", wanted)
    return said


async def keeps(client: Client, conversation_id: str, **mine: object) -> None:
    await client.patch(f"/api/conversations/{conversation_id}/mine", mine)


def picture(width: int = 40, height: int = 20, format: str = "JPEG", **saved: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#0a7").save(out, format, **saved)
    return out.getvalue()


class later:
    """The time, so much later, while the block runs."""

    def __init__(self, **ahead: float) -> None:
        self._at = clock.now() + timedelta(**ahead)

    def __enter__(self) -> None:
        clock.use(SimulatedClock(self._at))

    def __exit__(self, *_: object) -> None:
        clock.use(None)
