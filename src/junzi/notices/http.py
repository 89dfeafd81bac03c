"""HTTP of pushes: this device's subscription and a person's quiet hours."""

from typing import Annotated, Any

import msgspec
from litestar import delete, get, put

from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.notices import subscribe as subscriptions
from junzi.notices.push import Push
from junzi.people.model import SignedIn

MOST_CHANGES_A_MINUTE = 60

Clock = Annotated[str, msgspec.Meta(max_length=20, description="as 22:30")]
_pace = Pace()


class NewSubscription(msgspec.Struct, frozen=True):
    """endpoint, p256dh, auth: as the browser's push manager gives them"""

    endpoint: Annotated[str, msgspec.Meta(max_length=2_000)]
    p256dh: Annotated[str, msgspec.Meta(max_length=200)]
    auth: Annotated[str, msgspec.Meta(max_length=100)]
    shows_text: bool = False


class QuietHours(msgspec.Struct, frozen=True):
    quiet_from: Clock | None
    quiet_until: Clock | None


@get("/api/push", summary="How it stands with pushes here", tags=["push"])
async def show(database: Database, push: Push, person: SignedIn) -> subscriptions.Standing:
    return await subscriptions.standing(database, push, person)


@put("/api/push", summary="Let this device take pushes", tags=["push"], status_code=204)
async def subscribe(database: Database, push: Push, person: SignedIn, data: NewSubscription) -> None:
    _pace.keep(person.person_id, most=MOST_CHANGES_A_MINUTE)
    new = subscriptions.NewSubscription(data.endpoint, data.p256dh, data.auth, data.shows_text)
    await subscriptions.subscribe(database, push, person, new)


@delete("/api/push", summary="Take none here any more", tags=["push"])
async def unsubscribe(database: Database, person: SignedIn) -> None:
    await subscriptions.unsubscribe(database, person.session_id)


@put("/api/push/quiet-hours", summary="At which hours I want none", tags=["push"], status_code=204)
async def set_quiet_hours(database: Database, person: SignedIn, data: QuietHours) -> None:
    await subscriptions.set_quiet_hours(database, person.person_id, data.quiet_from, data.quiet_until)


ROUTES: list[Any] = [show, subscribe, unsubscribe, set_quiet_hours]
