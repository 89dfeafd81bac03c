"""The nouns of people: a person, a session, the key of the payment PINs, and what is refused.

Refusal
├── InvalidRequest
│   └── InvalidHandle
├── NotSignedIn        401
├── SignInOver         409
├── HandleTaken        409
├── WrongPassword      403, the same for an unknown handle
├── TooManyAttempts    429, says when to try again
├── PinMissing         409, set one first
├── WrongPin           403, says how many tries are left
├── PinLocked          403, says until when
└── WeakPin            422
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.kit.bus import Subject
from junzi.kit.database import Event
from junzi.kit.errors import InvalidRequest, Refusal

AVATARS = 64
"""How many drawn avatars there are; a person's is a number below it."""

SESSION_ENDED = Subject("people.session_ended", UUID)
"""A session was revoked: its id."""

Locale = Literal["zh", "en"]
Avatar = Annotated[int, msgspec.Meta(ge=0, lt=AVATARS)]


class Person(msgspec.Struct, frozen=True):
    """What anybody may see of a person."""

    id: UUID
    handle: str
    name: str
    avatar: int


class Me(msgspec.Struct, frozen=True):
    """What a person sees of themself."""

    id: UUID
    handle: str
    name: str
    avatar: int
    locale: Locale
    has_pin: bool
    created_at: datetime


class SignUp(msgspec.Struct, frozen=True):
    handle: Annotated[str, msgspec.Meta(max_length=200, description="3 to 20 of a-z, 0-9 and _; upper case is lowered")]
    name: Annotated[str, msgspec.Meta(max_length=400, description="1 to 40 characters")]
    password: Annotated[str, msgspec.Meta(max_length=2000, description="8 to 128 characters")]
    locale: Locale = "zh"
    source: Annotated[
        str, msgspec.Meta(pattern="^[a-z0-9]{0,8}$", description="the code of the link that opened the app")
    ] = ""


class SignIn(msgspec.Struct, frozen=True):
    handle: Annotated[str, msgspec.Meta(max_length=200)]
    password: Annotated[str, msgspec.Meta(max_length=2000)]


class ProfileChange(msgspec.Struct, frozen=True):
    """What is to change; None leaves it as it is."""

    name: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    avatar: Avatar | None = None
    locale: Locale | None = None


class Standing(msgspec.Struct, frozen=True):
    """Who is behind an account, and since when they are here."""

    natural_person_id: UUID
    since: datetime


class SignedIn(msgspec.Struct, frozen=True):
    """Who asks, and through which session."""

    person_id: UUID
    session_id: UUID


class NewSession(msgspec.Struct, frozen=True):
    """A session just opened: the only moment at which its token is known in the clear."""

    id: UUID
    person_id: UUID
    token: str


class FoundSession(msgspec.Struct, frozen=True):
    """A session as its token finds it."""

    id: UUID
    person_id: UUID
    seen_at: datetime
    last_active_date: date | None


class Session(msgspec.Struct, frozen=True):
    """A device on which a person is signed in."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime


class SignInCode(msgspec.Struct, frozen=True):
    """A browser that waits for a phone to sign it in. seen_by: the only person who can still decide."""

    id: UUID
    device: str
    address: str
    created_at: datetime
    expires_at: datetime
    seen_by: UUID | None
    decision: Literal["approved", "refused", "taken"] | None


class WaitingBrowser(msgspec.Struct, frozen=True):
    """The same as the browser is told of it. name: of whoever has seen its code."""

    expires_at: datetime
    decision: Literal["approved", "refused", "taken"] | None
    name: str | None


class Attempts(msgspec.Struct, frozen=True):
    """Failed tries to sign in that count against one subject: a handle, or an address."""

    subject: str
    failures: int
    retry_at: datetime | None
    last_at: datetime


class PinKey(msgspec.Struct, frozen=True):
    """The server's part of every payment PIN, kept outside the database, so that a stolen database reveals no PIN."""

    id: str
    secret: bytes


class PinState(msgspec.Struct, frozen=True):
    """A person's PIN as it stands.

    failures:  wrong tries since the last right one or the last lock
    lockouts:  locks since the last right one
    """

    pin_hash: str | None
    pin_key_id: str | None
    failures: int
    lockouts: int
    locked_until: datetime | None


class PersonSignedUp(Event, frozen=True, kw_only=True, tag="people.signed_up"):
    """source: the code of the link that opened the app, if it was opened by one of the operator's; kept nowhere here."""

    person_id: UUID
    handle: str
    source: str = ""


class PersonActive(Event, frozen=True, kw_only=True, tag="people.active"):
    """A person's first sign of life on a business day."""

    person_id: UUID
    business_date: date


class NotSignedIn(Refusal):
    slug, status, title = "not-signed-in", 401, "Sign in first."


class InvalidHandle(InvalidRequest):
    """What was given cannot be anybody's handle."""


class HandleTaken(Refusal):
    slug, status, title = "handle-taken", 409, "Somebody has this handle already. Choose another one."


class SignInOver(Refusal):
    slug, status, title = "sign-in-over", 409, "This code to sign in is over. Let the computer show a new one."


class WrongPassword(Refusal):
    slug, status, title = "wrong-password", 403, "Handle and password do not match."


class TooManyAttempts(Refusal):
    slug, status, title = "too-many-attempts", 429, "Too many tries. Wait a while before the next one."


class PinMissing(Refusal):
    slug, status, title = "pin-missing", 409, "Set a payment PIN first."


class WrongPin(Refusal):
    slug, status, title = "wrong-pin", 403, "The payment PIN is wrong."


class PinLocked(Refusal):
    slug, status, title = "pin-locked", 403, "Payment is locked after too many wrong PINs."


class WeakPin(Refusal):
    slug, status, title = "weak-pin", 422, "This PIN is too easy to guess. Choose another one."
