"""Refusals: what was asked for and cannot be done, said in words a person understands.

    Refusal                      an expected "no"; becomes RFC 9457 problem details at the door
    ├── NotFound                 404, also for what belongs to somebody else
    ├── NotAllowed               403
    ├── InvalidRequest           400, names the fields
    ├── TooLarge                 413
    ├── Busy                     503, nothing is known to be done: try again with the same ids
    └── …                        every room draws its own in its `model.py`

Anything else that is raised is a defect and becomes a 500 without details.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


class Refusal(Exception):
    """An expected "no". Subclasses set `slug`, `status`, `title`; an instance adds the detail and facts.

    slug:   the problem type is `/problems/<slug>`
    facts:  JSON values that a client may show, such as `attempts_left`
    """

    slug: ClassVar[str]
    status: ClassVar[int] = 422
    title: ClassVar[str]

    def __init__(self, detail: str = "", **facts: object) -> None:
        self.detail = detail or self.title
        self.facts = facts
        super().__init__(self.detail)

    def problem(self) -> dict[str, Any]:
        """The problem details object of RFC 9457, section 3."""
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **{name: _plain(value) for name, value in self.facts.items()},
        }


class NotFound(Refusal):
    slug, status, title = "not-found", 404, "There is nothing here, or it is not yours to see."


class NotAllowed(Refusal):
    slug, status, title = "not-allowed", 403, "You are not allowed to do this."


class InvalidRequest(Refusal):
    slug, status, title = "invalid-request", 400, "The request cannot be read as it stands."


class TooLarge(Refusal):
    slug, status, title = "too-large", 413, "The request is larger than is accepted here."


class Busy(Refusal):
    slug, status, title = (
        "busy",
        503,
        "This cannot be done right now. Try again in a moment; nothing is ever done twice.",
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value
