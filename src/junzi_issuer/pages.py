"""The person's door: the issuer's own page, plain forms that work without a script and behind any path prefix.

Every address on it is relative to /pages/<id>, and so is every redirect but the last, which leads back to the operator.
"""

from typing import Any

from litestar import Request, Response, get, post

from junzi_issuer import clock, keys
from junzi_issuer.bindings import (
    CardFaults,
    PageView,
    Step,
    cancel_binding,
    enter_card,
    enter_code,
    send_code_again,
    view_page,
)
from junzi_issuer.cards import TEST_CARDS
from junzi_issuer.html import ASSETS, Form, draw_missing, draw_page
from junzi_issuer.http import GivenIssuer
from junzi_issuer.issuer import Issuer
from junzi_issuer.model import NotFound
from junzi_issuer.rules import CodeVerdict, NumberFault, origin_of
from junzi_issuer.texts import TEXTS, Language, choose_language

MAX_FORM_BYTES = 8_192
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Vary": "Accept-Language",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@get("/pages/{page_id:str}")
async def get_page(issuer: GivenIssuer, request: Request[Any, Any, Any], page_id: str) -> Response[str]:
    """The page as far as it has come; `fill` puts a test card's number in, for browsers without script."""
    language = _language(request)
    try:
        view = await view_page(issuer, page_id)
    except NotFound:
        return _missing(language)
    return _page(view, language, Form(number=_number_to_fill(request)))


@post("/pages/{page_id:str}", status_code=200, request_max_body_size=MAX_FORM_BYTES)
async def post_page(issuer: GivenIssuer, request: Request[Any, Any, Any], page_id: str) -> Response[str]:
    """A form of the page: `step` is card, code, resend or cancel."""
    language = _language(request)
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        view = await view_page(issuer, page_id)
        if not keys.equal(fields.get("csrf_token", ""), view.binding.csrf_token):
            return _page(view, language, Form(notice=TEXTS[language]["fault_form"]), status=403)
        refusal = await _take_form(issuer, page_id, fields, language)
        view = await view_page(issuer, page_id)
    except NotFound:
        return _missing(language)
    if refusal is not None:
        return _page(view, language, refusal, status=422)
    if view.step is Step.ENDED:
        return _redirect(view, view.binding.return_url)
    return _redirect(view, f"{page_id}?lang={language}")


@get("/static/{name:str}")
async def get_asset(name: str) -> Response[bytes]:
    if name not in ASSETS:
        raise NotFound("There is nothing at this address.")
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(ASSETS[name], media_type=_MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)


async def _take_form(issuer: Issuer, page_id: str, fields: dict[str, str], language: Language) -> Form | None:
    """What to show the form with again; None where it was taken, or where it came too late to matter."""
    step = fields.get("step")
    if step == "card":
        number, holder = fields.get("card_number", ""), fields.get("holder", "")
        faults = await enter_card(issuer, page_id, number, holder)
        if faults is None:
            return None
        return Form(number=_number_to_show(number, faults), holder=holder, faults=faults)
    if step == "code":
        verdict = await enter_code(issuer, page_id, fields.get("code", ""))
        over = verdict in (None, CodeVerdict.RIGHT, CodeVerdict.WRONG_TOO_OFTEN)
        return None if over else Form(code_fault=verdict)
    if step == "resend":
        sent = await send_code_again(issuer, page_id)
        return None if sent else Form(notice=TEXTS[language]["fault_resend"])
    if step == "cancel":
        await cancel_binding(issuer, page_id)
        return None
    return Form(notice=TEXTS[language]["fault_form"])


def _number_to_show(number: str, faults: CardFaults) -> str:
    """What was typed, for correction; a card that is not of the sandbox may be a real one and is not sent back."""
    return "" if faults.number is NumberFault.FOREIGN else number


def _number_to_fill(request: Request[Any, Any, Any]) -> str:
    place = request.query_params.get("fill", "")
    if place.isascii() and place.isdigit() and len(place) < 4 and int(place) < len(TEST_CARDS):
        return TEST_CARDS[int(place)].number
    return ""


def _language(request: Request[Any, Any, Any]) -> Language:
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def _page(view: PageView, language: Language, form: Form, status: int = 200) -> Response[str]:
    html = draw_page(view, language, clock.now(), form)
    return Response(html, status_code=status, media_type="text/html", headers=_headers(view))


def _missing(language: Language) -> Response[str]:
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY}
    return Response(draw_missing(language), status_code=404, media_type="text/html", headers=headers)


def _redirect(view: PageView, to: str) -> Response[str]:
    return Response("", status_code=303, media_type="text/html", headers={**_headers(view), "Location": to})


def _headers(view: PageView) -> dict[str, str]:
    """A form may lead to the page itself and, by the redirect that ends the binding, back to the operator."""
    form_action = f"form-action 'self' {origin_of(view.binding.return_url)}"
    return {**_HEADERS, "Content-Security-Policy": f"{_POLICY}; {form_action}"}
