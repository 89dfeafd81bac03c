"""What is decided about requests. Facts in, decision out."""

from datetime import datetime, timedelta
from uuid import UUID

from junzi.contacts.model import (
    AlreadyFriends,
    Friendship,
    NotAccepted,
    Relation,
    Request,
    RequestToSelf,
    Tie,
)
from junzi.people.model import TooManyAttempts

MOST_REQUESTS_A_DAY = 50
DAY = timedelta(days=1)


def check_pair(from_id: UUID, to_id: UUID, friendship: Friendship | None) -> None:
    """Raise `RequestToSelf` or `AlreadyFriends`."""
    if from_id == to_id:
        raise RequestToSelf("That is you.")
    if friendship is not None:
        raise AlreadyFriends


def check_taken(tie: Tie) -> None:
    """Raise `NotAccepted` where one of the two blocks the other."""
    if tie.blocks:
        raise NotAccepted("You have blocked this person.")
    if tie.blocked:
        raise NotAccepted


def check_day(fiftieth_at: datetime | None, at: datetime) -> None:
    """Raise `TooManyAttempts` when all that may be asked in a day was asked.

    fiftieth_at: when the fiftieth request, counted backwards, was made
    """
    if fiftieth_at is not None and at < fiftieth_at + DAY:
        raise TooManyAttempts(
            f"You have asked {MOST_REQUESTS_A_DAY} people within a day. Wait before you ask more.",
            retry_at=fiftieth_at + DAY,
        )


def relation(
    me_id: UUID, other_id: UUID, friendship: Friendship | None, open_request: Request | None
) -> tuple[Relation, UUID | None]:
    """How the other stands to me, and the open request between us."""
    if me_id == other_id:
        return Relation.SELF, None
    if friendship is not None:
        return Relation.FRIEND, None
    if open_request is None:
        return Relation.NONE, None
    return (Relation.REQUESTED if open_request.from_id == me_id else Relation.REQUESTING), open_request.id
