"""Trusting this machine: where it is reached over https, and the certificate that makes a phone believe it.

Both are asked for over plain http by a phone that does not trust anything of ours yet; neither is a secret.
"""

from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.response import File

from junzi.kit.config import Settings
from junzi.kit.errors import NotFound

CERTIFICATE = "application/x-x509-ca-cert"


class Trust(msgspec.Struct, frozen=True):
    """https_url: empty when this machine is not served over https by itself; fingerprint: SHA-256, as phones show it."""

    https_url: str
    fingerprint: str


@get("/api/trust", summary="Where this machine is reached over https", tags=["system"], sync_to_thread=False)
def show_trust(settings: Settings) -> Trust:
    return Trust(settings.https_url, settings.authority_fingerprint)


@get("/api/trust/certificate", summary="The authority to install", tags=["system"], sync_to_thread=False)
def show_certificate(settings: Settings) -> Response[bytes] | File:
    if not settings.authority:
        raise NotFound
    return File(Path(settings.authority), filename="junzi.crt", media_type=CERTIFICATE)


ROUTES = [show_trust, show_certificate]
