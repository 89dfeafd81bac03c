"""`junzi migrate`: brings a database to the schema that this program knows."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from junzi.cli.installation import opened_database
from junzi.cli.progress import console
from junzi.kit import migrate as migrations


def migrate(*, data: Annotated[Path | None, Parameter(help="Data folder of the embedded PostgreSQL.")] = None) -> None:
    """Bring the database to the schema of this program: JUNZI_DATABASE_URL, or the one in the data folder."""
    with opened_database(data) as url:
        applied = asyncio.run(migrations.migrate(url))
    console.print(f"Applied {', '.join(applied)}." if applied else "Nothing to apply: the database is up to date.")
