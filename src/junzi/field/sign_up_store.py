"""The rows of sign-ups and of codes printed in advance, one typed function a query."""

from datetime import datetime
from uuid import UUID

from junzi.field.sign_up_model import MOST_SHEETS_LISTED, Sheet, SignUp, SignUpState
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def insert_sign_up(tx: Transaction, new: SignUp) -> None:
    await _q.insert_sign_up(
        tx,
        id=new.id,
        place_id=new.place_id,
        promoter_id=new.promoter_id,
        shop=new.shop,
        token=new.token,
        owner_id=new.owner_id,
        at=new.asked_at,
        expires_at=new.expires_at,
    )


async def sign_up(reader: Reader, id: UUID) -> SignUp | None:
    return sql.maybe(SignUp, await _q.sign_up(reader, id=id))


async def sign_up_locked(tx: Transaction, id: UUID) -> SignUp | None:
    return sql.maybe(SignUp, await _q.sign_up_locked(tx, id=id))


async def sign_up_by_token(reader: Reader, token: str) -> SignUp | None:
    return sql.maybe(SignUp, await _q.sign_up_by_token(reader, token=token))


async def sign_up_of_shop(reader: Reader, shop_id: UUID) -> SignUp | None:
    return sql.maybe(SignUp, await _q.sign_up_of_shop(reader, shop_id=shop_id))


async def sign_ups_of(reader: Reader, promoter_id: UUID, *, most: int) -> list[SignUp]:
    return [sql.struct(SignUp, row) async for row in _q.sign_ups_of(reader, promoter_id=promoter_id, most=most)]


async def asked_of(reader: Reader, owner_id: UUID, *, at: datetime, most: int) -> list[SignUp]:
    rows = _q.sign_ups_asked_of(reader, owner_id=owner_id, at=at, most=most)
    return [sql.struct(SignUp, row) async for row in rows]


async def count_sign_ups(reader: Reader, promoter_id: UUID, *, since: datetime) -> int:
    return int(await _q.count_sign_ups(reader, promoter_id=promoter_id, since=since))


async def set_sign_up(
    tx: Transaction,
    id: UUID,
    state: SignUpState,
    *,
    at: datetime,
    owner_id: UUID | None = None,
    shop_id: UUID | None = None,
    try_at: datetime | None = None,
) -> None:
    await _q.set_sign_up(tx, id=id, state=state, owner_id=owner_id, shop_id=shop_id, at=at, try_at=try_at)


async def sign_ups_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.sign_ups_to_try(reader, at=at, most=most)]


async def postpone_sign_up(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_sign_up(tx, id=id, try_at=try_at)


async def put_owner_code(tx: Transaction, person_id: UUID, code: str, *, at: datetime, expires_at: datetime) -> bool:
    """In place of the one before; false when another phone shows the same."""
    await _q.drop_owner_codes(tx, person_id=person_id, at=at)
    return bool(await _q.put_owner_code(tx, person_id=person_id, code=code, expires_at=expires_at))


async def take_owner_code(tx: Transaction, code: str, *, at: datetime) -> UUID | None:
    found: UUID | None = await _q.take_owner_code(tx, code=code, at=at)
    return found


async def insert_sheet(tx: Transaction, id: UUID, codes: list[str], *, by_id: UUID, at: datetime) -> None:
    await _q.insert_sheet(tx, id=id, by_id=by_id, at=at)
    await _q.insert_blanks(tx, sheet_id=id, codes=codes)


async def sheets(reader: Reader) -> list[Sheet]:
    return [sql.struct(Sheet, row) async for row in _q.sheets(reader, most=MOST_SHEETS_LISTED)]


async def blanks_of(reader: Reader, sheet_id: UUID) -> list[str]:
    return [row["code"] async for row in _q.blanks_of(reader, sheet_id=sheet_id)]


async def blank_locked(tx: Transaction, code: str) -> tuple[bool, UUID | None]:
    """Whether it was printed in advance, and at which shop it hangs."""
    row = await _q.blank_locked(tx, code=code)
    return (False, None) if row is None else (True, row["shop_id"])


async def bind_blank(tx: Transaction, code: str, *, shop_id: UUID, by_id: UUID, at: datetime) -> None:
    await _q.bind_blank(tx, code=code, shop_id=shop_id, by_id=by_id, at=at)
