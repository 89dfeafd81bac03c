"""The room's rows, one typed function a query."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.merchants.agreement_model import Agreement, FeeTerms, Waiver
from junzi.merchants.model import (
    Charge,
    DaySum,
    HourSum,
    NewShop,
    Period,
    Shop,
    ShopState,
    StaffRow,
    Taking,
)
from junzi.merchants.opening_model import Opened

_q = sql.queries("junzi.merchants")


async def insert_shop(tx: Transaction, *, id: UUID, owner_id: UUID, new: NewShop, at: datetime) -> None:
    await _q.insert_shop(
        tx,
        id=id,
        owner_id=owner_id,
        name=new.name,
        trade=new.trade,
        place=new.place,
        picture=new.picture,
        photo_id=new.photo_id,
        area_id=new.area_id,
        at=at,
    )


async def shop(reader: Reader, id: UUID) -> Shop | None:
    return sql.maybe(Shop, await _q.shop(reader, id=id))


async def shops(reader: Reader, ids: list[UUID]) -> dict[UUID, Shop]:
    """Several shops at once, by id."""
    found = [sql.struct(Shop, row) async for row in _q.shops(reader, ids=ids)]
    return {shop.id: shop for shop in found}


async def shop_locked(tx: Transaction, id: UUID) -> Shop | None:
    return sql.maybe(Shop, await _q.shop_locked(tx, id=id))


async def shops_of(reader: Reader, owner_id: UUID) -> list[Shop]:
    return [sql.struct(Shop, row) async for row in _q.shops_of(reader, owner_id=owner_id)]


async def opened_by(tx: Transaction, owner_id: UUID) -> Opened:
    """What the person opened so far; nobody else opens a shop for them until the transaction ends."""
    await _q.hold_shops_of(tx, owner_id=owner_id)
    return sql.struct(Opened, await _q.opened_by(tx, owner_id=owner_id))


async def set_state(tx: Transaction, *, id: UUID, state: ShopState) -> None:
    await _q.set_state(tx, id=id, state=state)


async def set_discreet(tx: Transaction, *, id: UUID, discreet: bool) -> None:
    await _q.set_discreet(tx, id=id, discreet=discreet)


async def set_withdrawn(tx: Transaction, *, id: UUID, withdrawn: bool, bars_owner: bool = False) -> None:
    await _q.set_withdrawn(tx, id=id, withdrawn=withdrawn, bars_owner=bars_owner)


async def set_reviewed(tx: Transaction, id: UUID) -> None:
    await _q.set_reviewed(tx, id=id)


async def shops_named(reader: Reader, text: str, *, most: int) -> list[Shop]:
    """Shops whose name or place holds the text, the newest first; a discreet one by its neutral number alone."""
    like = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
    digits = re.search(r"[0-9]{4}", text)
    rows = _q.shops_named(reader, like=like, number=int(digits[0]) if digits else -1, most=most)
    return [sql.struct(Shop, row) async for row in rows]


async def sums_of_shops(reader: Reader, ids: list[UUID]) -> dict[UUID, DaySum]:
    """What each of them took in so far; shops that took nothing are left out."""
    return {
        row["shop_id"]: DaySum(row["count"], row["amount_minor"]) async for row in _q.sums_of_shops(reader, ids=ids)
    }


async def set_area(tx: Transaction, *, id: UUID, area_id: UUID | None) -> None:
    await _q.set_area(tx, id=id, area_id=area_id)


async def sum_up(tx: Transaction, *, through: date, most: int) -> int:
    """Add days until that one to the totals of shops that are behind; returns of how many."""
    await _q.hold_totals(tx)
    return len([row async for row in _q.sum_up(tx, through=through, most=most)])


async def opening_before(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.opening_before(reader, at=at, most=most)]


async def insert_takings(tx: Transaction, takings: Sequence[tuple[UUID, Taking]], *, business_date: date) -> None:
    await _q.insert_takings(
        tx,
        shop_ids=[shop_id for shop_id, _ in takings],
        ids=[taking.id for _, taking in takings],
        order_ids=[taking.order_id for _, taking in takings],
        kinds=[taking.kind for _, taking in takings],
        amounts_minor=[taking.amount_minor for _, taking in takings],
        paid_minor=[taking.paid_minor for _, taking in takings],
        coupons_minor=[taking.coupon_minor for _, taking in takings],
        fees_minor=[taking.fee_minor for _, taking in takings],
        payer_names=[taking.payer_name for _, taking in takings],
        ats=[taking.at for _, taking in takings],
        business_date=business_date,
    )


async def taken_at(reader: Reader, *, shop_id: UUID, id: UUID) -> datetime | None:
    """When the shop received that payment."""
    found: datetime | None = await _q.taken_at(reader, shop_id=shop_id, id=id)
    return found


async def day_sum(reader: Reader, *, shop_id: UUID, business_date: date) -> DaySum:
    return sql.struct(DaySum, await _q.day_sum(reader, shop_id=shop_id, business_date=business_date))


async def takings(reader: Reader, *, shop_id: UUID, before: UUID | None, most: int) -> list[Taking]:
    return [sql.struct(Taking, row) async for row in _q.takings(reader, shop_id=shop_id, before=before, most=most)]


async def insert_charge(
    tx: Transaction,
    *,
    id: UUID,
    shop_id: UUID,
    amount_minor: int,
    note: str,
    asked_by: UUID,
    at: datetime,
    expires_at: datetime,
    till_id: UUID | None,
) -> None:
    await _q.insert_charge(
        tx,
        id=id,
        shop_id=shop_id,
        amount_minor=amount_minor,
        note=note,
        asked_by=asked_by,
        at=at,
        expires_at=expires_at,
        till_id=till_id,
    )


async def charge(reader: Reader, id: UUID) -> Charge | None:
    return sql.maybe(Charge, await _q.charge(reader, id=id))


async def charge_locked(tx: Transaction, id: UUID) -> Charge | None:
    await _q.hold_charge_row(tx, id=id)
    return await charge(tx, id)


async def take_charge(tx: Transaction, *, id: UUID, order_id: UUID, payer_id: UUID) -> None:
    await _q.take_charge(tx, id=id, order_id=order_id, payer_id=payer_id)


async def let_charge_go(tx: Transaction, *, order_id: UUID) -> None:
    await _q.let_charge_go(tx, order_id=order_id)


async def hour_sums(reader: Reader, *, shop_id: UUID, period: Period, time_zone: str) -> list[HourSum]:
    return [
        sql.struct(HourSum, row)
        async for row in _q.hour_sums(
            reader, shop_id=shop_id, first_date=period.first, last_date=period.last, time_zone=time_zone
        )
    ]


async def taking_names(
    reader: Reader, *, shop_id: UUID, ids: list[UUID], till_id: UUID | None
) -> dict[UUID, tuple[str, str]]:
    """By taking, who paid or was given back, and at which till."""
    rows = _q.taking_names(reader, shop_id=shop_id, ids=ids, till_id=till_id)
    return {row["id"]: (row["payer_name"], row["till"]) async for row in rows}


async def insert_agreement(tx: Transaction, new: Agreement) -> None:
    await _q.insert_agreement(
        tx,
        id=new.id,
        shop_id=new.shop_id,
        permyriad=new.permyriad,
        valid_from=new.valid_from,
        agreed_by=new.agreed_by,
        at=new.agreed_at,
    )


async def agreement(reader: Reader, id: UUID) -> Agreement | None:
    return sql.maybe(Agreement, await _q.agreement(reader, id=id))


async def agreements(reader: Reader, shop_id: UUID, *, most: int) -> list[Agreement]:
    return [sql.struct(Agreement, row) async for row in _q.agreements(reader, shop_id=shop_id, most=most)]


async def permyriad_at(reader: Reader, *, shop_id: UUID, at: datetime) -> int:
    found: int | None = await _q.permyriad_at(reader, shop_id=shop_id, at=at)
    return found or 0


async def permyriads_at(reader: Reader, *, shop_ids: list[UUID], at: datetime) -> dict[UUID, int]:
    return {row["shop_id"]: row["permyriad"] async for row in _q.permyriads_at(reader, shop_ids=shop_ids, at=at)}


async def fee_terms_at(reader: Reader, *, shop_ids: list[UUID], at: datetime) -> dict[UUID, FeeTerms]:
    rows = _q.fee_terms_at(reader, shop_ids=shop_ids, at=at)
    return {row["shop_id"]: FeeTerms(row["permyriad"], row["waiver_id"]) async for row in rows}


async def insert_waiver(tx: Transaction, agreement_id: UUID, new: Waiver) -> None:
    await _q.insert_waiver(
        tx, id=new.id, agreement_id=agreement_id, permyriad=new.permyriad, budget_minor=new.budget_minor
    )


async def waivers_locked(tx: Transaction, ids: list[UUID]) -> dict[UUID, int]:
    """What is left of each, in minor units."""
    return {row["id"]: row["left_minor"] async for row in _q.waivers_locked(tx, ids=ids)}


async def spend_waivers(tx: Transaction, spent: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Payments with their waiver and how much of the fee it pays."""
    await _q.spend_waivers(
        tx,
        payment_ids=[payment_id for payment_id, _, _ in spent],
        waiver_ids=[waiver_id for _, waiver_id, _ in spent],
        fees_minor=[minor for _, _, minor in spent],
    )


