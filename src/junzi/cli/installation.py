"""The database of this installation, for commands that look at it or repair it, whether it is being served or not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from junzi.cli.folders import data_folder
from junzi.cli.progress import step
from junzi.cli.refusal import CommandRefused
from junzi.kit.embedded_postgres import DataFolderInUse, EmbeddedPostgres, running_url

DATABASE = "junzi"
ISSUER_DATABASE = "issuer"


@contextmanager
def opened_database(data: Path | None) -> Iterator[str]:
    """The address of JUNZI_DATABASE_URL, of the PostgreSQL that serves the data folder, or of one started for the while."""
    if os.environ.get("JUNZI_DATABASE_URL"):
        yield os.environ["JUNZI_DATABASE_URL"]
        return
    folder = data_folder(data)
    if not (folder / "postgres").exists():
        raise CommandRefused(f"There is no database in {folder}. Start with `junzi up`, or set JUNZI_DATABASE_URL.")
    postgres = EmbeddedPostgres(folder)
    try:
        with step("Starting PostgreSQL"):
            postgres.start()
    except DataFolderInUse:
        yield running_url(folder, DATABASE)
        return
    try:
        postgres.ensure_database(DATABASE)
        yield postgres.url(DATABASE)
    finally:
        postgres.stop()
