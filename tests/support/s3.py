"""A store that speaks S3, on a real socket, as far as files are kept in it: one that also fails, is slow, and hangs up."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4

import uvicorn

from tests.support.until import until

BUCKET, KEY, SECRET = "town", "TOWNKEY", "town-secret"
LEAST_PART_BYTES = 5 * 1024 * 1024
"""As S3 has it: every part but the last is at least so large."""

Answer = tuple[int, dict[str, str], bytes]


class Store:
    """objects, parts: what is kept. asked: method and path of every request

    fail:      answers 503 to so many requests that come
    hang_up:   ends the connection in the middle of so many answers
    delay_s:   waits so long before each answer
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.asked: list[str] = []
        self.fail = 0
        self.hang_up = 0
        self.delay_s = 0.0

    @property
    def environment(self) -> dict[str, str]:
        """What an operator says of it."""
        return {
            "AWS_ENDPOINT": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "eu-central-1",
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = bytearray(), True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        method, path = scope["method"], unquote(scope["path"])
        self.asked.append(f"{method} {path}")
        await asyncio.sleep(self.delay_s)
        if self.fail:
            self.fail -= 1
            answer: Answer = 503, {}, _error("SlowDown")
        elif f"AWS4-HMAC-SHA256 Credential={KEY}/" not in headers.get("authorization", ""):
            answer = 403, {}, _error("AccessDenied")
        elif path.split("/")[1] != BUCKET:
            answer = 404, {}, _error("NoSuchBucket")
        else:
            query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
            answer = self._answer(
                method, path.removeprefix(f"/{BUCKET}").removeprefix("/"), query, headers, bytes(body)
            )
        status, extra, content = answer
        # What a HEAD says of a length is that of a GET.
        said = {"content-length": str(len(content)), "last-modified": formatdate(usegmt=True), **extra}
        pairs = [(name.encode(), value.encode()) for name, value in said.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        if self.hang_up and content and method == "GET":
            self.hang_up -= 1
            await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
            raise ConnectionAbortedError("as asked")
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})

    def _answer(
        self, method: str, key: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> Answer:
        if method == "POST" and "uploads" in query:
            upload = str(uuid4())
            self.parts[upload] = {}
            return 200, {}, f"<R><Bucket>{BUCKET}</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId></R>".encode()
        if method == "POST" and "delete" in query:
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for gone in keys:
                self.objects.pop(gone, None)
            told = "".join(f"<Deleted><Key>{gone}</Key></Deleted>" for gone in keys)
            return 200, {}, f"<DeleteResult>{told}</DeleteResult>".encode()
        if "uploadId" in query:
            return self._of_upload(method, key, query["uploadId"][0], query, body)
        if method == "PUT":
            self.objects[key] = body
            return 200, {"etag": _etag(body)}, b""
        if method not in ("GET", "HEAD"):
            return 405, {}, _error("MethodNotAllowed")
        kept = self.objects.get(key)
        if kept is None:
            return 404, {}, _error("NoSuchKey")
        facts = {"etag": _etag(kept), "content-type": "application/octet-stream"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("range", ""))
        if wanted is None:
            return 200, facts, kept
        first, last = int(wanted[1]), min(int(wanted[2]), len(kept) - 1)
        return 206, {**facts, "content-range": f"bytes {first}-{last}/{len(kept)}"}, kept[first : last + 1]

    def _of_upload(self, method: str, key: str, upload: str, query: dict[str, list[str]], body: bytes) -> Answer:
        parts = self.parts.get(upload)
        if parts is None:
            return 404, {}, _error("NoSuchUpload")
        if method == "PUT":
            parts[int(query["partNumber"][0])] = body
            return 200, {"etag": _etag(body)}, b""
        if method == "POST":
            named = [(int(number), tag) for tag, number in _named(body.decode())]
            if any(tag != _etag(parts.get(number, b"")) for number, tag in named):
                return 400, {}, _error("InvalidPart")
            if any(len(parts[number]) < LEAST_PART_BYTES for number, _ in named[:-1]):
                return 400, {}, _error("EntityTooSmall")
            self.objects[key] = b"".join(parts[number] for number, _ in named)
            etag = _etag(self.objects[key])
            answer: Answer = 200, {}, f"<R><Bucket>{BUCKET}</Bucket><Key>{key}</Key><ETag>{etag}</ETag></R>".encode()
        else:
            answer = 204, {}, b""
        del self.parts[upload]
        return answer


@asynccontextmanager
async def store() -> AsyncIterator[Store]:
    made = Store("")
    server = uvicorn.Server(uvicorn.Config(made, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started)
        made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield made
    finally:
        server.should_exit = True
        await serving


def _named(body: str) -> list[tuple[str, str]]:
    """Tag and number of each part that a complete upload is made of, in their order."""
    found = []
    for part in re.findall(r"<Part>(.*?)</Part>", body, re.DOTALL):
        tag = re.search(r"<ETag>(.*?)</ETag>", part, re.DOTALL)
        number = re.search(r"<PartNumber>(\d+)</PartNumber>", part)
        assert tag and number
        found.append((tag[1].replace("&quot;", '"'), number[1]))
    return found


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
