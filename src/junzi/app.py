"""The composition: opens what a process needs and puts the rooms' routes behind one door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.di import Provide

from junzi import worker
from junzi.admin import description, system, tour, trust
from junzi.admin import http as admin
from junzi.bank import accounts as bank_accounts
from junzi.bank import notification, sandbox_pages
from junzi.bank.issuer import Issuer
from junzi.chat import http as chat
from junzi.chat import http_groups as groups
from junzi.chat import http_media as media
from junzi.chat.push import Pusher
from junzi.checkout import http as checkout
from junzi.checkout.pay import Paying, open_paying
from junzi.codes import http as codes
from junzi.contacts import http as contacts
from junzi.coupons import accounts as coupon_accounts
from junzi.coupons import http as coupons
from junzi.coupons.give import Giving, open_giving
from junzi.field import accounts as field_accounts
from junzi.field import http as field
from junzi.field import http_commission as commissions
from junzi.field import http_incident as incidents
from junzi.field import http_ops as field_ops
from junzi.field import http_shelter as shelters
from junzi.field import http_sign_up as field_sign_ups
from junzi.field import http_survey as surveys
from junzi.field import http_visit as visits
from junzi.gateway.gateway import Gateway
from junzi.growth import http as growth
from junzi.growth import http_brief as brief
from junzi.growth import http_calendar as calendar
from junzi.growth import http_sources as sources
from junzi.growth import http_third as third
from junzi.kit import outbox, town, web_app
from junzi.kit.bus import Bus
from junzi.kit.config import Settings, key_file
from junzi.kit.database import Database, open_database
from junzi.kit.errors import Busy
from junzi.kit.express import Express, Provider
from junzi.kit.jobs import Background
from junzi.kit.nats_bus import open_nats_bus
from junzi.kit.turn import Turn
from junzi.kit.web import EXCEPTION_HANDLERS, Door, StrictRequest, idempotency_key
from junzi.ledger import Ledger, open_ledger
from junzi.media.blobs import Blobs, open_blobs
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import http as merchants
from junzi.merchants import http_areas as areas
from junzi.merchants import http_stores as stores
from junzi.messages import Messages, open_messages
from junzi.notices import http as notices
from junzi.notices.push import Push
from junzi.operators import http as operators
from junzi.operators import http_sign_in as sign_in
from junzi.people import http as people
from junzi.people.model import PinKey
from junzi.settlement import http as settlement
from junzi.standing import accounts as standing_accounts
from junzi.standing import http as standing
from junzi.wallet import http as wallet

MOST_BODY_BYTES = 256 * 1024
START_PATIENCE_S = 15.0
GIVEN = ("settings", "database", "ledger", "messages", "giving", "paying", "bus", "issuer", "pin_key", "blobs", "push")
"""What of a house handlers may ask for."""


class House(msgspec.Struct, frozen=True):
    """Everything open that the rooms work with."""

    settings: Settings
    database: Database
    ledger: Ledger
    messages: Messages
    giving: Giving
    paying: Paying
    bus: Bus
    issuer: Issuer
    pin_key: PinKey
    blobs: Blobs
    relay: outbox.Relay
    gateway: Gateway
    push: Push
    pusher: Pusher


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open database, engines and the way to the bank; nothing works in the background yet.

    Raises `EngineTaken` when another process writes this database and is not on the bus, `NatsUnreachable` when there should be a
    bus and is none, `LookupError` when the database has no operator.
    """
    async with AsyncExitStack() as stack:
        database = await open_database(settings.database_url, size=settings.pool_size)
        stack.push_async_callback(database.close)
        async with database.read() as reader:
            await town.load(reader)
        await outbox.keep_days(database)
        bus = await open_nats_bus(settings.nats_url, settings.database_url) if settings.nats_url else Bus()
        stack.push_async_callback(bus.close)
        ledger = await open_ledger(settings.database_url, bus)
        stack.push_async_callback(ledger.close)
        messages = await open_messages(settings.database_url, bus)
        stack.push_async_callback(messages.close)
        issuer = Issuer(settings.issuer_url, settings.issuer_key)
        stack.push_async_callback(issuer.close)
        giving = await open_giving(settings.database_url, ledger)
        stack.push_async_callback(giving.close)
        paying = await open_paying(settings.database_url)
        stack.push_async_callback(paying.close)
        blobs = await open_blobs(settings)
        contact = settings.public_url if settings.public_url.startswith("https:") else "mailto:operator@localhost"
        push_hosts = frozenset(settings.push_hosts.split(",")) - {""}
        push = Push(database, key_file(settings.data, "vapid-1"), contact, push_hosts)
        stack.push_async_callback(push.close)
        gateway = Gateway(database, messages, bus)
        await _open_accounts(ledger)
        yield House(
            settings=settings,
            database=database,
            ledger=ledger,
            messages=messages,
            giving=giving,
            paying=paying,
            bus=bus,
            issuer=issuer,
            pin_key=PinKey("pin-1", key_file(settings.data, "pin-1")),
            blobs=blobs,
            relay=outbox.Relay(database, worker.listeners(database, ledger, messages, giving, issuer)),
            gateway=gateway,
            push=push,
            pusher=Pusher(database, messages, bus, push, gateway.who_looks),
        )


