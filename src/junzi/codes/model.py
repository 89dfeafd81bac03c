"""A code is a kind letter, ten random characters and a check character. It is valid for ever; what it points to can change.

Refusal
├── CodeDamaged     a character is wrong or missing; of a merchant code (EMVCo), `field` says where
├── CodeForeign     somebody else's code
├── CodeUnknown     well formed, but never issued here, replaced by another, or printed and not yet at a shop (`reason`)
└── AddressNotPublic  a code is not printed with an address that other people's phones do not reach; says what to set
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal


class CodeKind(StrEnum):
    SHOP = "S"
    PERSON = "P"
    CHARGE = "O"
    """An amount that a shop asks for once."""
    TILL = "T"
    """One of several tills of a shop."""
    BLANK = "B"
    """Printed in advance; it leads nowhere until it is turned to a shop."""


class Code(msgspec.Struct, frozen=True):
    """kind: of what it points to now, which its first letter says no more once it was turned.

    adopted: it was printed for something else and leads to its target beside the target's own
    """

    code: str
    kind: CodeKind
    target_id: UUID
    created_at: datetime
    replaced_at: datetime | None
    adopted: bool = False


class ShownCode(msgspec.Struct, frozen=True):
    """A code with the address that goes into the picture and the address of the picture."""

    code: str
    url: str
    svg: str


class CodeDamaged(Refusal):
    slug, status, title = "code-damaged", 422, "This code is damaged or was typed wrongly. Scan it again."


class CodeForeign(Refusal):
    slug, status, title = "code-foreign", 422, "This is not one of our codes, so it cannot be paid or added here."


class CodeUnknown(Refusal):
    slug, status, title = "code-unknown", 404, "Nobody uses this code here."


class AddressNotPublic(Refusal):
    slug, status = "address-not-public", 409
    title = "A code is printed only with an address that every phone reaches."
