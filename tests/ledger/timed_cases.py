"""The rows in which time passes: what runs out, and what is imported with a timestamp of its own.

A round lets seconds pass and then sends one request. Timestamps of imported events count from the start of the case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from junzi.ledger.model import Account, AccountFlags, CreateAccountStatus, CreateTransferStatus, Transfer, TransferFlags
from tests.ledger.cases import OTHER, PLAIN, SHUT, account, move, resolve

SECOND = 1_000_000_000
LATE = UUID(int=20)

_A, _T, _F = CreateAccountStatus, CreateTransferStatus, TransferFlags
_IMPORTED, _PENDING, _LINKED = _F.IMPORTED, _F.PENDING, _F.LINKED
_POST, _VOID = _F.POST_PENDING_TRANSFER, _F.VOID_PENDING_TRANSFER


@dataclass(frozen=True)
class Round:
    after_s: float
    events: Sequence[Transfer] | Sequence[Account]
    statuses: Sequence[CreateTransferStatus] | Sequence[CreateAccountStatus]


@dataclass(frozen=True)
class TimedCase:
    """start: in nanoseconds since 1970, or None for any; the accounts of `WORLD` are made then."""

    name: str
    rounds: Sequence[Round]
    balances: dict[UUID, tuple[int, int, int, int]] = field(default_factory=dict)
    start: int | None = None


def _past(number: int, at_s: float, **fields: object) -> Transfer:
    flags = _F(fields.pop("flags", _F.NONE)) | _IMPORTED  # type: ignore[arg-type]
    return move(number, 10, **{"flags": flags, "timestamp": int(at_s * SECOND), **fields})


def _old(number: int, at_s: float, flags: AccountFlags = AccountFlags.NONE, **fields: object) -> Account:
    return account(UUID(int=number), flags=flags | AccountFlags.IMPORTED, timestamp=int(at_s * SECOND), **fields)


def from_start(start: int, event: Transfer | Account) -> Transfer | Account:
    """The event with its timestamp counted from 1970."""
    return replace(event, timestamp=start + event.timestamp) if event.timestamp else event


TIMED_CASES = [
    TimedCase(
        "transfers from the past come in their order, after their accounts",
        [
            Round(10, [account(LATE)], [_A.CREATED]),
            Round(
                10,
                [
                    _past(1, 5, debit_account_id=LATE, flags=_PENDING, timeout=5),
                    _past(1, 5, credit_account_id=LATE, flags=_PENDING, timeout=5),
                    _past(1, 5, debit_account_id=SHUT, flags=_PENDING, timeout=5),
                    _past(1, 5, debit_account_id=SHUT),
                    _past(2, 5),
                    _past(3, 5),
                    _past(3, 6, flags=_PENDING),
                    resolve(4, 3, _POST | _IMPORTED, 7, timestamp=6 * SECOND),
                    resolve(4, 3, _POST | _IMPORTED, 7, timestamp=7 * SECOND),
                    _past(5, 10),
                    _past(5, 11),
                    _past(2, 8),
                    _past(6, 12, flags=_LINKED),
                    _past(7, 12),
                    _past(6, 11.5),
                ],
                [
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_DEBIT_ACCOUNT,
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_CREDIT_ACCOUNT,
                    _T.IMPORTED_EVENT_TIMEOUT_MUST_BE_ZERO,
                    _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
                    _T.CREATED,
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _T.CREATED,
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _T.CREATED,
                    # The nanosecond of an account.
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _T.CREATED,
                    _T.EXISTS,
                    _T.LINKED_EVENT_FAILED,
                    _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _T.CREATED,
                ],
            ),
            Round(0, [move(8, 1)], [_T.CREATED]),
        ],
        balances={PLAIN: (0, 38, 0, 0), OTHER: (0, 0, 0, 38)},
    ),
    TimedCase(
        "a chain from the past that falls leaves its timestamps free",
        [
            Round(
                10,
                [_past(1, 5, flags=_LINKED), _past(2, 5), _past(3, 4)],
                [_T.LINKED_EVENT_FAILED, _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS, _T.CREATED],
            )
        ],
        balances={PLAIN: (0, 10, 0, 0)},
    ),
    TimedCase(
        "accounts from the past come in their order, and not at the nanosecond of a transfer",
        [
            Round(10, [move(1)], [_T.CREATED]),
            Round(
                10,
                [
                    _old(30, 10),
                    _old(30, 12),
                    _old(31, 12),
                    account(UUID(int=31)),
                    _old(31, 15, AccountFlags.LINKED),
                    _old(32, 15),
                    _old(31, 14),
                    _old(31, 14),
                    _old(31, 19, code=2),
                ],
                [
                    _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _A.CREATED,
                    _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _A.IMPORTED_EVENT_EXPECTED,
                    _A.LINKED_EVENT_FAILED,
                    _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
                    _A.CREATED,
                    _A.EXISTS,
                    _A.EXISTS_WITH_DIFFERENT_CODE,
                ],
            ),
            Round(0, [account(UUID(int=40)), _old(41, 16)], [_A.CREATED, _A.IMPORTED_EVENT_NOT_EXPECTED]),
        ],
    ),
    TimedCase(
        "a pending transfer runs out at its second, reopens what it closed, and cannot be posted any more",
        [
            Round(0, [move(1, 10, flags=_PENDING | _F.CLOSING_DEBIT, timeout=10)], [_T.CREATED]),
            Round(9.9, [move(2)], [_T.DEBIT_ACCOUNT_ALREADY_CLOSED]),
            Round(
                0.2,
                [move(3), resolve(4, 1, _POST), resolve(5, 1, _VOID, 0)],
                [_T.CREATED, _T.PENDING_TRANSFER_EXPIRED, _T.PENDING_TRANSFER_EXPIRED],
            ),
        ],
        balances={PLAIN: (0, 100, 0, 0)},
    ),
    TimedCase(
        "what closed both accounts opens both when it runs out",
        [
            Round(0, [move(1, 0, flags=_PENDING | _F.CLOSING_DEBIT | _F.CLOSING_CREDIT, timeout=5)], [_T.CREATED]),
            Round(
                6,
                [move(2), move(3, debit_account_id=OTHER, credit_account_id=PLAIN)],
                [_T.CREATED, _T.CREATED],
            ),
        ],
        balances={PLAIN: (0, 100, 0, 100), OTHER: (0, 100, 0, 100)},
    ),
    TimedCase(
        "what runs out with the very request that imports comes before it",
        [
            Round(0, [move(1, 10, flags=_PENDING, timeout=5)], [_T.CREATED]),
            Round(10, [_past(2, 9)], [_T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS]),
            Round(10, [_past(2, 11)], [_T.CREATED]),
        ],
        balances={PLAIN: (0, 10, 0, 0)},
    ),
    TimedCase(
        "nothing is imported from before an expiry",
        [
            Round(0, [move(1, 10, flags=_PENDING, timeout=5)], [_T.CREATED]),
            Round(10, [move(2, code=0)], [_T.CODE_MUST_NOT_BE_ZERO]),
            Round(
                10,
                [_past(3, 9), _past(4, 11)],
                [_T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS, _T.CREATED],
            ),
        ],
        balances={PLAIN: (0, 10, 0, 0)},
    ),
    TimedCase(
        "a timeout beyond the end of time is refused, after what overflows and before what exceeds",
        [
            Round(
                0,
                [
                    move(1, 2**64, flags=_PENDING, timeout=101, debit_account_id=UUID(int=3)),
                    move(1, flags=_PENDING, timeout=101, debit_account_id=UUID(int=3)),
                    move(2),
                ],
                [_T.OVERFLOWS_DEBITS_PENDING, _T.OVERFLOWS_TIMEOUT, _T.CREATED],
            )
        ],
        start=2**63 - 100 * SECOND,
    ),
]
