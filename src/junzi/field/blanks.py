"""Codes printed in advance, in sheets: each is bound once, to the shop at whose counter it is scanned."""

from uuid import UUID

from junzi.codes import actions as codes
from junzi.codes import printed
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeKind
from junzi.field import sign_up, sign_up_store
from junzi.field.sign_up_model import BlankTaken, NotABlank, SignUpState
from junzi.kit import clock, idempotency, ids, pdf
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.stores_model import MOST_ADOPTED, TooManyCodes
from junzi.operators import actions as operators

ACROSS, DOWN = 3, 4
"""Codes on a page."""
EDGE, CODE = 12.0, 52.0
"""Millimetres."""


async def print_sheet(database: Database, *, operator_id: UUID, key: str, count: int) -> UUID:
    """So many codes that lead nowhere yet; a repeat with the same key makes no more."""
    async with database.transaction() as tx:
        sheet_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="field.sheet", body={"count": count}, intent_id=sheet_id
        )
        if claimed == sheet_id:
            drawn = await codes.print_blanks(tx, count)
            await sign_up_store.insert_sheet(tx, sheet_id, drawn, by_id=operator_id, at=clock.now())
            await operators.audit(tx, operator_id, "field.blanks_printed", {"sheet_id": sheet_id, "codes": count})
    return claimed


async def to_print(reader: Reader, sheet_id: UUID) -> list[str]:
    """The codes of a sheet that hang nowhere yet: one that was bound is not printed again. Raises `NotFound`."""
    found = await sign_up_store.blanks_of(reader, sheet_id)
    if not found:
        raise NotFound
    return found


def drawn(blanks: list[str], public_url: str, town: str) -> bytes:
    """The sheet to print and cut: A4, twelve codes a page, each with its letters for whoever has no camera."""
    sheet = pdf.new(f"{town} · {len(blanks)}", pdf.A4, author=town)
    wide, high = (sheet.width - 2 * EDGE) / ACROSS, (sheet.height - 2 * EDGE) / DOWN
    for number, code in enumerate(blanks):
        place = number % (ACROSS * DOWN)
        if number and place == 0:
            pdf.next_page(sheet)
        left, top = EDGE + place % ACROSS * wide, EDGE + place // ACROSS * high
        middle = left + wide / 2
        printed.draw(sheet, codes.address(code, public_url), middle - CODE / 2, top + 2, CODE, error=printed.MORE)
        letters = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
        pdf.line(sheet, letters, middle, top + CODE + 5, size=8, anchor="middle")
        pdf.line(sheet, town, middle, top + CODE + 10, size=8, anchor="middle")
        _cut(sheet, left, top, wide, high)
    return pdf.finished(sheet)


async def bind_signed_up(
    database: Database, *, sign_up_id: UUID, promoter_id: UUID, key: str, said: str, own_hosts: frozenset[str]
) -> None:
    """The promoter binds a code to the shop that they signed up. Raises `NotFound`, and what `bind` raises."""
    async with database.read() as reader:
        found = await sign_up.access(reader, sign_up_id, promoter_id)
    if found.state is not SignUpState.OPEN or found.shop_id is None:
        raise NotFound
    await _bind(database, shop_id=found.shop_id, person_id=promoter_id, key=key, said=said, own_hosts=own_hosts)


async def bind(
    database: Database, *, shop_id: UUID, person_id: UUID, key: str, said: str, own_hosts: frozenset[str]
) -> None:
    """The owner binds a code that was printed in advance; a repeat with the same key binds nothing more.

    said: what the camera read. Raises `NotFound`, `NotAllowed`, `CodeForeign`, `CodeDamaged`, `NotABlank`, `BlankTaken`,
    `TooManyCodes`.
    """
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person_id)
    await _bind(database, shop_id=shop_id, person_id=person_id, key=key, said=said, own_hosts=own_hosts)


async def _bind(
    database: Database, *, shop_id: UUID, person_id: UUID, key: str, said: str, own_hosts: frozenset[str]
) -> None:
    code = code_rules.read(said, own_hosts)
    async with database.transaction() as tx:
        intent_id = ids.new_id()
        body = {"shop_id": shop_id, "code": code}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="field.bind", body=body, intent_id=intent_id
        )
        if claimed == intent_id:
            await _turn(tx, code, shop_id=shop_id, person_id=person_id)


async def _turn(tx: Transaction, code: str, *, shop_id: UUID, person_id: UUID) -> None:
    await merchant_store.shop_locked(tx, shop_id)
    known, hangs_at = await sign_up_store.blank_locked(tx, code)
    if not known:
        raise NotABlank
    if hangs_at == shop_id:
        return
    blank = await codes.blank_locked(tx, code)
    if hangs_at is not None or blank is None:
        raise BlankTaken
    if len(await codes.adopted_by(tx, shop_id)) >= MOST_ADOPTED:
        raise TooManyCodes
    await codes.turn(tx, blank, CodeKind.SHOP, shop_id, by_id=person_id)
    await sign_up_store.bind_blank(tx, code, shop_id=shop_id, by_id=person_id, at=clock.now())


def _cut(sheet: pdf.Sheet, left: float, top: float, wide: float, high: float) -> None:
    """Where to cut."""
    canvas = sheet.canvas
    canvas.setLineWidth(0.2)
    canvas.setDash(1, 2)
    x, y = pdf.at(sheet, left, top + high)
    canvas.rect(x, y, wide * pdf.MM, high * pdf.MM, stroke=1, fill=0)
    canvas.setDash()
