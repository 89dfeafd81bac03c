"""Statements as their readers get them: the page's sums, a spreadsheet's rows, a file to print."""

import csv
import io
from typing import Any

import httpx

from junzi.client import Client
from tests.settlement.till import Till

AMOUNTS = slice(4, 11)


async def shown(till: Till, question: str = "") -> dict[str, Any]:
    statement: dict[str, Any] = await till.keeper.get(f"{till.path}/statement{question}")
    return statement


async def rows(till: Till, question: str = "") -> list[dict[str, str]]:
    """The rows of the CSV file by column, with the opening balance first and the sums and the closing balance last."""
    answer = await fetched(till, f"statement.csv{question}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def fetched(till: Till, name: str, client: Client | None = None) -> httpx.Response:
    token = (client or till.keeper).token
    async with httpx.AsyncClient(base_url=till.market.served.url, trust_env=False, verify=False, timeout=60) as browser:
        return await browser.get(f"{till.path}/{name}", headers={"cookie": f"junzi_session={token}"}, timeout=30)


def minor(amount: str) -> int:
    """`minor("-18.50")` is -1850."""
    whole, _, rest = amount.partition(".")
    return int(whole + rest)
