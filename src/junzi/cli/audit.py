"""`junzi audit`: lets the auditor look at this installation's books and logs, while it is served or not."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from junzi.audit import audit as find
from junzi.audit import report
from junzi.cli.installation import opened_database


def audit(*, data: Annotated[Path | None, Parameter(help="Data folder of the embedded PostgreSQL.")] = None) -> None:
    """Check the books: exit code 0 where everything adds up, 1 with the differences where something does not."""
    with opened_database(data) as url:
        findings = asyncio.run(find(url))
    print(report(findings))
    raise SystemExit(1 if findings else 0)
