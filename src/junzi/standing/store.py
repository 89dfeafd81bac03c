"""The room's rows, one typed function a query."""

from datetime import date, datetime
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.standing.model import Distance, FarScan, Position, Reason, Review, ReviewState, Withdrawal

_q = sql.queries("junzi.standing")


async def review(reader: Reader, shop_id: UUID) -> Review | None:
    return sql.maybe(Review, await _q.review(reader, shop_id=shop_id))


async def reviews(reader: Reader, ids: list[UUID]) -> dict[UUID, Review]:
    """Several at once, by shop."""
    found = [sql.struct(Review, row) async for row in _q.reviews(reader, ids=ids)]
    return {review.shop_id: review for review in found}


async def reviews_in(
    reader: Reader, state: ReviewState, *, after: tuple[datetime, UUID] | None, most: int
) -> list[Review]:
    at, shop_id = after or (None, None)
    rows = _q.reviews_in(reader, state=state, after=at, after_id=shop_id, most=most)
    return [sql.struct(Review, row) async for row in rows]


async def insert_review(tx: Transaction, shop_id: UUID, *, at: datetime) -> None:
    await _q.insert_review(tx, shop_id=shop_id, at=at)


async def review_locked(tx: Transaction, shop_id: UUID, *, at: datetime) -> Review:
    """The shop's review, made if there is none yet, held until the transaction ends."""
    await insert_review(tx, shop_id, at=at)
    return sql.struct(Review, await _q.review_locked(tx, shop_id=shop_id))


async def set_review(tx: Transaction, review: Review) -> None:
    await _q.set_review(
        tx,
        shop_id=review.shop_id,
        state=review.state,
        tier=review.tier,
        question=review.question,
        answer=review.answer,
        at=review.since,
    )


async def insert_withdrawal(
    tx: Transaction, *, id: UUID, shop_id: UUID, reason: Reason, case_number: str, by_id: UUID, at: datetime
) -> None:
    await _q.insert_withdrawal(tx, id=id, shop_id=shop_id, reason=reason, case_number=case_number, by_id=by_id, at=at)


async def withdrawal(reader: Reader, shop_id: UUID) -> Withdrawal | None:
    return sql.maybe(Withdrawal, await _q.withdrawal(reader, shop_id=shop_id))


async def withdrawals(reader: Reader, shop_id: UUID) -> list[Withdrawal]:
    return [sql.struct(Withdrawal, row) async for row in _q.withdrawals(reader, shop_id=shop_id)]


async def withdrawals_standing(
    reader: Reader, *, after: tuple[bool, datetime, UUID] | None, most: int
) -> list[Withdrawal]:
    """after: whether its keeper is silent, since when, and its id."""
    is_silent, at, id = after or (None, None, None)
    rows = _q.withdrawals_standing(reader, is_silent=is_silent, at=at, id=id, most=most)
    return [sql.struct(Withdrawal, row) async for row in rows]


async def object_to(tx: Transaction, *, id: UUID, text: str) -> None:
    await _q.object(tx, id=id, text=text)


async def reinstate(tx: Transaction, *, id: UUID, by_id: UUID, at: datetime) -> None:
    await _q.reinstate(tx, id=id, by_id=by_id, at=at)


async def fill_day(tx: Transaction, *, shop_id: UUID, day: date) -> bool:
    """Whether this is the first time that the day is full."""
    return await _q.fill_day(tx, shop_id=shop_id, business_date=day) is not None


async def position(reader: Reader, shop_id: UUID) -> Position | None:
    return sql.maybe(Position, await _q.position(reader, shop_id=shop_id))


async def set_position(tx: Transaction, shop_id: UUID, position: Position) -> None:
    await _q.set_position(tx, shop_id=shop_id, latitude_e3=position.latitude_e3, longitude_e3=position.longitude_e3)


async def forget_position(tx: Transaction, shop_id: UUID) -> None:
    await _q.forget_position(tx, shop_id=shop_id)


async def count_far_scan(tx: Transaction, *, shop_id: UUID, day: date, distance: Distance) -> None:
    await _q.count_far_scan(tx, shop_id=shop_id, business_date=day, distance=distance)


async def far_scans(reader: Reader, *, most: int) -> list[FarScan]:
    return [sql.struct(FarScan, row) async for row in _q.far_scans(reader, most=most)]


async def forget_far_scans(tx: Transaction, *, before: date) -> None:
    await _q.forget_far_scans(tx, before=before)
