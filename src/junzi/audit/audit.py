"""Runs every check of `queries.sql` on one snapshot of the database.

A check is a query of the check's name that returns (subject, said, derived) for whatever does not add up, and nothing where all
is well. A new check is a query, its line in `CHECKS`, and a test that corrupts one value.
"""

import asyncio
import time
from collections.abc import Sequence

import asyncpg
import msgspec

from junzi.kit import sql

CHECKS = (
    "account_id_unique",
    "account_balance",
    "account_applied",
    "account_entries",
    "account_limit",
    "account_closed",
    "account_closed_meanwhile",
    "account_history",
    "ledger_total",
    "transfer_id_unique",
    "transfer_accounts",
    "transfer_amount",
    "transfer_flags",
    "transfer_both_stands_and_failed",
    "balancing_amount",
    "pending_reference",
    "pending_resolved_twice",
    "pending_resolved_amount",
    "pending_status",
    "pending_times",
    "timestamp_unique",
    "timestamp_order",
    "timestamp_beyond_clock",
    "seal_chain",
    "seal_transfers",
    "message_sequence",
    "message_client_id_unique",
    "conversation_head",
    "conversation_member_count",
    "conversation_missing",
    "member_read",
    "change_beyond_clock",
    "bill_sum",
    "taking_sum",
    "taking_total",
    "coupon_outstanding",
    "coupon_payment",
    "coupon_money",
    "coupon_pieces",
    "campaign_budget",
    "campaign_funders",
    "campaign_shares",
    "payment_coupons",
    "payment_transfers",
    "payment_room",
    "coupon_transfers",
    "order_payment",
    "payment_told",
    "debit_answered",
    "refund_sum",
    "refund_coupons",
    "refund_transfers",
    "coupon_refund_transfers",
    "refund_told",
    "credit_answered",
    "fee_transfers",
    "fee_back",
    "fee_told",
    "waiver_sum",
    "payout_transfers",
    "payout_answered",
    "commission_transfers",
)
"""The names of all checks, which are the names of the findings."""

MOST_FINDINGS = 100
"""The most findings a check tells; where there are more, the first ones are enough to start looking."""

_ALONE = {"max_parallel_workers_per_gather": "0", "max_parallel_maintenance_workers": "0"}
"""A session's settings by which its queries have no helpers."""
_rest = asyncio.sleep

_q = sql.queries("junzi.audit")


class Finding(msgspec.Struct, frozen=True):
    """Something that does not add up.

    name:     the check, one of `CHECKS`; or `seal_noted`
    subject:  what it is about
    said:     what stands in the database
    derived:  what should stand there by everything else
    """

    name: str
    subject: str
    said: str
    derived: str


class Seal(msgspec.Struct, frozen=True):
    """A seal over the ledger's transfers: all of them with timestamps up to `to_timestamp`. hash: 64 hexadecimal digits."""

    number: int
    to_timestamp: int
    hash: str


async def audit(url: str, *, noted: str | None = None, gently: bool = False) -> list[Finding]:
    """Every difference there is at one moment; none when all is well. Changes nothing.

    noted:  the hash of a seal that somebody wrote down elsewhere. Who rewrites history can make all seals anew, but not with it
    gently: beside people who are served. PostgreSQL gives it one core, and it rests after each query as long as that took

    Raises what asyncpg raises when PostgreSQL does not answer.
    """
    settings = {"application_name": "junzi audit", **(_ALONE if gently else {})}
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await _q.make_room(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            began = time.monotonic()
            await _q.take_stock(connection)
            findings = list[Finding]()
            for name in CHECKS:
                if gently:
                    await _rest(time.monotonic() - began)
                began = time.monotonic()
                async for row in getattr(_q, name)(connection, most=MOST_FINDINGS):
                    findings.append(Finding(name, row["subject"], row["said"], row["derived"]))
            if noted is not None and not await _q.seal_noted(connection, hash=noted):
                findings.append(Finding("seal_noted", f"hash {noted}", "that of no seal", "that of a seal"))
            return findings
    finally:
        await connection.close()


async def last_seal(url: str) -> Seal | None:
    """The newest seal, to be noted where nobody who can write to this database can."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "junzi audit"})
    try:
        row = await _q.last_seal(connection)
        return None if row is None else Seal(row["number"], row["to_timestamp"], row["hash"])
    finally:
        await connection.close()


def report(findings: Sequence[Finding]) -> str:
    """The findings for people to read: a line each, or one that says that there are none."""
    if not findings:
        return f"{len(CHECKS)} checks, nothing found: the books and the logs agree with their history."
    lines = [
        f"{finding.name}: {finding.subject} says {finding.said}, should be {finding.derived}" for finding in findings
    ]
    return "\n".join([*lines, f"{len(CHECKS)} checks, {len(findings)} found."])
