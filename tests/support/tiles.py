"""A server of map tiles as they are on the net: some of its pictures are missing, refused, broken or late."""

import asyncio
import io
import math
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus

from PIL import Image, ImageDraw

TILE = 256
RING = 26
"""Radius of what is drawn around each place, in pixels: larger than a mark, so that it is seen around it."""
INK = (255, 0, 255)
HOST = "localhost"
"""Another name than the one under which Junzi is served here, so that cookies have a border to stop at."""


class Tiles:
    """places: (latitude, longitude) in degrees, around which a ring is drawn; asked: the head of each request

    Tiles on which a ring is drawn are there. Of the others some are missing, refused or no picture, and some come when `hurry`
    is set.
    """

    def __init__(self, places: Iterable[tuple[float, float]]) -> None:
        self.places = list(places)
        self.asked: list[str] = []
        self.hurry = asyncio.Event()
        self.down = False
        self.url = ""

    @property
    def numbers(self) -> set[tuple[int, ...]]:
        """z, x and y of all that were asked for."""
        return {tuple(int(part) for part in re.findall(r"\d+", head.split(" ")[1])) for head in self.asked}

    def spots(self, zoom: int) -> list[tuple[float, float]]:
        """Where the places are, in pixels of the whole map at that zoom."""
        return [_pixel(latitude, longitude, zoom) for latitude, longitude in self.places]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            status, body = await self._picture(head)
            told = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: image/png\r\n"
            writer.write(f"{told}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The browser opens connections that it does not use, and leaves what it need not wait for any more.
        finally:
            writer.close()

    async def _picture(self, head: str) -> tuple[int, bytes]:
        asked = re.match(r"GET /(\d+)/(\d+)/(\d+)\.png HTTP", head)
        if self.down or asked is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, b""
        zoom, x, y = (int(part) for part in asked.groups())
        near = [(across - x * TILE, down - y * TILE) for across, down in self.spots(zoom)]
        near = [spot for spot in near if all(-2 * RING < part < TILE + 2 * RING for part in spot)]
        if not near:
            match (x + 2 * y) % 6:
                case 0:
                    return HTTPStatus.NOT_FOUND, b"no such tile"
                case 1:
                    return HTTPStatus.SERVICE_UNAVAILABLE, b""
                case 2:
                    return HTTPStatus.OK, b"<html>not a picture</html>"
                case 3:
                    await self.hurry.wait()
        picture = Image.new("RGB", (TILE, TILE), (242, 239, 233))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, TILE - 1, TILE - 1), outline=(208, 208, 200))
        draw.text((8, 8), f"{zoom}/{x}/{y}", fill=(120, 120, 120))
        for across, down in near:
            draw.circle((across, down), RING, outline=INK, width=3)
        drawn = io.BytesIO()
        picture.save(drawn, "PNG")
        return HTTPStatus.OK, drawn.getvalue()


@asynccontextmanager
async def opened_tiles(places: Iterable[tuple[float, float]]) -> AsyncIterator[Tiles]:
    tiles = Tiles(places)
    server = await asyncio.start_server(tiles.answer, "127.0.0.1", 0)
    tiles.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    try:
        yield tiles
    finally:
        tiles.hurry.set()
        server.close()


def middle_of_ink(picture: bytes) -> tuple[float, float]:
    """The middle of the one ring in a screenshot, in its pixels."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    red, green, blue = (band.tobytes() for band in image.split())
    found = [
        (at % image.width, at // image.width)
        for at, (r, g, b) in enumerate(zip(red, green, blue, strict=True))
        if r > 180 and b > 180 and g < 140
    ]
    assert found, "no ring is seen"
    across, down = zip(*found, strict=True)
    return (min(across) + max(across) + 1) / 2, (min(down) + max(down) + 1) / 2


def _pixel(latitude: float, longitude: float, zoom: int) -> tuple[float, float]:
    """https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames"""
    whole = TILE * 2.0**zoom
    angle = math.radians(latitude)
    return (longitude + 180) / 360 * whole, (1 - math.log(math.tan(angle) + 1 / math.cos(angle)) / math.pi) / 2 * whole
