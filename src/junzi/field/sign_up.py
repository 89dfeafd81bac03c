"""Sign up a shop at its counter: the promoter types what it is, its owner agrees on their own phone, and it stands.

The owner is who scans what the promoter's phone shows, whom it was sent to by handle, or whose phone shows the code that the
promoter types: in each case somebody signed in who says yes. The shop is opened by merchants' own steps, repeatable from the row;
who signed it up is on record.
"""

import re
import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.field import places, rules, sign_up_store, store, visit
from junzi.field.model import TakesOurs
from junzi.field.sign_up_model import (
    MOST_SIGN_UPS_A_DAY,
    OWNER_CODE_DIGITS,
    AskedOfMe,
    CounterShop,
    NewSignUp,
    OwnerCode,
    OwnerCodeWrong,
    OwnSignUp,
    ShopSignedUp,
    ShownSignUp,
    SignUp,
    SignUpAsked,
    SignUpOver,
    SignUpState,
    TooManySignUps,
)
from junzi.field.visit_model import NewVisit, Outcome
from junzi.kit import clock, idempotency, ids, text
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import Busy, NotFound, Refusal
from junzi.kit.outbox import Delivery
from junzi.kit.points import Point
from junzi.kit.qr import picture
from junzi.ledger.engine import Ledger
from junzi.merchants import areas, open_shop
from junzi.merchants import store as merchants
from junzi.merchants.model import LONGEST_NAME, LONGEST_PICTURE, LONGEST_PLACE, NewShop, Shop
from junzi.messages import Messages
from junzi.notices.actions import tell
from junzi.people.actions import person_by_handle, person_of, persons_of

GOOD_FOR = timedelta(minutes=15)
CODE_GOOD_FOR = timedelta(minutes=5)
DAY = timedelta(days=1)
MOST_LISTED = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
EVENT_LEG, ASKED_LEG = 1, 2

_agreed = Point("field.sign_up.agreed")
_opened = Point("field.sign_up.opened")


async def ask(database: Database, *, promoter_id: UUID, key: str, new: NewSignUp) -> SignUp:
    """The promoter asks the owner; a repeat with the same key asks nobody again.

    Raises `NotFound`, `InvalidRequest`, `TakesOurs`, `OwnSignUp`, `TooManySignUps`.
    """
    async with database.transaction() as tx:
        sign_up_id, now = ids.new_id(), clock.now()
        claimed = await idempotency.claim(
            tx, person_id=promoter_id, key=key, action="field.sign_up", body=new, intent_id=sign_up_id
        )
        if claimed == sign_up_id:
            place = await places.access_standing(tx, new.place_id, promoter_id)
            if place.shop_id is not None and rules.is_seen_as_ours(await merchants.shop(tx, place.shop_id)):
                raise TakesOurs
            owner_id = None if not new.owner_handle.strip() else (await person_by_handle(tx, new.owner_handle)).id
            if owner_id == promoter_id:
                raise OwnSignUp
            if await sign_up_store.count_sign_ups(tx, promoter_id, since=now - DAY) >= MOST_SIGN_UPS_A_DAY:
                raise TooManySignUps
            await areas.check_area(tx, new.shop.area_id)
            asked = SignUp(
                sign_up_id,
                place.id,
                promoter_id,
                _tidied(new.shop),
                secrets.token_urlsafe(16),
                SignUpState.ASKED,
                owner_id,
                now,
                now + GOOD_FOR,
                None,
            )
            await sign_up_store.insert_sign_up(tx, asked)
            if owner_id is not None:
                told = SignUpAsked(
                    sign_up_id=sign_up_id,
                    owner_id=owner_id,
                    promoter_id=promoter_id,
                    shop_name=asked.shop.name,
                    token=asked.token,
                )
                await tx.emit(told, id=ids.leg(sign_up_id, ASKED_LEG))
        return await access(tx, claimed, promoter_id)


