"""Where a person's devices take pushes, and at which hours they want none."""

import base64
import binascii
from datetime import time
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from junzi.kit import clock
from junzi.kit.database import Database
from junzi.kit.text import refused
from junzi.notices import rules, store
from junzi.notices.model import Subscription
from junzi.notices.push import Push
from junzi.people.model import SignedIn


class NewSubscription(msgspec.Struct, frozen=True):
    """What a browser's push manager gives: the address and, in base64 for URLs, its key and secret."""

    endpoint: str
    p256dh: str
    auth: str
    shows_text: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with pushes on this device, and the key that a browser subscribes with."""

    public_key: str
    subscribed: bool
    shows_text: bool
    quiet_from: str | None
    quiet_until: str | None


async def standing(database: Database, push: Push, person: SignedIn) -> Standing:
    async with database.read() as reader:
        known = await store.subscription(reader, person.session_id)
        hours = await store.quiet_hours(reader, person.person_id)
    return Standing(
        public_key=push.public_key,
        subscribed=known is not None,
        shows_text=known is not None and known.shows_text,
        quiet_from=f"{hours.quiet_from:%H:%M}" if hours else None,
        quiet_until=f"{hours.quiet_until:%H:%M}" if hours else None,
    )


async def subscribe(database: Database, push: Push, person: SignedIn, new: NewSubscription) -> None:
    """Let this device take pushes; again replaces it. Raises `InvalidRequest`."""
    rules.check_endpoint(new.endpoint, push.more_hosts)
    key, auth = _decoded("p256dh", new.p256dh), _decoded("auth", new.auth)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError as failure:
        raise refused("p256dh", "This is no public key of a browser.") from failure
    if len(key) != 65 or len(auth) != 16:
        raise refused("auth", "The key has 65 bytes, uncompressed, and the secret has 16.")
    subscription = Subscription(
        session_id=person.session_id,
        person_id=person.person_id,
        endpoint=new.endpoint,
        p256dh=key,
        auth=auth,
        shows_text=new.shows_text,
    )
    async with database.transaction() as tx:
        await store.put_subscription(tx, subscription, clock.now())


async def unsubscribe(database: Database, session_id: UUID) -> None:
    """This device takes none any more; again changes nothing."""
    async with database.transaction() as tx:
        await store.delete_subscriptions(tx, [session_id])


async def set_quiet_hours(database: Database, person_id: UUID, quiet_from: str | None, quiet_until: str | None) -> None:
    """When a person wants no pushes; None and None for never. Raises `InvalidRequest`."""
    async with database.transaction() as tx:
        if quiet_from is None and quiet_until is None:
            await store.delete_quiet_hours(tx, person_id)
            return
        first, last = _hour("quiet_from", quiet_from), _hour("quiet_until", quiet_until)
        if first == last:
            raise refused("quiet_until", "Quiet hours end at another time than they begin.")
        await store.put_quiet_hours(tx, person_id, first, last)


def _hour(field: str, text: str | None) -> time:
    try:
        if text is None or len(text) != 5 or not text.isascii():
            raise ValueError
        return time.fromisoformat(text)
    except ValueError as failure:
        raise refused(field, "A time is written as 22:30; both are given, or none.") from failure


def _decoded(field: str, text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as failure:
        raise refused(field, "This is not base64 as URLs take it.") from failure
