"""Files: what is taken, what is taken out of them, who reads them, and when they are forgotten."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from junzi.client import Client, Refused
from junzi.media import actions
from junzi.media.model import MEBIBYTE, MOST_BYTES, Kind
from tests.chat.talk import later, picture, send
from tests.support.house import Running
from tests.support.until import until

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


async def bytes_of(client: Client, path: str, **headers: str) -> bytes:
    return (await client.raw("GET", path, headers=headers)).content


async def test_what_a_picture_says_beside_itself_is_removed(served: Running) -> None:
    anna = await served.person("anna")
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION] = "Spyphone", 6
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 0.0)
    sent = picture(60, 20, exif=exif.tobytes(), comment=b"private remark")
    assert b"Spyphone" in sent
    media = await anna.upload("picture", sent, "IMG.jpg")
    # Sideways: it is looked at as 20 wide and 60 high.
    assert (media["width"], media["height"], media["type"], media["name"]) == (20, 60, "image/jpeg", "IMG.jpg")
    original = await bytes_of(anna, f"/api/media/{media['id']}?size=original")
    assert b"Spyphone" not in original
    assert b"private remark" not in original
    kept = Image.open(BytesIO(original))
    assert dict(kept.getexif()) == {ORIENTATION: 6}
    assert len(original) == media["bytes"]
    shown = Image.open(BytesIO(await bytes_of(anna, f"/api/media/{media['id']}")))
    assert (shown.format, shown.size) == ("WEBP", (20, 60))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_no_format_keeps_a_remark(served: Running, format: str) -> None:
    exif = Image.Exif()
    exif[MAKER] = "Spyphone"
    text = PngInfo()
    text.add_text("Author", "Spyphone")
    saved: dict[str, Any] = {
        "JPEG": {"exif": exif, "xmp": b"<x>Spyphone</x>", "comment": b"Spyphone"},
        "PNG": {"exif": exif, "pnginfo": text},
        "WEBP": {"exif": exif, "xmp": b"<x>Spyphone</x>"},
        "GIF": {"comment": b"Spyphone"},
        "AVIF": {"exif": exif, "xmp": b"<x>Spyphone</x>"},
    }
    sent = picture(format=format, **saved[format])
    assert b"Spyphone" in sent
    anna = await served.person("anna")
    media = await anna.upload("picture", sent)
    for size in ("original", "screen", "small"):
        assert b"Spyphone" not in await bytes_of(anna, f"/api/media/{media['id']}?size={size}")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_large_pictures_come_in_sizes(served: Running, format: str) -> None:
    anna = await served.person("anna")
    media = await anna.upload("picture", picture(3200, 800, format))
    sizes = {}
    for size in ("small", "screen", "original"):
        sizes[size] = Image.open(BytesIO(await bytes_of(anna, f"/api/media/{media['id']}?size={size}")))
    assert {size: shown.size for size, shown in sizes.items()} == {
        "small": (320, 80), "screen": (1600, 400), "original": (3200, 800)
    }  # fmt: skip
    assert sizes["original"].format == format


async def test_a_moving_picture_moves_on(served: Running) -> None:
    anna = await served.person("anna")
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    media = await anna.upload("picture", out.getvalue())
    kept = Image.open(BytesIO(await bytes_of(anna, f"/api/media/{media['id']}?size=original")))
    assert kept.n_frames == 3


async def test_what_is_no_picture_or_too_large_a_one_is_refused(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await served.person("anna")
    monkeypatch.setattr("junzi.media.pictures.MOST_PIXELS", 1_000)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for content in (b"x", svg, picture()[:200], b"GIF89a", picture(100, 100)):
        with pytest.raises(Refused, match="media-unfit"):
            await anna.upload("picture", content)
    with pytest.raises(Refused, match="media-unfit"):
        await anna.upload("voice", picture())
    with pytest.raises(Refused, match="media-unfit"):
        await anna.upload("file", b"")
    assert list(served.house.blobs.uploads.iterdir()) == []
    assert await served.count("select coalesce(sum(bytes), 0) from media.days") == 0


async def test_the_same_id_again_is_the_same_file(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    id = str(uuid4())
    first = await anna.upload("file", b"one", "a.txt", media_id=id)
    assert await anna.upload("file", b"another", "b.txt", media_id=id) == first
    assert await bytes_of(anna, f"/api/media/{id}") == b"one"
    with pytest.raises(Refused, match="not-found"):
        await bela.upload("file", b"mine", media_id=id)


async def test_a_file_is_larger_than_memory_wants_and_comes_in_ranges(served: Running) -> None:
    anna = await served.person("anna")
    content = bytes(range(256)) * 4096 * 5
    media = await anna.upload("file", content, "big.bin")
    path = f"/api/media/{media['id']}"
    whole = await anna.raw("GET", path)
    assert whole.content == content
    assert (whole.headers["accept-ranges"], "content-encoding" in whole.headers) == ("bytes", False)
    assert "no-store" not in whole.headers["cache-control"]
    for asked, part in (("bytes=0-9", content[:10]), ("bytes=-5", content[-5:]), ("bytes=5242870-", content[5242870:])):
        answer = await anna.raw("GET", path, headers={"range": asked})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{len(content)}")
    for asked in ("bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=x-y"):
        assert (await anna.raw("GET", path, headers={"range": asked})).status_code == 200
    with pytest.raises(Refused) as refused:
        await anna.raw("GET", path, headers={"range": "bytes=99999999-"})
    assert refused.value.status == 416


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory was used at the most")
async def test_the_largest_file_passes_in_both_directions_without_lying_in_memory(served: Running) -> None:
    anna = await served.person("anna")
    length, sent, came = MOST_BYTES[Kind.FILE], hashlib.sha256(), hashlib.sha256()

    async def content() -> AsyncIterator[bytes]:
        for number in range(length // MEBIBYTE):
            piece = number.to_bytes(4) * (MEBIBYTE // 4)
            sent.update(piece)
            yield piece

    path = f"/api/media/{uuid4()}"
    before = memory_bytes("VmRSS")
    count_the_most_anew()
    async with httpx.AsyncClient(base_url=served.url, timeout=60, trust_env=False) as http:
        http.headers = httpx.Headers({"Cookie": f"junzi_session={anna.token}", "Origin": served.url})
        answer = await http.put(f"{path}?kind=file", content=content(), headers={"Content-Length": str(length)})
        assert answer.status_code == 201, answer.text
        assert answer.json()["bytes"] == length
        async with http.stream("GET", path) as whole:
            async for piece in whole.aiter_raw():
                came.update(piece)
    assert came.digest() == sent.digest()
    # Both ends are in this process, and each holds a few pieces.
    assert memory_bytes("VmHWM") - before < length * 6 // 10


def count_the_most_anew() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def memory_bytes(name: str) -> int:
    """Of this process: VmRSS, what it has now, or VmHWM, the most it had."""
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def head_of(client: Client, host: str, id: UUID, kind: str, length: str) -> bytes:
    lines = [
        f"PUT /api/media/{id}?kind={kind} HTTP/1.1", f"Host: {host}", f"Cookie: junzi_session={client.token}", length
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


async def test_lengths_are_bounded_before_anything_is_read(served: Running) -> None:
    anna = await served.person("anna")

    async def asked(kind: str, length: str) -> dict[str, Any]:
        host = served.url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(head_of(anna, host, uuid4(), kind, length))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        said = await reader.readexactly(int(head.partition("content-length: ")[2].split()[0]))
        writer.close()
        problem: dict[str, Any] = msgspec.json.decode(said)
        assert problem["status"] == int(head.split()[1])
        return problem

    assert (await asked("picture", f"Content-Length: {20 * 1024**2 + 1}"))["status"] == 413
    too_large = await asked("file", f"Content-Length: {100 * 1024**2 + 1}")
    assert (too_large["status"], too_large["type"]) == (413, "/problems/too-large")
    assert too_large["detail"] == "A file may have 100 MiB."
    assert (await asked("file", "Transfer-Encoding: chunked\r\n\r\n0"))["status"] == 411


async def test_an_upload_that_breaks_off_leaves_nothing(served: Running) -> None:
    anna = await served.person("anna")
    host = served.url.removeprefix("http://")
    _, writer = await asyncio.open_connection(*host.split(":"))
    id = uuid4()
    writer.write(head_of(anna, host, id, "file", "Content-Length: 1000") + b"half")
    await writer.drain()
    await until(lambda: list(served.house.blobs.uploads.iterdir()))
    writer.close()
    await until(lambda: not list(served.house.blobs.uploads.iterdir()))
    assert await served.count("select count(*) from media.files") == 0
    assert await served.count("select coalesce(sum(bytes), 0) from media.days") == 0


async def test_a_day_has_its_measure(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.media.upload.MOST_BYTES_A_DAY", 100)
    anna, bela = await served.person("anna"), await served.person("bela")
    await anna.upload("file", b"x" * 60)
    with pytest.raises(Refused, match="media-quota"):
        await anna.upload("file", b"x" * 41)
    await anna.upload("file", b"y" * 40)
    await bela.upload("file", b"x" * 100)


async def test_what_was_never_sent_is_forgotten_after_a_day(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    id = await served.friends(anna, bela)
    # Equal bytes of one owner are kept once; those of the file that was sent stay.
    kept, same, lost = [await anna.upload("file", content) for content in (b"kept", b"kept", b"lost")]
    await send(anna, id, "file", {"media_id": kept["id"]})
    assert await actions.forget_unread(served.house.database, served.house.blobs) == 0
    with later(days=1, minutes=1):
        assert await actions.forget_unread(served.house.database, served.house.blobs) == 2
    assert await bytes_of(bela, f"/api/conversations/{id}/media/{kept['id']}") == b"kept"
    for gone in (same, lost):
        with pytest.raises(Refused, match="not-found"):
            await anna.raw("GET", f"/api/media/{gone['id']}")
    stored = [path.name for path in (served.house.settings.data / "blobs" / str(UUID(anna.me["id"]))).iterdir()]
    assert len(stored) == 1