async def on_asked(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Whoever was asked by handle hears of it in a message that leads to the question."""
    event: SignUpAsked = delivery.event
    async with database.read() as reader:
        promoter = await person_of(reader, event.promoter_id)
    facts = {"token": event.token, "shop_name": event.shop_name, "from_name": promoter.name}
    fallback = f"{promoter.name} 请你确认开店：{event.shop_name}"
    await tell(messages, event.owner_id, "contacts", "shop.sign_up_asked", facts, fallback, delivery.id)


async def access(reader: Reader, sign_up_id: UUID, promoter_id: UUID) -> SignUp:
    """A promoter's own. Raises `NotFound`."""
    found = await sign_up_store.sign_up(reader, sign_up_id)
    if found is None or found.promoter_id != promoter_id:
        raise NotFound
    return found


async def show_code(database: Database, *, person_id: UUID) -> OwnerCode:
    """A code for a promoter to type, who then opens a shop in this person's name; the one before is good no more."""
    async with database.transaction() as tx:
        now = clock.now()
        while True:
            code = f"{secrets.randbelow(10**OWNER_CODE_DIGITS):0{OWNER_CODE_DIGITS}}"
            if await sign_up_store.put_owner_code(tx, person_id, code, at=now, expires_at=now + CODE_GOOD_FOR):
                return OwnerCode(code, now + CODE_GOOD_FOR)


async def type_code(database: Database, ledger: Ledger, *, sign_up_id: UUID, promoter_id: UUID, code: str) -> SignUp:
    """The owner shows a code and the promoter types it: that is the owner's yes. Again it changes nothing.

    Raises `NotFound`, `OwnerCodeWrong`, and what `agree` raises.
    """
    async with database.transaction() as tx:
        asked = await access(tx, sign_up_id, promoter_id)
        if asked.state not in (SignUpState.AGREED, SignUpState.OPEN):
            owner_id = await sign_up_store.take_owner_code(tx, code, at=clock.now())
            if owner_id is None:
                raise OwnerCodeWrong
            await _agree(tx, sign_up_id, owner_id)
    _agreed.passed()
    return await run(database, ledger, sign_up_id)


async def agree(database: Database, ledger: Ledger, *, token: str, person_id: UUID) -> SignUp:
    """Whoever scanned it, or was asked by handle, says yes: the shop is theirs. Again it changes nothing.

    Raises `NotFound`, `SignUpOver`, `OwnSignUp`, and what opening a shop raises.
    """
    async with database.transaction() as tx:
        asked = await _by_token(tx, token, person_id)
        if asked.owner_id != person_id or asked.state not in (SignUpState.AGREED, SignUpState.OPEN):
            await _agree(tx, asked.id, person_id)
    _agreed.passed()
    return await run(database, ledger, asked.id)


async def decline(database: Database, *, token: str, person_id: UUID) -> None:
    """Whoever is asked says no; again it changes nothing. Raises `NotFound`, `SignUpOver`."""
    async with database.transaction() as tx:
        asked = await _by_token(tx, token, person_id)
        if asked.state is SignUpState.DECLINED:
            return
        await _asked(tx, asked.id)
        await sign_up_store.set_sign_up(tx, asked.id, SignUpState.DECLINED, owner_id=person_id, at=clock.now())


async def run(database: Database, ledger: Ledger, sign_up_id: UUID) -> SignUp:
    """Open the shop that was agreed to, and let its place be it. Repeatable."""
    async with database.read() as reader:
        found = await sign_up_store.sign_up(reader, sign_up_id)
    if found is None:
        raise NotFound
    if found.state is not SignUpState.AGREED:
        return found
    assert found.owner_id is not None, "who agreed is known"
    new = NewShop(**msgspec.structs.asdict(found.shop))
    try:
        shop = await open_shop.open_shop(
            database, ledger, owner_id=found.owner_id, key=f"field.sign_up.{sign_up_id}", new=new
        )
    except Busy:
        raise
    except Refusal:
        async with database.transaction() as tx:
            await _settle(tx, sign_up_id, SignUpState.REFUSED)
        raise
    _opened.passed()
    async with database.transaction() as tx:
        await _stand(tx, sign_up_id, shop)
        found = await sign_up_store.sign_up(tx, sign_up_id)
    assert found is not None, "a sign-up is never deleted"
    return found


async def sweep(database: Database, ledger: Ledger) -> int:
    """Go on with sign-ups that were interrupted; returns how many."""
    return await sweeping.sweep(
        database,
        sign_up_store.sign_ups_to_try,
        sign_up_store.postpone_sign_up,
        lambda id: run(database, ledger, id),
    )


async def of_promoter(reader: Reader, promoter_id: UUID, public_url: str) -> list[ShownSignUp]:
    """A promoter's, the latest first."""
    return await shown(reader, await sign_up_store.sign_ups_of(reader, promoter_id, most=MOST_LISTED), public_url)


async def shown(reader: Reader, sign_ups: list[SignUp], public_url: str) -> list[ShownSignUp]:
    people = await persons_of(reader, [one.owner_id for one in sign_ups if one.owner_id is not None])
    return [
        ShownSignUp(
            one.id,
            one.place_id,
            one.shop,
            address := f"{public_url}/s/{one.token}",
            picture(address).decode(),
            one.state,
            None if one.owner_id is None else people.get(one.owner_id),
            one.asked_at,
            one.expires_at,
            one.shop_id,
        )
        for one in sign_ups
    ]


async def asked_of_me(reader: Reader, person_id: UUID) -> list[AskedOfMe]:
    """What waits for this person's word."""
    found = await sign_up_store.asked_of(reader, person_id, at=clock.now(), most=MOST_LISTED)
    return [await _to_owner(reader, one) for one in found]


async def scanned(reader: Reader, *, token: str, person_id: UUID) -> AskedOfMe:
    """What a phone scanned. Raises `NotFound`."""
    return await _to_owner(reader, await _by_token(reader, token, person_id))


async def _to_owner(reader: Reader, found: SignUp) -> AskedOfMe:
    promoter = await person_of(reader, found.promoter_id)
    return AskedOfMe(found.token, found.shop, promoter, found.state, found.expires_at, found.shop_id)


async def _by_token(reader: Reader, token: str, person_id: UUID) -> SignUp:
    """What a phone scanned, unless it is somebody else's by now."""
    found = await sign_up_store.sign_up_by_token(reader, token) if _TOKEN.fullmatch(token) else None
    if found is None or found.owner_id not in (None, person_id):
        raise NotFound
    return found


async def _asked(tx: Transaction, sign_up_id: UUID) -> SignUp:
    """It is held, and still waits for an answer. Raises `SignUpOver`."""
    found = await sign_up_store.sign_up_locked(tx, sign_up_id)
    if found is None or found.state is not SignUpState.ASKED or found.expires_at <= clock.now():
        raise SignUpOver
    return found


async def _agree(tx: Transaction, sign_up_id: UUID, owner_id: UUID) -> None:
    asked = await _asked(tx, sign_up_id)
    if asked.owner_id not in (None, owner_id):
        raise SignUpOver
    if asked.promoter_id == owner_id:
        raise OwnSignUp
    now = clock.now()
    await sign_up_store.set_sign_up(
        tx, sign_up_id, SignUpState.AGREED, owner_id=owner_id, at=now, try_at=now + sweeping.FIRST
    )


async def _settle(tx: Transaction, sign_up_id: UUID, state: SignUpState, shop_id: UUID | None = None) -> SignUp | None:
    """The sign-up if it was still under way."""
    found = await sign_up_store.sign_up_locked(tx, sign_up_id)
    if found is None or found.state is not SignUpState.AGREED:
        return None
    await sign_up_store.set_sign_up(tx, sign_up_id, state, shop_id=shop_id, at=clock.now())
    return found


async def _stand(tx: Transaction, sign_up_id: UUID, shop: Shop) -> None:
    place_id = await _place_of(tx, sign_up_id)
    # The place first, as whoever links one by hand does.
    place = await store.place_locked(tx, place_id)
    assert place is not None, "a place is never deleted"
    found = await _settle(tx, sign_up_id, SignUpState.OPEN, shop.id)
    if found is None:
        return
    # A place whose shop nobody may be told of is asked for like any other, and stays what it is.
    if place.shop_id is None and await store.place_of_shop(tx, shop.id) is None:
        await places.link_in(tx, place, shop.id)
    noted = NewVisit(Outcome.SIGNED_UP)
    visit_id = ids.derived(sign_up_id, "visit")
    await visit.write(tx, visit_id=visit_id, place=place, promoter_id=found.promoter_id, new=noted)
    signed_up = ShopSignedUp(
        sign_up_id=sign_up_id, shop_id=shop.id, owner_id=shop.owner_id, promoter_id=found.promoter_id
    )
    await tx.emit(signed_up, id=ids.leg(sign_up_id, EVENT_LEG))


async def _place_of(reader: Reader, sign_up_id: UUID) -> UUID:
    found = await sign_up_store.sign_up(reader, sign_up_id)
    assert found is not None, "a sign-up is never deleted"
    return found.place_id


def _tidied(shop: CounterShop) -> CounterShop:
    return msgspec.structs.replace(
        shop,
        name=text.one_line(shop.name, field="name", least=1, most=LONGEST_NAME),
        place=text.one_line(shop.place, field="place", least=0, most=LONGEST_PLACE),
        picture=text.one_line(shop.picture, field="picture", least=1, most=LONGEST_PICTURE),
    )
