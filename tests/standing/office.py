"""An operator's office: who keeps a shop, an administrator who looks at it, and somebody who has nothing to do with either."""

from typing import Any
from uuid import UUID

from junzi.client import Client
from junzi.operators import actions as operators
from tests.support.market import Market, key


class Office:
    def __init__(self, market: Market, keeper: Client, operator: Client, other: Client) -> None:
        self.market = market
        self.keeper = keeper
        self.operator = operator
        self.other = other

    @classmethod
    async def opened(cls, market: Market) -> "Office":
        keeper, operator, other = [await market.person(handle) for handle in ("guifang", "yuan", "azhe")]
        async with market.house.database.transaction() as tx:
            await operators.make_administrator(tx, UUID(operator.me["id"]))
        return cls(market, keeper, operator, other)

    async def standing(self, shop: dict[str, Any]) -> dict[str, Any]:
        return await self.keeper.get(f"/api/shops/{shop['id']}/standing")  # type: ignore[no-any-return]

    async def do(self, shop: dict[str, Any], what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        path = f"/api/ops/shops/{shop['id']}/{what}"
        return await self.operator.post(path, body, idempotency_key=key())  # type: ignore[no-any-return]

    async def actions(self) -> list[str]:
        """What the office did by the audit trail, the latest first."""
        async with self.market.house.database.read() as reader:
            entries = await operators.audit_trail(reader)
        return [entry.action for entry in entries if entry.action.startswith("standing.")]
