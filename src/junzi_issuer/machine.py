"""The operator's door: JSON under /v1, opened by the bearer key."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from junzi_issuer import clock, keys, store
from junzi_issuer.bindings import read_binding, simulate_binding, start_binding
from junzi_issuer.http import GivenIssuer, cut_connection, read_json
from junzi_issuer.issuer import Issuer
from junzi_issuer.model import (
    BindingAnswer,
    BindingRequest,
    BindingStarted,
    CardNumber,
    NotAuthorised,
    NotFound,
    PaymentAnswer,
    PaymentKind,
    PaymentRequest,
)
from junzi_issuer.payments import Outcome, find_payment, pay
from junzi_issuer.rules import Delivery

MAX_BODY_BYTES = 16_384
FIRST_TRY_TIMEOUT_S = 6.0


def machine_router(issuer: Issuer) -> Router:
    """All routes of the operator behind one guard, which comes before anything else is looked at."""

    def require_key(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if not keys.is_operator(issuer.keys, connection.headers.get("authorization", "")):
            raise NotAuthorised("Send the operator's key as Authorization: Bearer <key>.")

    return Router(
        path="/v1",
        guards=[require_key],
        request_max_body_size=MAX_BODY_BYTES,
        route_handlers=[
            post_binding,
            get_binding,
            post_simulation,
            post_debit,
            get_debit,
            post_credit,
            get_credit,
            delete_token,
        ],
    )


@post("/bindings", status_code=201)
async def post_binding(issuer: GivenIssuer, body: bytes) -> BindingStarted:
    return await start_binding(issuer, read_json(body, BindingRequest))


@get("/bindings/{reference:uuid}")
async def get_binding(issuer: GivenIssuer, reference: UUID) -> BindingAnswer:
    return await read_binding(issuer, reference)


@post("/bindings/{reference:uuid}/simulate", status_code=200)
async def post_simulation(issuer: GivenIssuer, reference: UUID, body: bytes) -> BindingAnswer:
    return await simulate_binding(issuer, reference, read_json(body, CardNumber).card_number)


@post("/debits", status_code=201)
async def post_debit(issuer: GivenIssuer, request: Request[Any, Any, Any], body: bytes) -> PaymentAnswer | None:
    outcome = await pay(issuer, PaymentKind.DEBIT, read_json(body, PaymentRequest))
    return await _deliver(issuer, request, outcome)


@get("/debits/{reference:uuid}")
async def get_debit(issuer: GivenIssuer, reference: UUID) -> PaymentAnswer:
    return await find_payment(issuer, PaymentKind.DEBIT, reference)


@post("/credits", status_code=201)
async def post_credit(issuer: GivenIssuer, request: Request[Any, Any, Any], body: bytes) -> PaymentAnswer | None:
    outcome = await pay(issuer, PaymentKind.CREDIT, read_json(body, PaymentRequest))
    return await _deliver(issuer, request, outcome)


@get("/credits/{reference:uuid}")
async def get_credit(issuer: GivenIssuer, reference: UUID) -> PaymentAnswer:
    return await find_payment(issuer, PaymentKind.CREDIT, reference)


@delete("/tokens/{token:str}", status_code=204)
async def delete_token(issuer: GivenIssuer, token: str) -> None:
    if not token.isprintable() or not await store.revoke_token(issuer.pool, token, clock.now()):
        raise NotFound("No card was ever bound under this token.")


@get("/healthz")
async def get_health() -> Response[dict[str, str]]:
    return Response({"state": "ok"}, headers={"Cache-Control": "no-store"})


async def _deliver(issuer: Issuer, request: Request[Any, Any, Any], outcome: Outcome) -> PaymentAnswer | None:
    """Answers as the card behaves; everything is committed by now, so stopping the process loses nothing."""
    times = issuer.settings.times
    if outcome.delivery is Delivery.AFTER_DELAY:
        await issuer.pauses.wait(times.delay_ms)
    elif outcome.delivery is Delivery.AFTER_NOTIFICATION and outcome.notification_id is not None:
        await issuer.courier.wait_for_first_try(outcome.notification_id, FIRST_TRY_TIMEOUT_S)
    elif outcome.delivery is Delivery.NEVER:
        await issuer.pauses.wait(times.timeout_ms)
        await cut_connection(request)
    elif outcome.delivery is Delivery.CUT:
        await cut_connection(request)
    return outcome.answer
