"""A town for browsers to look at: two people, one conversation of any length, and a server as it is shipped."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec

from benchmarks._served import SHIPPED, free_port, served
from junzi.app import open_house
from junzi.chat.actions import open_direct
from junzi.kit import migrate, town
from junzi.kit.config import Settings
from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.messages import Messages, NewMessage
from junzi.people import actions as people
from junzi.people.model import SignUp

TOGETHER = 1_000


class Town(msgspec.Struct, frozen=True):
    """token: of the person who reads"""

    url: str
    token: str
    conversation_id: UUID


@asynccontextmanager
async def served_town(parent: Path, *, messages: int) -> AsyncIterator[Town]:
    # PostgreSQL runs as another account when root measures.
    os.chmod(parent, 0o711)
    postgres = EmbeddedPostgres(parent / "data")
    try:
        await asyncio.to_thread(postgres.start)
        postgres.ensure_database("junzi")
        url, port = postgres.url("junzi"), free_port()
        await migrate.migrate(url)
        token, conversation_id = await _founded(url, parent / "data", messages)
        async with served(port, SHIPPED, url, parent / "data"):
            yield Town(f"http://localhost:{port}", token, conversation_id)
    finally:
        await asyncio.to_thread(postgres.stop)


async def _founded(url: str, data: Path, count: int) -> tuple[str, UUID]:
    database = await open_database(url, size=1)
    async with database.transaction() as tx:
        await town.found(tx, name="Bench", demo=False)
    await database.close()
    async with open_house(Settings(database_url=url, data=data)) as house:
        reader = await people.sign_up_here(house.database, SignUp("reader", "林小满", "a long sentence"))
        writer = await people.sign_up_here(house.database, SignUp("writer", "阿哲", "a long sentence"))
        conversation_id = await open_direct(house.messages, reader.person_id, writer.person_id)
        await _fill(house.messages, conversation_id, writer.person_id, count)
        return reader.token, conversation_id


async def _fill(messages: Messages, conversation_id: UUID, sender_id: UUID, count: int) -> None:
    def message(number: int) -> NewMessage:
        text = f"{number}: " + "面馆七点见。" * (1 + number * 7 % 9)
        return NewMessage(
            conversation_id=conversation_id,
            sender_id=sender_id,
            client_id=str(number),
            kind="text",
            payload={"text": text},
            fallback=text,
        )

    for first in range(0, count, TOGETHER):
        numbers = range(first, min(first + TOGETHER, count))
        await asyncio.gather(*(messages.append(message(number)) for number in numbers))