async def unspend_waiver(tx: Transaction, payment_id: UUID) -> None:
    await _q.unspend_waiver(tx, payment_id=payment_id)


async def waived_minor(reader: Reader, ids: list[UUID]) -> dict[UUID, int]:
    return {row["id"]: row["waived_minor"] async for row in _q.waived_minor(reader, ids=ids)}


async def latest_shops(reader: Reader, *, before: UUID | None, most: int) -> list[Shop]:
    return [sql.struct(Shop, row) async for row in _q.latest_shops(reader, before=before, most=most)]


async def invite(tx: Transaction, *, shop_id: UUID, person_id: UUID, at: datetime) -> None:
    await _q.invite(tx, shop_id=shop_id, person_id=person_id, at=at)


async def accept(tx: Transaction, *, shop_id: UUID, person_id: UUID, at: datetime) -> None:
    await _q.accept(tx, shop_id=shop_id, person_id=person_id, at=at)


async def remove_staff(tx: Transaction, *, shop_id: UUID, person_id: UUID) -> None:
    await _q.remove_staff(tx, shop_id=shop_id, person_id=person_id)


async def staff_row(reader: Reader, *, shop_id: UUID, person_id: UUID) -> StaffRow | None:
    return sql.maybe(StaffRow, await _q.staff_row(reader, shop_id=shop_id, person_id=person_id))


async def staff_rows(reader: Reader, *, shop_ids: list[UUID], person_id: UUID) -> dict[UUID, StaffRow]:
    """By shop, how the person stands with it."""
    rows = _q.staff_rows(reader, shop_ids=shop_ids, person_id=person_id)
    return {row["shop_id"]: sql.struct(StaffRow, row) async for row in rows}


async def staff(reader: Reader, shop_id: UUID) -> list[StaffRow]:
    return [sql.struct(StaffRow, row) async for row in _q.staff(reader, shop_id=shop_id)]


async def staff_of_shops(reader: Reader, shop_ids: list[UUID]) -> list[StaffRow]:
    return [sql.struct(StaffRow, row) async for row in _q.staff_of_shops(reader, shop_ids=shop_ids)]


async def invitations(reader: Reader, person_id: UUID) -> list[StaffRow]:
    return [sql.struct(StaffRow, row) async for row in _q.invitations(reader, person_id=person_id)]


async def shops_worked_at(reader: Reader, person_id: UUID) -> list[Shop]:
    return [sql.struct(Shop, row) async for row in _q.shops_worked_at(reader, person_id=person_id)]
