"""Issue a code, find what it points to, draw it."""

import secrets
from uuid import UUID

from junzi.codes import rules, store
from junzi.codes.model import Code, CodeKind, CodeUnknown, ShownCode
from junzi.kit import clock, ids
from junzi.kit.database import Reader, Transaction


async def issue(tx: Transaction, kind: CodeKind, target_id: UUID) -> Code:
    """The own code of a person, a shop, a till or a charge, made at the first call."""
    found = await store.code_of(tx, target_id)
    if found is None:
        code = rules.write(kind, secrets.randbits(50))
        await store.insert_code(tx, code=code, kind=kind, target_id=target_id, at=clock.now())
        found = await store.code_of(tx, target_id)
    assert found is not None, "a code was just issued"
    return found


async def print_blanks(tx: Transaction, count: int) -> list[str]:
    """So many codes that lead nowhere until each is turned to a shop."""
    drawn = dict[str, UUID]()
    while len(drawn) < count:
        missing = {rules.write(CodeKind.BLANK, secrets.randbits(50)): ids.new_id() for _ in range(count - len(drawn))}
        drawn |= {code: missing[code] for code in await store.insert_blanks(tx, missing, at=clock.now())}
    return list(drawn)


async def blank_locked(tx: Transaction, code: str) -> Code | None:
    """A code that was printed in advance and leads nowhere yet, held until the transaction ends."""
    found = await store.code_locked(tx, code)
    return found if found is not None and found.kind is CodeKind.BLANK else None


async def own(reader: Reader, target_id: UUID) -> Code:
    """The own code of a shop, a till or a charge, which was issued as it came to be."""
    return (await owns(reader, [target_id]))[target_id]


async def owns(reader: Reader, target_ids: list[UUID]) -> dict[UUID, Code]:
    """The same of several at once."""
    return await store.codes_of(reader, target_ids)


async def reissue(tx: Transaction, kind: CodeKind, target_id: UUID) -> Code:
    """A new code for what the old one points to; the old one is refused from here on."""
    await store.replace_code(tx, target_id=target_id, at=clock.now())
    return await issue(tx, kind, target_id)


async def resolve(reader: Reader, code: str) -> Code:
    """What a whole code points to. Raises `CodeUnknown`, which says so when the code was replaced."""
    return _good(await store.code(reader, code))


async def resolve_all(reader: Reader, codes: list[str]) -> dict[str, Code | CodeUnknown]:
    """What several codes point to, or why one points to nothing."""
    found = await store.codes(reader, codes)
    answers = dict[str, Code | CodeUnknown]()
    for code in codes:
        try:
            answers[code] = _good(found.get(code))
        except CodeUnknown as refusal:
            answers[code] = refusal
    return answers


async def resolve_locked(tx: Transaction, code: str) -> Code:
    """The same, and nobody turns it elsewhere until the transaction ends."""
    return _good(await store.code_locked(tx, code))


async def turn(tx: Transaction, code: Code, kind: CodeKind, target_id: UUID, *, by_id: UUID) -> None:
    """The printed code leads to something else from now on, beside that one's own code. Where it led before is on record."""
    await store.turn(tx, id=ids.new_id(), old=code, kind=kind, target_id=target_id, by_id=by_id, at=clock.now())


async def adopted_by(reader: Reader, target_id: UUID) -> list[Code]:
    """Codes that were printed for something else and lead there now, the oldest first."""
    return await store.adopted_by(reader, target_id)


async def led_before(reader: Reader, code: Code, kind: CodeKind) -> UUID | None:
    """What of that kind a turned code led to last; None when it never did."""
    return await store.led_before(reader, code=code.code, kind=kind)


def shown(code: Code, public_url: str) -> ShownCode:
    return ShownCode(code.code, address(code.code, public_url), f"/api/codes/{code.code}/image.svg")


def address(code: str, public_url: str) -> str:
    """What the picture says: an address that any phone's camera opens."""
    return f"{public_url}/c/{code}"


def _good(found: Code | None) -> Code:
    if found is None:
        raise CodeUnknown
    if found.kind is CodeKind.BLANK:
        raise CodeUnknown("This code was printed in advance and hangs at no shop yet.", reason="blank")
    if found.replaced_at is not None:
        raise CodeUnknown("This code was replaced by a new one. Ask for that.", reason="replaced")
    return found