async def _open_accounts(ledger: Ledger) -> None:
    """The accounts that belong to nobody. Where several processes start together, the ledger's writer may move meanwhile."""
    accounts = [
        *(bank_accounts.account(), merchant_accounts.fees(), *coupon_accounts.sources()),
        standing_accounts.source(),
        field_accounts.source(),
    ]
    give_up_at = asyncio.get_running_loop().time() + START_PATIENCE_S
    while True:
        try:
            await ledger.create_accounts(accounts)
            return
        except Busy:
            if asyncio.get_running_loop().time() > give_up_at:
                raise
        await asyncio.sleep(0.1)


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[None]:
    """Deliver events, finish interrupted flows and tidy up in the background while the block runs."""
    background = Background()
    background.keep("push", house.pusher.run)
    settings = house.settings

    def keep(background: Background) -> None:
        worker.keep(
            background, house.database, house.ledger, house.issuer, house.blobs, house.relay, settings.sweep_every_s
        )
        worker.keep_brief(background, house.database, house.messages, settings)

    turn = Turn(settings.database_url, "worker", keep) if house.bus.reaches_others else None
    if turn is None:
        keep(background)
    else:
        house.database.on_events(lambda: house.bus.publish(outbox.STORED, None))
        house.bus.subscribe(outbox.STORED, lambda _: house.relay.wake())
        await turn.open()
    try:
        yield
    finally:
        if turn is not None:
            await turn.close()
        await background.stop()


def asgi(house: House) -> Any:
    """The whole HTTP side as one ASGI application."""
    routes = litestar()

    express = Express(
        checkout.OFTEN,
        {
            **{name: _always(getattr(house, name)) for name in GIVEN},
            "request": lambda request: request,
            "person": lambda request: people.provide_person(request, house.database),
            "idempotency_key": lambda request: idempotency_key(request.headers.get("idempotency-key")),
        },
        most_body_bytes=MOST_BODY_BYTES,
    )

    async def at_home(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and await express.takes(scope, receive, send):
            return
        _house.set(house)
        await routes(scope, receive, send)

    return Door(at_home)


@cache
def litestar() -> Litestar:
    """The rooms' routes with what their handlers ask for by name: of the house that a request came to.

    Made once, because Litestar reads every handler's signature for it, which takes longer than to open a house.
    """
    return Litestar(
        route_handlers=[
            *operators.ROUTES,
            *sign_in.ROUTES,
            *people.ROUTES,
            *notices.ROUTES,
            *contacts.ROUTES,
            *chat.ROUTES,
            *groups.ROUTES,
            *media.ROUTES,
            *codes.ROUTES,
            *wallet.ROUTES,
            *merchants.ROUTES,
            *areas.ROUTES,
            *stores.ROUTES,
            *standing.ROUTES,
            *coupons.ROUTES,
            *checkout.ROUTES,
            *settlement.ROUTES,
            *field.ROUTES,
            *field_ops.ROUTES,
            *surveys.ROUTES,
            *visits.ROUTES,
            *commissions.ROUTES,
            *shelters.ROUTES,
            *incidents.ROUTES,
            *field_sign_ups.ROUTES,
            *growth.ROUTES,
            *third.ROUTES,
            *calendar.ROUTES,
            *brief.ROUTES,
            *sources.ROUTES,
            *admin.ROUTES,
            *system.ROUTES,
            *tour.ROUTES,
            *trust.ROUTES,
            *description.ROUTES,
            *notification.ROUTES,
            *sandbox_pages.ROUTES,
            *web_app.ROUTES,
        ],
        dependencies={
            **{name: _given(name) for name in GIVEN},
            "person": Provide(people.provide_person),
            "operator": Provide(operators.provide_operator),
            "idempotency_key": Provide(idempotency_key, sync_to_thread=False),
        },
        request_class=StrictRequest,
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=description.openapi_config(),
        compression_config=_COMPRESSION,
        request_max_body_size=MOST_BODY_BYTES,
        logging_config=None,
    )


def _always(value: object) -> Provider:
    return lambda _request: value


def _given(name: str) -> Provide:
    return Provide(lambda: getattr(_house.get(), name), sync_to_thread=False)


_COMPRESSION = CompressionConfig(
    backend="gzip", minimum_size=1000, gzip_compress_level=3, exclude_opt_key="skip_compression"
)
"""The highest level would take a third longer than all else of a long list, for a tenth less to send."""

_house: ContextVar[House] = ContextVar("house")
