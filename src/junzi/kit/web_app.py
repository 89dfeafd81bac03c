"""Serve the built web app: its files, and its one page for every address that is a page of it."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.response import File

from junzi.kit import town
from junzi.kit.config import Settings
from junzi.kit.errors import NotFound

FOLDER = Path(__file__).parent.parent / "_web"
NOT_PAGES = ("/api/", "/assets/", "/avatars/", "/v3/", "/pay/", "/secapi/", "/cgi-bin/", "/ilink/")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
COMPRESSED = {".br": "br", ".gz": "gzip"}
"""What the build lays beside a file, the smallest first."""

SECURITY = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(self)",
}


@get(["/", "/{path:path}"], include_in_schema=False, skip_compression=True)
async def web_app(request: Request[Any, Any, Any], settings: Settings, path: str = "/") -> File | Response[bytes]:
    """A file of the app if there is one at this address; the app's page if not."""
    try:
        file = (FOLDER / path.lstrip("/")).resolve()
        if file.is_dir():
            file = file / "index.html"
    except (OSError, ValueError) as failure:
        # No file system takes such a name.
        raise NotFound from failure
    if FOLDER.resolve() not in file.parents or file.suffix not in MEDIA_TYPES or not file.is_file():
        if path.startswith(NOT_PAGES) or Path(path).suffix in MEDIA_TYPES:
            raise NotFound
        file = FOLDER / "index.html"
    if not file.is_file():
        return Response(b"The web app is not built: run `make setup`.\n", status_code=503, media_type="text/plain")
    hashed = path.startswith("/assets/")
    headers = {"cache-control": FOR_EVER if hashed else ASK_AGAIN, **security(settings)}
    beside = _compressed(file, request.headers.get("accept-encoding", ""))
    if beside is not None:
        headers |= {"content-encoding": COMPRESSED[beside.suffix], "vary": "Accept-Encoding"}
    return File(
        path=beside or file,
        media_type=MEDIA_TYPES[file.suffix],
        content_disposition_type="inline",
        headers=headers,
    )


def _compressed(file: Path, accepted: str) -> Path | None:
    """The smallest form of it that was laid beside it and that the browser takes."""
    codings = {coding.partition(";")[0].strip() for coding in accepted.lower().split(",") if "q=0" not in coding}
    for suffix, coding in COMPRESSED.items():
        beside = file.with_name(file.name + suffix)
        if coding in codings and beside.is_file():
            return beside
    return None


def security(settings: Settings) -> dict[str, str]:
    """What a page may reach: itself, and what the operator configured."""
    policy, told = SECURITY["content-security-policy"], {}
    if settings.https_url:
        # The page that explains how to trust this machine asks its other door whether it is trusted.
        policy = policy.replace("connect-src 'self'", f"connect-src 'self' {settings.https_url}")
    if settings.map_tiles_url:
        scheme, _, rest = settings.map_tiles_url.partition("://")
        policy = policy.replace("img-src 'self'", f"img-src 'self' {scheme}://{rest.partition('/')[0]}")
        # OpenStreetMap's servers want to know from which site they are asked; they are not told from which page.
        told["referrer-policy"] = "strict-origin-when-cross-origin"
    if town.current().demo:
        # The tour of a demonstration shows pages of ours in a page of ours.
        policy = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return SECURITY | {"content-security-policy": policy} | told


ROUTES: list[Any] = [web_app]
