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


async def code_of(reader: Reader, target_id: UUID) -> Code | None:
    return sql.maybe(Code, await _q.code_of(reader, target_id=target_id))


async def replace_code(tx: Transaction, *, target_id: UUID, at: datetime) -> None:
    await _q.replace_code(tx, target_id=target_id, at=at)
