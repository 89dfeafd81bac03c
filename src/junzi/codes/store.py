"""The room's rows, one typed function a query."""

from datetime import datetime
from uuid import UUID

from junzi.codes.model import Code, CodeKind
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.codes")


async def insert_code(tx: Transaction, *, code: str, kind: CodeKind, target_id: UUID, at: datetime) -> None:
    await _q.insert_code(tx, code=code, kind=kind, target_id=target_id, at=at)


async def code(reader: Reader, code: str) -> Code | None:
    return sql.maybe(Code, await _q.code(reader, code=code))


async def codes(reader: Reader, codes: list[str]) -> dict[str, Code]:
    return {row["code"]: sql.struct(Code, row) async for row in _q.codes(reader, codes=codes)}


async def code_of(reader: Reader, target_id: UUID) -> Code | None:
    return sql.maybe(Code, await _q.code_of(reader, target_id=target_id))


async def codes_of(reader: Reader, target_ids: list[UUID]) -> dict[UUID, Code]:
    found = [sql.struct(Code, row) async for row in _q.codes_of(reader, target_ids=target_ids)]
    return {code.target_id: code for code in found}


async def replace_code(tx: Transaction, *, target_id: UUID, at: datetime) -> None:
    await _q.replace_code(tx, target_id=target_id, at=at)


async def code_locked(tx: Transaction, code: str) -> Code | None:
    return sql.maybe(Code, await _q.code_locked(tx, code=code))


async def adopted_by(reader: Reader, target_id: UUID) -> list[Code]:
    return [sql.struct(Code, row) async for row in _q.adopted_by(reader, target_id=target_id)]


async def turn(
    tx: Transaction, *, id: UUID, old: Code, kind: CodeKind, target_id: UUID, by_id: UUID, at: datetime
) -> None:
    await _q.turn(tx, code=old.code, kind=kind, target_id=target_id)
    await _q.insert_turn(
        tx,
        id=id,
        code=old.code,
        from_kind=old.kind,
        from_target_id=old.target_id,
        to_kind=kind,
        to_target_id=target_id,
        by_id=by_id,
        at=at,
    )


async def led_before(reader: Reader, *, code: str, kind: CodeKind) -> UUID | None:
    row = await _q.led_before(reader, code=code, kind=kind)
    return None if row is None else row["from_target_id"]


async def insert_blanks(tx: Transaction, blanks: dict[str, UUID], *, at: datetime) -> list[str]:
    """Codes with what each is the code of; those that are new."""
    rows = _q.insert_blanks(tx, codes=list(blanks), target_ids=list(blanks.values()), at=at)
    return [row["code"] async for row in rows]
