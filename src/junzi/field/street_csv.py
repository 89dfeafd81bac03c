"""The street as a table for a spreadsheet: what its list says of each place, and what the team knows of it."""

from collections.abc import AsyncIterator
from uuid import UUID

from junzi.field import rivals, store, street
from junzi.field.model import PlaceState, RivalCodeLine
from junzi.field.rows import COLUMNS
from junzi.field.street import Kept
from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.kit.table import plain, table, words
from junzi.merchants import areas
from junzi.people.actions import persons_of

AT_ONCE = 500
"""Places of one query."""
_MARK = "\ufeff"


async def pieces(database: Database, *, state: PlaceState, area_id: UUID | None) -> AsyncIterator[str]:
    """The newest place first, a page at a time. What nobody may be told of a place is not in it, as on the page."""
    head = (*COLUMNS, "takes", "rivals_codes", "asked_people", "asked_coupons", "source", "promoter")
    yield table([head])
    before: UUID | None = None
    while True:
        async with database.read() as reader:
            listed = await store.places(reader, state=state, text="", area_id=area_id, before=before, most=AT_ONCE)
            kept = await street.kept(reader, listed)
            areas_named = {one.id: one.name.zh for one in await areas.areas(reader)}
            wallets = {one.id: one.name for one in await rivals.known(reader)}
            people = await persons_of(reader, list({one.promoter_id for one in kept if one.promoter_id is not None}))
        handles = {id: person.handle for id, person in people.items()}
        if kept:
            # Spreadsheets are told once, in front, that this is UTF-8.
            yield table(_row(one, areas_named, wallets, handles) for one in kept).removeprefix(_MARK)
        if len(listed) < AT_ONCE:
            return
        before = listed[-1].id


def _row(kept: Kept, areas_named: dict[UUID, str], wallets: dict[UUID, str], handles: dict[UUID, str]) -> list[object]:
    place = kept.place
    return [
        words(kept.number or ""),
        words(place.name),
        place.trade,
        words(place.address),
        words(areas_named[place.area_id]) if place.area_id is not None else "",
        "" if place.position is None else place.position.latitude_e6 / 1_000_000,
        "" if place.position is None else place.position.longitude_e6 / 1_000_000,
        place.size,
        place.wallets,
        words("; ".join(_said(code, wallets) for code in place.codes)),
        "" if place.demand is None else place.demand.people,
        "" if place.demand is None else plain(place.demand.coupons_minor, town.current().money),
        kept.source,
        "" if kept.promoter_id is None else handles.get(kept.promoter_id, ""),
    ]


def _said(code: RivalCodeLine, wallets: dict[UUID, str]) -> str:
    seen_on = clock.local(code.seen_at, town.current().time_zone).date()
    return f"{wallets.get(code.rival_id, '')} {code.state} {seen_on}"
