"""The tour of a demo town says that somebody looks at it, so that the residents go on with their day meanwhile."""

from typing import Any

from litestar import post

from junzi.kit import town
from junzi.kit.bus import Bus, Subject
from junzi.kit.errors import NotFound
from junzi.operators.model import Operator

LOOKED_AT = Subject("tour.looked_at", type(None))


@post("/api/ops/tour/looks", status_code=204, summary="Somebody looks at the tour of a demo town", tags=["operator"])
async def look(operator: Operator, bus: Bus) -> None:
    """Said again and again while the tour is open. There is no tour where the money is real."""
    if not town.current().demo:
        raise NotFound
    bus.publish(LOOKED_AT, None)


ROUTES: list[Any] = [look]
