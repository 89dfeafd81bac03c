"""The operator's desk: two administrators who draft and approve campaigns over HTTP."""

from typing import Any
from uuid import UUID

from junzi.client import Client
from junzi.coupons import accounts
from junzi.operators.actions import make_administrator
from tests.support.market import Market, key

OPS = "/api/ops/campaigns"
FIVE_OFF = {"amount_minor": 500, "threshold_minor": 1500}


class Desk:
    """drafter, approver: both are administrators."""

    def __init__(self, market: Market, drafter: Client, approver: Client) -> None:
        self.market = market
        self.drafter = drafter
        self.approver = approver

    async def draft(self, *offers: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        body = {
            "title": {"zh": "开业券", "en": "Opening gift"},
            "trigger": "claim",
            "offers": list(offers or (FIVE_OFF,)),
            "budget_minor": 100_000,
            "budget_pieces": 1_000,
            "valid_days": 7,
            **wanted,
        }
        campaign: dict[str, Any] = await self.drafter.post(OPS, body, idempotency_key=key())
        return campaign

    async def run(self, *offers: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        """A campaign that runs."""
        campaign = await self.draft(*offers, **wanted)
        return await self.do(campaign, "approvals", by=self.approver)

    async def do(self, campaign: dict[str, Any], what: str, by: Client | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = await (by or self.drafter).post(f"{OPS}/{campaign['id']}/{what}")
        return answer

    async def raise_to(self, campaign: dict[str, Any], **whole: int) -> dict[str, Any]:
        """One administrator asks for the new whole and the other for the same."""
        for by in (self.drafter, self.approver):
            answer: dict[str, Any] = await by.request("PATCH", f"{OPS}/{campaign['id']}", whole)
        return answer

    async def claim(self, person: Client, campaign: dict[str, Any], idempotency_key: str = "") -> dict[str, Any]:
        answer: dict[str, Any] = await person.post(
            f"/api/campaigns/{campaign['id']}/claims", idempotency_key=idempotency_key or key()
        )
        return answer

    async def books(self, campaign: dict[str, Any]) -> dict[str, tuple[int, int]]:
        """What is in each account of a campaign, in money and in pieces."""
        id = UUID(campaign["id"])
        found = {one.id: one for one in await self.market.house.ledger.lookup_accounts(
            [account.id for account in accounts.of_campaign(id)]
        )}  # fmt: skip
        left = {each: one.credits_posted - one.debits_posted for each, one in found.items()}
        return {
            "budget": (left[accounts.budget_id(id)], left[accounts.budget_pieces_id(id)]),
            "outstanding": (left[accounts.outstanding_id(id)], left[accounts.outstanding_pieces_id(id)]),
            "used": (left[accounts.redeemed_pieces_id(id)], left[accounts.expired_pieces_id(id)]),
        }


async def opened_desk(market: Market) -> Desk:
    drafter, approver = await market.person("yuan"), await market.person("second")
    async with market.house.database.transaction() as tx:
        for one in (drafter, approver):
            await make_administrator(tx, UUID(one.me["id"]))
    return Desk(market, drafter, approver)
