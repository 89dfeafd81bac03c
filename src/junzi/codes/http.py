"""The picture of a code, for screens and printers."""

from typing import Any

from litestar import Request, Response, get

from junzi.codes import actions, emv, rules
from junzi.codes.model import AddressNotPublic, CodeDamaged
from junzi.codes.rules import Reach
from junzi.kit.address import host_of, public_url
from junzi.kit.config import Settings
from junzi.kit.qr import picture


def printed_url(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Our address for what is printed and stays for years. Raises `AddressNotPublic` for one of this machine, and for one of
    a home's network unless the operator set it."""
    address = public_url(request, settings)
    reach = rules.reach_of(address)
    if reach is Reach.MACHINE or (reach is Reach.NETWORK and address != settings.public_url):
        raise AddressNotPublic(
            f"{address} would stand on the poster, which other phones do not reach. Start Junzi with --public-url, or set "
            "JUNZI_PUBLIC_URL, to the address that phones use.",
            address=address,
            setting="JUNZI_PUBLIC_URL",
        )
    return address


def own_hosts(request: Request[Any, Any, Any], settings: Settings) -> frozenset[str]:
    """The hosts whose codes are ours: the one asked, and those we put into codes."""
    addresses = (str(request.base_url).rstrip("/"), settings.public_url, settings.network_url)
    return frozenset({emv.host_of(settings.emv_identifier), *map(host_of, addresses)} - {""})


def emv_identifier(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Who we are in a merchant code (EMVCo): what the operator set, or what follows from our address."""
    return settings.emv_identifier or emv.identifier_of(host_of(public_url(request, settings)))


@get("/api/codes/{code:str}/image.svg")
async def code_image(request: Request[Any, Any, Any], code: str, settings: Settings) -> Response[bytes]:
    if not rules.is_whole(code):
        raise CodeDamaged
    text = actions.address(code, public_url(request, settings))
    return Response(picture(text), media_type="image/svg+xml")


ROUTES: list[Any] = [code_image]
