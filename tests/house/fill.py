"""Fill the demo town in a process of its own, so that it can be killed in the middle.

usage: fill.py DATABASE_URL DATA_FOLDER ISSUER_URL
"""

import asyncio
import sys
from pathlib import Path

from junzi.app import open_house
from junzi.cli.demo import seed
from junzi.cli.people_file import PeopleFile
from junzi.kit import town
from junzi.kit.config import Settings
from junzi.kit.database import open_database
from tests.issuer.bank import KEY


async def fill(database_url: str, data: Path, issuer_url: str) -> None:
    database = await open_database(database_url, size=1)
    async with database.transaction() as tx:
        await town.found(tx, name="Demo Town", demo=True)
    await database.close()
    settings = Settings(database_url=database_url, data=data, issuer_url=issuer_url, issuer_key=KEY)
    async with open_house(settings) as house:
        await seed(house, PeopleFile(data), lambda _: None)


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
