"""Found the operator and start the welcome campaign: run as a process of its own, so that it can die in the middle.

usage: found.py DATABASE_URL DATA_FOLDER
"""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from junzi.app import open_house
from junzi.cli import demo_town
from junzi.coupons.start_campaign import start_campaign
from junzi.kit.config import Settings
from tests.support.town import found_town

CAMPAIGN = UUID("01a00000-0000-7000-8000-00000000ca00")


async def main(database_url: str, data: Path) -> None:
    await found_town(database_url)
    async with open_house(Settings(database_url=database_url, data=data)) as house:
        await start_campaign(house.database, house.ledger, demo_town.campaign(CAMPAIGN))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
