"""A street with an operator, a promoter, places and people who wish."""

from typing import Any
from uuid import UUID

from junzi.client import Client
from junzi.operators.actions import make_administrator
from tests.support.market import Market, key

HEAD = "number,name,trade,address,area,latitude,longitude,size"


class Street:
    """operator: an administrator; promoter: of the offline team."""

    def __init__(self, market: Market, operator: Client, promoter: Client) -> None:
        self.market = market
        self.operator = operator
        self.promoter = promoter

    async def read_in(self, *rows: str, head: str = HEAD) -> dict[str, Any]:
        answer: dict[str, Any] = await self.operator.post("/api/ops/street/lists", {"csv": "\n".join((head, *rows))})
        return answer

    async def place(self, name: str = "老张面馆", number: str = "1", **more: str) -> dict[str, Any]:
        """A place of the operator's list."""
        values = {"trade": "noodles", "address": "南门街 3 号", "latitude": "32.04", "longitude": "118.78", **more}
        await self.read_in(",".join((number, name, *values.values())), head=",".join(("number", "name", *values)))
        return next(one for one in await self.kept(name) if one["number"] == number)["place"]  # type: ignore[no-any-return]

    async def kept(self, search: str = "", state: str = "standing") -> list[dict[str, Any]]:
        page = await self.operator.get(f"/api/ops/street?which={state}&search={search}")
        return page["places"]  # type: ignore[no-any-return]

    async def seen(self, search: str = "") -> list[dict[str, Any]]:
        """What the promoter sees."""
        return (await self.promoter.get(f"/api/field/places?search={search}"))["places"]  # type: ignore[no-any-return]

    async def rival(self, name: str = "Blue Wallet", *code_starts: str) -> dict[str, Any]:
        wanted = {"name": name, "code_starts": list(code_starts)}
        answer: dict[str, Any] = await self.operator.post("/api/ops/rivals", wanted, idempotency_key=key())
        return answer

    async def see(self, place: dict[str, Any], rival: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
        wanted = {"rival_id": rival["id"], "state": state, "how": "scan", **more}
        path = f"/api/field/places/{place['id']}/rival-codes"
        answer: dict[str, Any] = await self.promoter.post(path, wanted, idempotency_key=key())
        return answer

    async def link(self, place: dict[str, Any], shop: dict[str, Any] | None) -> dict[str, Any]:
        path = f"/api/ops/street/{place['id']}/shop"
        answer: dict[str, Any] = await self.operator.request("PUT", path, {"shop_id": shop and shop["id"]})
        return answer

    async def wish(self, person: Client, place: dict[str, Any]) -> None:
        await person.post(f"/api/street/{place['id']}/wishes")

    async def demand(self, place: dict[str, Any]) -> Any:
        return next(one for one in await self.seen() if one["id"] == place["id"])["demand"]


async def opened_street(market: Market) -> Street:
    operator, promoter = await market.served.person("operator"), await market.served.person("walker")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(operator.me["id"]))
    await operator.post("/api/ops/promoters", {"handle": "walker"})
    return Street(market, operator, promoter)
