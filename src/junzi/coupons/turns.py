"""What becomes of a campaign, told to rooms above: a stored event in the transaction of what happened."""

from enum import StrEnum
from uuid import UUID

from junzi.coupons.model import Campaign, Words
from junzi.kit.database import Event, Transaction


class Turn(StrEnum):
    STARTED = "started"
    """Its budget is there: it gives from now on."""
    PAUSED = "paused"
    RESUMED = "resumed"
    RAISED = "raised"
    ENDED = "ended"


class CampaignTurned(Event, frozen=True, kw_only=True, tag="coupons.campaign_turned"):
    campaign_id: UUID
    title: Words
    turn: Turn


async def tell(tx: Transaction, campaign: Campaign, turn: Turn) -> None:
    await tx.emit(CampaignTurned(campaign_id=campaign.id, title=campaign.title, turn=turn))
