"""Tells the operator what became of debits and credits, until it is taken or was tried too often.

A notification is a row written with the payment. The next try is written down before each try: a crash repeats one,
never loses one. Body and nonce stay the same in every copy; only the time in the signature is of the try.
"""

import asyncio
import logging
import time
from datetime import timedelta

import httpx

from junzi_issuer import clock, keys, store
from junzi_issuer.config import Settings
from junzi_issuer.database import Pool
from junzi_issuer.keys import Keys
from junzi_issuer.model import DueNotification
from junzi_issuer.pauses import Pauses

MAX_TRIES = 12
SIGNATURE_HEADER = "Issuer-Signature"
_BATCH = 16
_TIMEOUT_S = 5.0
_IDLE_S = 30.0
_log = logging.getLogger("junzi_issuer.courier")


class Courier:
    def __init__(self, pool: Pool, settings: Settings, secrets: Keys, pauses: Pauses) -> None:
        self._pool = pool
        self._settings = settings
        self._keys = secrets
        self._pauses = pauses
        self._work = asyncio.Event()
        self._first_tries: dict[int, asyncio.Event] = {}
        self._refused = False

    def wake(self) -> None:
        """Something became due."""
        self._work.set()

    def expect(self, notification_id: int) -> None:
        """Said before the notification can be seen by `run`, so that no first try is missed."""
        self._first_tries[notification_id] = asyncio.Event()

    async def wait_for_first_try(self, notification_id: int, timeout_s: float) -> None:
        """Until an expected notification was tried once, taken or not, or the time is over, or the process stops."""
        try:
            await asyncio.wait_for(self._first_tries[notification_id].wait(), timeout_s)
        except TimeoutError:
            return
        finally:
            self._first_tries.pop(notification_id, None)

    def stop(self) -> None:
        """Lets everybody go who waits for a first try."""
        for tried in self._first_tries.values():
            tried.set()

    async def run(self) -> None:
        """Delivers until the process stops; outlives a database that is away for a while."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
            while not self._pauses.over:
                self._work.clear()
                try:
                    idle_s = await self._deliver_due(client)
                except (OSError, *store.DATABASE_ERRORS) as error:
                    _log.warning("the database is away: %s", type(error).__name__)
                    idle_s = 1.0
                await self._rest(idle_s)

    async def _rest(self, idle_s: float) -> None:
        if idle_s <= 0 or self._pauses.over:
            return
        try:
            await asyncio.wait_for(self._work.wait(), idle_s)
        except TimeoutError:
            return

    async def _deliver_due(self, client: httpx.AsyncClient) -> float:
        """Delivers a batch; returns in how many seconds the next one is due."""
        retry_s = self._settings.times.retry_ms / 1000
        due = await store.claim_due_notifications(self._pool, clock.now(), retry_s, _BATCH)
        await asyncio.gather(*(self._deliver(client, notification) for notification in due))
        next_due_at = await store.next_due_at(self._pool)
        if next_due_at is None:
            return _IDLE_S
        return min(_IDLE_S, (next_due_at - clock.now()).total_seconds())

    async def _deliver(self, client: httpx.AsyncClient, notification: DueNotification) -> None:
        taken = await self._send(client, notification)
        at = clock.now()
        if taken:
            second_at = at + timedelta(milliseconds=self._settings.times.delay_ms)
            await store.take_notification(self._pool, notification.notification_id, second_at, at)
        elif notification.tries >= MAX_TRIES:
            _log.error("notification %d given up after %d tries", notification.notification_id, notification.tries)
            await store.give_up_notification(self._pool, notification.notification_id, at)
        if (waiting := self._first_tries.get(notification.notification_id)) is not None:
            waiting.set()

    async def _send(self, client: httpx.AsyncClient, notification: DueNotification) -> bool:
        body = notification.body.encode()
        signature = keys.sign(self._keys, body, int(time.time()))
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
        try:
            response = await client.post(self._settings.notify_url, content=body, headers=headers)
            fault = None if response.is_success else f"status {response.status_code}"
        except httpx.HTTPError as error:
            fault = type(error).__name__
        self._say_when_it_changes(fault)
        return fault is None

    def _say_when_it_changes(self, fault: str | None) -> None:
        """One line when the operator stops taking notifications and one when it takes them again, not one a try."""
        if fault is not None and not self._refused:
            _log.warning("the operator does not take notifications: %s", fault)
        elif fault is None and self._refused:
            _log.warning("the operator takes notifications again")
        self._refused = fault is not None
