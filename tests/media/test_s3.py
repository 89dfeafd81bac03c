"""Files in a store that speaks S3: kept whole, read in part, and what becomes of people when it fails."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from junzi.client import Client, Refused
from junzi.kit import ids
from junzi.kit.config import Settings
from junzi.kit.errors import Busy, NotFound
from junzi.media import blobs as blobs_module
from junzi.media.blobs import Blobs, open_blobs
from tests.chat.talk import picture
from tests.support.house import Running, running
from tests.support.s3 import BUCKET, Store, store

ANNA = ids.new_id()


@pytest_asyncio.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    async with store() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest_asyncio.fixture
async def blobs(s3: Store, tmp_path: Path) -> Blobs:
    return await open_blobs(Settings(database_url="", data=tmp_path, blobs_url=f"s3://{BUCKET}/files"))


async def put(blobs: Blobs, name: str, content: bytes, owner_id: UUID = ANNA) -> None:
    source = blobs.uploads / str(ids.new_id())
    source.write_bytes(content)
    await blobs.put(owner_id, name, source)
    source.unlink()


async def read(blobs: Blobs, name: str, first: int, last: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(ANNA, name, first, last)])


async def test_what_is_kept_is_there_whole_and_in_part_until_it_is_forgotten(s3: Store, blobs: Blobs) -> None:
    small, large = b"a few words", os.urandom(12 * 1024 * 1024 + 17)
    await put(blobs, "small", small)
    await put(blobs, "large", large)
    assert set(s3.objects) == {f"files/{ANNA}/small", f"files/{ANNA}/large"}
    assert s3.objects[f"files/{ANNA}/large"] == large
    assert s3.parts == {}
    assert await blobs.size(ANNA, "large") == len(large)
    assert await read(blobs, "small", 0, len(small) - 1) == small
    assert await read(blobs, "large", 6_000_000, 11_999_999) == large[6_000_000:12_000_000]
    await blobs.delete(ANNA, ["small", "large", "large.shown"])
    assert list(s3.objects) == []
    with pytest.raises(NotFound):
        await blobs.size(ANNA, "small")
    with pytest.raises(NotFound):
        await read(blobs, "small", 0, 1)


async def test_a_store_that_fails_for_a_moment_is_asked_again(s3: Store, blobs: Blobs) -> None:
    large = os.urandom(6 * 1024 * 1024)
    s3.fail, s3.delay_s = 2, 0.05
    await put(blobs, "large", large)
    s3.fail = 1
    assert await blobs.size(ANNA, "large") == len(large)
    s3.fail = 1
    assert await read(blobs, "large", 0, 99) == large[:100]
    s3.fail = 1
    await blobs.delete(ANNA, ["large"])
    assert list(s3.objects) == []


async def test_an_answer_that_breaks_off_is_never_taken_for_the_whole(s3: Store, blobs: Blobs) -> None:
    content = os.urandom(3 * 1024 * 1024)
    await put(blobs, "file", content)
    s3.hang_up = 1
    try:
        assert await read(blobs, "file", 0, len(content) - 1) == content
    except Exception as failure:
        assert not isinstance(failure, AssertionError), "a part was taken for the whole"
    assert s3.hang_up == 0
    assert await read(blobs, "file", 0, len(content) - 1) == content


async def test_a_store_that_is_away_is_busy_in_a_while(
    s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(blobs_module._RETRIES, "max_retries", 1)
    blobs = await open_blobs(Settings(database_url="", data=tmp_path, blobs_url=f"s3://{BUCKET}/files"))
    s3.fail = 1_000
    for refused in (put(blobs, "file", b"words"), blobs.size(ANNA, "file"), read(blobs, "file", 0, 1)):
        with pytest.raises(Busy):
            await refused
    assert 3 < len(s3.asked) < 12


async def test_a_store_that_says_nothing_is_not_waited_for(
    s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(blobs_module._CLIENT, "read_timeout", "0.3s")
    monkeypatch.setitem(blobs_module._RETRIES, "max_retries", 1)
    blobs = await open_blobs(Settings(database_url="", data=tmp_path, blobs_url=f"s3://{BUCKET}/files"))
    s3.delay_s = 8
    with pytest.raises(Busy):
        await blobs.size(ANNA, "file")
    s3.delay_s = 0


async def test_who_reads_slowly_gets_all_of_it(s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(blobs_module._CLIENT, "read_timeout", "1s")
    blobs = await open_blobs(Settings(database_url="", data=tmp_path, blobs_url=f"s3://{BUCKET}/files"))
    content = os.urandom(24 * 1024 * 1024)
    s3.objects[f"files/{ANNA}/film"] = content
    read = bytearray()
    async for piece in blobs.read(ANNA, "film", 0, len(content) - 1):
        read += piece
        await asyncio.sleep(0.02)
    assert read == content
    assert s3.asked == [f"GET /{BUCKET}/files/{ANNA}/film"], "in one go"


@pytest_asyncio.fixture
async def house(s3: Store, database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, blobs_url=f"s3://{BUCKET}/files") as house:
        yield house


async def test_a_picture_goes_to_the_store_and_comes_back(s3: Store, house: Running) -> None:
    anna = await house.person("anna")
    media = await anna.upload("picture", picture(600, 400), "hill.jpg")
    assert len(s3.objects) >= 2, "the original and what is shown of it"
    original = (await anna.raw("GET", f"/api/media/{media['id']}?size=original")).content
    assert original in s3.objects.values()
    part = await anna.raw("GET", f"/api/media/{media['id']}?size=original", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, original[10:20])


async def test_who_uploads_while_the_store_is_away_is_told_so_and_may_again(
    s3: Store, house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await house.person("anna")
    s3.fail = 1_000
    media_id = str(ids.new_id())
    assert await refusal(anna, media_id) == ("busy", 503)
    assert await house.count("select count(*) from media.files") == 0
    s3.fail = 0
    assert (await anna.upload("file", b"x" * 100, "list.txt", media_id=media_id))["bytes"] == 100


async def refusal(client: Client, media_id: str) -> tuple[str, int | None]:
    with pytest.raises(Refused) as refused:
        await client.upload("file", b"x" * 100, "list.txt", media_id=media_id)
    return refused.value.slug, refused.value.status
