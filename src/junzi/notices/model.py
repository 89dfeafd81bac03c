"""The nouns of notices: the services that speak to a person, and where their devices take pushes.

Refusal
└── InvalidRequest   an address or a key that no browser gives
"""

from datetime import time
from typing import Literal
from uuid import UUID

import msgspec

SERVICE = "service"
SHOP = "shop"
"""Kinds of the conversations in which the house speaks."""

Service = Literal["pay", "coupons", "contacts", "desk"]


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device takes pushes. p256dh, auth: its public key and secret (RFC 8291); shows_text: pushes may carry words."""

    session_id: UUID
    person_id: UUID
    endpoint: str
    p256dh: bytes
    auth: bytes
    shows_text: bool


class QuietHours(msgspec.Struct, frozen=True):
    """In the operator's time zone; from later than until runs over midnight."""

    quiet_from: time
    quiet_until: time
