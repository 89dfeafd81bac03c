"""`junzi audit`: lets the auditor look at this installation's books and logs, while it is served or not."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from junzi.audit import audit as find
from junzi.audit import last_seal, report
from junzi.cli.installation import opened_database
from junzi.cli.refusal import CommandRefused


def audit(
    *,
    data: Annotated[Path | None, Parameter(help="Data folder of the embedded PostgreSQL.")] = None,
    seal: Annotated[str | None, Parameter(help="Hash of a seal noted earlier, which has to be there still.")] = None,
) -> None:
    """Check the books: exit code 0 where everything adds up, 1 with the differences where something does not."""
    if seal is not None and not re.fullmatch("[0-9a-fA-F]{64}", seal):
        raise CommandRefused("A seal's hash has 64 hexadecimal digits.")
    with opened_database(data) as url:
        findings = asyncio.run(find(url, noted=seal))
        last = asyncio.run(last_seal(url))
    print(report(findings))
    if last is not None:
        print(f"The last of {last.number} seals: {last.hash}")
    raise SystemExit(1 if findings else 0)
