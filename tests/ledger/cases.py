"""One row a case: what stands before, what is asked for, and what becomes of it.

Ids are small numbers; `numbered` moves a case's ids apart from every other case's, so that all run in one database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from junzi.ledger.model import (
    AMOUNT_MAX,
    NIL,
    Account,
    AccountFlags,
    CreateAccountStatus,
    CreateTransferStatus,
    Transfer,
    TransferFlags,
)

ID_MAX = UUID(int=2**128 - 1)
PLAIN, OTHER, DEBIT_LIMITED, CREDIT_LIMITED, FOREIGN, SHUT, CLOSED, KEEPER = (
    UUID(int=number) for number in range(1, 9)
)
NOBODY = UUID(int=99)

_A, _T = CreateAccountStatus, CreateTransferStatus
_LINKED, _PENDING = TransferFlags.LINKED, TransferFlags.PENDING
_POST, _VOID = TransferFlags.POST_PENDING_TRANSFER, TransferFlags.VOID_PENDING_TRANSFER
_FULL = AMOUNT_MAX


def account(id: UUID, **fields: object) -> Account:
    return replace(Account(id=id, ledger=156, code=1), **fields)


def move(number: int, amount: int = 100, **fields: object) -> Transfer:
    """A transfer from PLAIN to OTHER that is all right as it stands."""
    plain = Transfer(
        id=UUID(int=number), debit_account_id=PLAIN, credit_account_id=OTHER, amount=amount, ledger=156, code=1
    )
    return replace(plain, **fields)


def resolve(number: int, pending: int, flags: TransferFlags, amount: int = _FULL, **fields: object) -> Transfer:
    """A post or void that leaves out whatever it may."""
    return replace(Transfer(id=UUID(int=number), pending_id=UUID(int=pending), amount=amount, flags=flags), **fields)


WORLD = [
    account(PLAIN),
    account(OTHER),
    account(DEBIT_LIMITED, flags=AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS),
    account(CREDIT_LIMITED, flags=AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS),
    account(FOREIGN, ledger=840),
    account(SHUT, flags=AccountFlags.CLOSED),
    account(CLOSED, flags=AccountFlags.CLOSED),
    account(KEEPER, flags=AccountFlags.HISTORY),
]


@dataclass(frozen=True)
class AccountCase:
    name: str
    event: Account
    status: CreateAccountStatus


@dataclass(frozen=True)
class TransferCase:
    """before: requests that must be created; balances: (debits pending, debits posted, credits pending, credits posted) after."""

    name: str
    events: Sequence[Transfer]
    statuses: Sequence[CreateTransferStatus]
    before: Sequence[Sequence[Transfer]] = ()
    balances: dict[UUID, tuple[int, int, int, int]] = field(default_factory=dict)


def _repaired(
    start: dict[str, object], repairs: Sequence[tuple[dict[str, object], int]]
) -> list[tuple[dict[str, object], int]]:
    """Everything wrong at first; every repair lets the next reason come forward. So the order itself is tested."""
    steps, fields = [], dict(start)
    for repair, status in repairs:
        fields = {**fields, **repair}
        steps.append((fields, status))
    return steps


_STANDING_ACCOUNT = account(
    UUID(int=50), user_data_128=UUID(int=7), user_data_64=8, user_data_32=9, flags=AccountFlags.HISTORY
)

_ACCOUNT_STEPS = _repaired(
    {
        "id": NIL,
        "timestamp": 5,
        "flags": AccountFlags(1 << 6),
        "ledger": 0,
        "code": 0,
        "debits_pending": 1,
        "debits_posted": 1,
        "credits_pending": 1,
        "credits_posted": 1,
        "user_data_128": UUID(int=1),
        "user_data_64": 1,
        "user_data_32": 1,
    },
    [
        ({}, _A.TIMESTAMP_MUST_BE_ZERO),
        ({"timestamp": 0}, _A.RESERVED_FLAG),
        (
            {"flags": AccountFlags(AccountFlags.IMPORTED | 1 << 6)},
            _A.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE,
        ),
        ({"timestamp": 2**63}, _A.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE),
        ({"timestamp": 2**63 - 1}, _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE),
        ({"timestamp": 1}, _A.RESERVED_FLAG),
        ({"flags": AccountFlags(2 | 4), "timestamp": 0}, _A.ID_MUST_NOT_BE_ZERO),
        ({"id": ID_MAX}, _A.ID_MUST_NOT_BE_INT_MAX),
        ({"id": UUID(int=50)}, _A.EXISTS_WITH_DIFFERENT_FLAGS),
        ({"flags": AccountFlags.HISTORY}, _A.EXISTS_WITH_DIFFERENT_USER_DATA_128),
        ({"user_data_128": UUID(int=7)}, _A.EXISTS_WITH_DIFFERENT_USER_DATA_64),
        ({"user_data_64": 8}, _A.EXISTS_WITH_DIFFERENT_USER_DATA_32),
        ({"user_data_32": 9}, _A.EXISTS_WITH_DIFFERENT_LEDGER),
        ({"ledger": 156}, _A.EXISTS_WITH_DIFFERENT_CODE),
        ({"code": 1}, _A.EXISTS),
        ({"id": UUID(int=51), "flags": AccountFlags(2 | 4), "ledger": 0, "code": 0}, _A.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": AccountFlags.NONE}, _A.DEBITS_PENDING_MUST_BE_ZERO),
        ({"debits_pending": 0}, _A.DEBITS_POSTED_MUST_BE_ZERO),
        ({"debits_posted": 0}, _A.CREDITS_PENDING_MUST_BE_ZERO),
        ({"credits_pending": 0}, _A.CREDITS_POSTED_MUST_BE_ZERO),
        ({"credits_posted": 0}, _A.LEDGER_MUST_NOT_BE_ZERO),
        ({"ledger": 156, "flags": AccountFlags.IMPORTED, "timestamp": 1}, _A.CODE_MUST_NOT_BE_ZERO),
        ({"code": 1}, _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS),
        ({"flags": AccountFlags.CLOSED, "timestamp": 0}, _A.CREATED),
    ],
)

ACCOUNT_CASES = [
    AccountCase(f"accounts, step {step}: {status.name}", Account(**fields), status)  # type: ignore[arg-type]
    for step, (fields, status) in enumerate(_ACCOUNT_STEPS)
]
STANDING_ACCOUNTS = [_STANDING_ACCOUNT]

_STANDING = move(200, user_data_128=UUID(int=7), user_data_64=8, user_data_32=9, timeout=60, flags=_PENDING, code=3)
_HUGE = 2**63

_TRANSFER_STEPS = _repaired(
    {
        "id": NIL,
        "timestamp": 5,
        "flags": TransferFlags(1 << 12),
        "debit_account_id": NIL,
        "credit_account_id": NIL,
        "amount": _HUGE,
        "pending_id": NOBODY,
        "timeout": 30,
        "ledger": 0,
        "code": 0,
    },
    [
        ({}, _T.TIMESTAMP_MUST_BE_ZERO),
        ({"timestamp": 0}, _T.RESERVED_FLAG),
        ({"flags": TransferFlags(TransferFlags.IMPORTED | 1 << 9)}, _T.IMPORTED_EVENT_NOT_EXPECTED),
        ({"flags": TransferFlags.NONE}, _T.ID_MUST_NOT_BE_ZERO),
        ({"id": ID_MAX}, _T.ID_MUST_NOT_BE_INT_MAX),
        ({"id": UUID(int=200)}, _T.EXISTS_WITH_DIFFERENT_FLAGS),
        ({"flags": _PENDING}, _T.EXISTS_WITH_DIFFERENT_PENDING_ID),
        ({"pending_id": None}, _T.EXISTS_WITH_DIFFERENT_TIMEOUT),
        ({"timeout": 60}, _T.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID),
        ({"debit_account_id": PLAIN}, _T.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID),
        ({"credit_account_id": OTHER}, _T.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"amount": 100}, _T.EXISTS_WITH_DIFFERENT_USER_DATA_128),
        ({"user_data_128": UUID(int=7)}, _T.EXISTS_WITH_DIFFERENT_USER_DATA_64),
        ({"user_data_64": 8}, _T.EXISTS_WITH_DIFFERENT_USER_DATA_32),
        ({"user_data_32": 9}, _T.EXISTS_WITH_DIFFERENT_LEDGER),
        ({"ledger": 156}, _T.EXISTS_WITH_DIFFERENT_CODE),
        ({"code": 3}, _T.EXISTS),
        (
            {
                "id": UUID(int=201),
                "flags": TransferFlags.CLOSING_DEBIT,
                "debit_account_id": NIL,
                "credit_account_id": NIL,
                "amount": _HUGE,
                "pending_id": NOBODY,
                "timeout": 30,
                "ledger": 0,
                "code": 0,
            },
            _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO,
        ),
        ({"debit_account_id": ID_MAX}, _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX),
        ({"debit_account_id": NOBODY}, _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO),
        ({"credit_account_id": ID_MAX}, _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX),
        ({"credit_account_id": NOBODY}, _T.ACCOUNTS_MUST_BE_DIFFERENT),
        ({"credit_account_id": UUID(int=98)}, _T.PENDING_ID_MUST_BE_ZERO),
        ({"pending_id": None}, _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER),
        ({"timeout": 0}, _T.CLOSING_TRANSFER_MUST_BE_PENDING),
        ({"flags": TransferFlags.CLOSING_CREDIT}, _T.CLOSING_TRANSFER_MUST_BE_PENDING),
        ({"flags": TransferFlags.NONE}, _T.LEDGER_MUST_NOT_BE_ZERO),
        ({"ledger": 392}, _T.CODE_MUST_NOT_BE_ZERO),
        ({"code": 1}, _T.DEBIT_ACCOUNT_NOT_FOUND),
        ({"debit_account_id": SHUT}, _T.ID_ALREADY_FAILED),
        ({"id": UUID(int=202)}, _T.CREDIT_ACCOUNT_NOT_FOUND),
        ({"id": UUID(int=203), "credit_account_id": FOREIGN}, _T.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER),
        ({"credit_account_id": CLOSED}, _T.TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS),
        ({"ledger": 156}, _T.DEBIT_ACCOUNT_ALREADY_CLOSED),
        ({"debit_account_id": DEBIT_LIMITED}, _T.ID_ALREADY_FAILED),
        ({"id": UUID(int=204)}, _T.CREDIT_ACCOUNT_ALREADY_CLOSED),
        ({"credit_account_id": CREDIT_LIMITED}, _T.ID_ALREADY_FAILED),
        ({"id": UUID(int=205)}, _T.OVERFLOWS_DEBITS_POSTED),
        ({"amount": 1}, _T.EXCEEDS_CREDITS),
        ({"id": UUID(int=206), "debit_account_id": PLAIN}, _T.EXCEEDS_DEBITS),
        ({"id": UUID(int=207), "credit_account_id": OTHER}, _T.CREATED),
    ],
)

_RESOLVE_STEPS = _repaired(
    {
        "id": UUID(int=300),
        "flags": _POST | _VOID,
        "debit_account_id": OTHER,
        "credit_account_id": PLAIN,
        "amount": 200,
        "pending_id": None,
        "timeout": 5,
        "ledger": 840,
        "code": 9,
    },
    [
        ({}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _POST | _PENDING}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _VOID | _PENDING}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _VOID | TransferFlags.BALANCING_DEBIT}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _POST | TransferFlags.BALANCING_CREDIT}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _POST | TransferFlags.CLOSING_DEBIT}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _VOID | TransferFlags.CLOSING_CREDIT}, _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE),
        ({"flags": _VOID}, _T.PENDING_ID_MUST_NOT_BE_ZERO),
        ({"pending_id": NIL}, _T.PENDING_ID_MUST_NOT_BE_ZERO),
        ({"pending_id": ID_MAX}, _T.PENDING_ID_MUST_NOT_BE_INT_MAX),
        ({"pending_id": UUID(int=300)}, _T.PENDING_ID_MUST_BE_DIFFERENT),
        ({"pending_id": NOBODY}, _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER),
        ({"timeout": 0}, _T.PENDING_TRANSFER_NOT_FOUND),
        ({"id": UUID(int=301), "pending_id": UUID(int=211)}, _T.PENDING_TRANSFER_NOT_PENDING),
        ({"pending_id": UUID(int=210)}, _T.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID),
        ({"debit_account_id": PLAIN}, _T.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID),
        ({"credit_account_id": NIL}, _T.PENDING_TRANSFER_HAS_DIFFERENT_LEDGER),
        ({"ledger": 156}, _T.PENDING_TRANSFER_HAS_DIFFERENT_CODE),
        ({"code": 0}, _T.EXCEEDS_PENDING_TRANSFER_AMOUNT),
        ({"amount": 99}, _T.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT),
        ({"amount": 0}, _T.CREATED),
        ({"id": UUID(int=302)}, _T.PENDING_TRANSFER_ALREADY_VOIDED),
        ({"flags": _POST, "pending_id": UUID(int=212), "amount": 60}, _T.CREATED),
        ({"id": UUID(int=303)}, _T.PENDING_TRANSFER_ALREADY_POSTED),
    ],
)
_RESOLVE_BEFORE = [[move(210, flags=_PENDING), move(211), move(212, flags=_PENDING)]]

_BIG = AMOUNT_MAX - 10
TRANSFER_CASES = [
    TransferCase(
        "every refusal of a transfer in order of precedence",
        [Transfer(**fields) for fields, _ in _TRANSFER_STEPS],  # type: ignore[arg-type]
        [status for _, status in _TRANSFER_STEPS],  # type: ignore[misc]
        before=[[_STANDING]],
    ),
    TransferCase(
        "every refusal of a post or void in order of precedence",
        [Transfer(**fields) for fields, _ in _RESOLVE_STEPS],  # type: ignore[arg-type]
        [status for _, status in _RESOLVE_STEPS],  # type: ignore[misc]
        before=_RESOLVE_BEFORE,
        balances={PLAIN: (0, 160, 0, 0), OTHER: (0, 0, 0, 160)},
    ),
    TransferCase(
        "a transfer moves its amount", [move(1)], [_T.CREATED], balances={PLAIN: (0, 100, 0, 0), OTHER: (0, 0, 0, 100)}
    ),
    TransferCase("an amount of nothing is allowed", [move(1, 0)], [_T.CREATED], balances={PLAIN: (0, 0, 0, 0)}),
    TransferCase(
        "a limited account spends what it has to the last unit",
        [
            move(1, 100, credit_account_id=DEBIT_LIMITED),
            move(2, 60, debit_account_id=DEBIT_LIMITED, flags=_PENDING),
            move(3, 41, debit_account_id=DEBIT_LIMITED),
            move(4, 40, debit_account_id=DEBIT_LIMITED),
            move(5, 1, debit_account_id=DEBIT_LIMITED),
        ],
        [_T.CREATED, _T.CREATED, _T.EXCEEDS_CREDITS, _T.CREATED, _T.EXCEEDS_CREDITS],
        balances={DEBIT_LIMITED: (60, 40, 0, 100)},
    ),
    TransferCase(
        "a credit-limited account takes back what it gave to the last unit",
        [
            move(1, 100, debit_account_id=CREDIT_LIMITED),
            move(2, 101, credit_account_id=CREDIT_LIMITED),
            move(3, 100, credit_account_id=CREDIT_LIMITED),
        ],
        [_T.CREATED, _T.EXCEEDS_DEBITS, _T.CREATED],
        balances={CREDIT_LIMITED: (0, 100, 0, 100)},
    ),
    TransferCase(
        "pending debits overflow first",
        [move(1, _BIG, flags=_PENDING), move(2, 11, flags=_PENDING), move(3, 11), move(4, 10)],
        [_T.CREATED, _T.OVERFLOWS_DEBITS_PENDING, _T.OVERFLOWS_DEBITS, _T.CREATED],
    ),
    TransferCase(
        "pending credits overflow",
        [
            move(1, _BIG, flags=_PENDING, debit_account_id=CREDIT_LIMITED),
            move(2, 11, flags=_PENDING),
            move(3, 11),
        ],
        [_T.CREATED, _T.OVERFLOWS_CREDITS_PENDING, _T.OVERFLOWS_CREDITS],
    ),
    TransferCase(
        "posted debits and credits overflow",
        [move(1, _BIG), move(2, 11), move(3, 11, debit_account_id=CREDIT_LIMITED)],
        [_T.CREATED, _T.OVERFLOWS_DEBITS_POSTED, _T.OVERFLOWS_CREDITS_POSTED],
    ),
    TransferCase(
        "the largest timeout still fits",
        [move(1, flags=_PENDING, timeout=2**32 - 1)],
        [_T.CREATED],
        balances={PLAIN: (100, 0, 0, 0), OTHER: (0, 0, 100, 0)},
    ),
    TransferCase(
        "a post of less gives the rest back",
        [resolve(1, 210, _POST, 30)],
        [_T.CREATED],
        before=[[move(210, flags=_PENDING)]],
        balances={PLAIN: (0, 30, 0, 0), OTHER: (0, 0, 0, 30)},
    ),
    TransferCase(
        "a post of the largest amount takes all",
        [resolve(1, 210, _POST, _FULL), resolve(1, 210, _POST, 100), resolve(1, 210, _POST, 99)],
        [_T.CREATED, _T.EXISTS, _T.EXISTS_WITH_DIFFERENT_AMOUNT],
        before=[[move(210, flags=_PENDING)]],
        balances={PLAIN: (0, 100, 0, 0)},
    ),
    TransferCase(
        "a post of nothing gives everything back and is a post",
        [resolve(1, 210, _POST, 0), resolve(2, 210, _VOID, 0)],
        [_T.CREATED, _T.PENDING_TRANSFER_ALREADY_POSTED],
        before=[[move(210, flags=_PENDING)]],
        balances={PLAIN: (0, 0, 0, 0)},
    ),
    TransferCase(
        "a resent post or void is compared with what was filled in",
        [
            resolve(1, 210, _VOID, 0, user_data_64=5),
            resolve(1, 210, _VOID, 0, user_data_64=5),
            resolve(
                1, 210, _VOID, 100, user_data_64=5, debit_account_id=PLAIN, credit_account_id=OTHER, ledger=156, code=1
            ),
            resolve(1, 210, _VOID, 0),
            resolve(1, 210, _VOID, 0, user_data_64=5, user_data_32=1),
            resolve(1, 210, _VOID, 0, user_data_64=5, user_data_128=NOBODY),
            resolve(1, 210, _VOID, 0, user_data_64=5, debit_account_id=OTHER),
            resolve(1, 210, _VOID, 0, user_data_64=5, credit_account_id=PLAIN),
            resolve(1, 210, _VOID, 0, user_data_64=5, ledger=840),
            resolve(1, 210, _VOID, 0, user_data_64=5, code=2),
            resolve(1, 210, _POST, 0, user_data_64=5),
            resolve(1, 211, _VOID, 0, user_data_64=5),
        ],
        [
            _T.CREATED,
            _T.EXISTS,
            _T.EXISTS,
            _T.EXISTS_WITH_DIFFERENT_USER_DATA_64,
            _T.EXISTS_WITH_DIFFERENT_USER_DATA_32,
            _T.EXISTS_WITH_DIFFERENT_USER_DATA_128,
            _T.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID,
            _T.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID,
            _T.EXISTS_WITH_DIFFERENT_LEDGER,
            _T.EXISTS_WITH_DIFFERENT_CODE,
            _T.EXISTS_WITH_DIFFERENT_FLAGS,
            _T.EXISTS_WITH_DIFFERENT_PENDING_ID,
        ],
        before=[[move(210, flags=_PENDING)], [move(211, flags=_PENDING)]],
    ),
    TransferCase(
        "a chain stands as a whole",
        [move(1, flags=_LINKED), move(2, flags=_LINKED), move(3)],
        [_T.CREATED, _T.CREATED, _T.CREATED],
        balances={PLAIN: (0, 300, 0, 0)},
    ),
    TransferCase(
        "a chain falls as a whole, and what stands around it stays",
        [
            move(1),
            move(2, flags=_LINKED),
            move(3, flags=_LINKED, debit_account_id=DEBIT_LIMITED),
            move(4, flags=_LINKED),
            move(5),
            move(6),
        ],
        [
            _T.CREATED,
            _T.LINKED_EVENT_FAILED,
            _T.EXCEEDS_CREDITS,
            _T.LINKED_EVENT_FAILED,
            _T.LINKED_EVENT_FAILED,
            _T.CREATED,
        ],
        balances={PLAIN: (0, 200, 0, 0), OTHER: (0, 0, 0, 200)},
    ),
    TransferCase(
        "an open chain fails at its last event",
        [move(1), move(2, flags=_LINKED), move(3, flags=_LINKED)],
        [_T.CREATED, _T.LINKED_EVENT_FAILED, _T.LINKED_EVENT_CHAIN_OPEN],
        balances={PLAIN: (0, 100, 0, 0)},
    ),
    TransferCase(
        "a chain that is broken and open says both",
        [move(1, flags=_LINKED), move(2, code=0, flags=_LINKED), move(3, flags=_LINKED)],
        [_T.LINKED_EVENT_FAILED, _T.CODE_MUST_NOT_BE_ZERO, _T.LINKED_EVENT_CHAIN_OPEN],
        balances={PLAIN: (0, 0, 0, 0)},
    ),
    TransferCase(
        "a chain sent again exists",
        [move(1, flags=_LINKED), move(2)],
        [_T.EXISTS, _T.LINKED_EVENT_FAILED],
        before=[[move(1, flags=_LINKED), move(2)]],
        balances={PLAIN: (0, 200, 0, 0)},
    ),
    TransferCase(
        "a chain refused for the moment is refused for ever, and frees the ids that were not to blame",
        [
            move(1, flags=_LINKED),
            move(2, debit_account_id=DEBIT_LIMITED),
            move(3, credit_account_id=DEBIT_LIMITED),
            move(1, flags=_LINKED),
            move(2, debit_account_id=DEBIT_LIMITED),
            move(1),
        ],
        [
            _T.LINKED_EVENT_FAILED,
            _T.EXCEEDS_CREDITS,
            _T.CREATED,
            _T.LINKED_EVENT_FAILED,
            _T.ID_ALREADY_FAILED,
            _T.CREATED,
        ],
    ),
    TransferCase(
        "a chain that names one transfer twice falls",
        [move(1, flags=_LINKED), move(1, flags=_LINKED), move(2)],
        [_T.LINKED_EVENT_FAILED, _T.EXISTS, _T.LINKED_EVENT_FAILED],
        balances={PLAIN: (0, 0, 0, 0)},
    ),
    TransferCase(
        "a chain may reserve, spend and resolve what it makes itself",
        [
            move(1, 50, credit_account_id=DEBIT_LIMITED, flags=_LINKED),
            move(2, 50, debit_account_id=DEBIT_LIMITED, flags=_PENDING | _LINKED),
            resolve(3, 2, _POST, 20),
        ],
        [_T.CREATED, _T.CREATED, _T.CREATED],
        balances={DEBIT_LIMITED: (0, 20, 0, 50)},
    ),
    TransferCase(
        "a pending transfer resolved in a chain that falls is still pending",
        [
            resolve(1, 210, _POST | _LINKED, 100),
            move(2, code=0),
            resolve(3, 210, _VOID, 0),
        ],
        [_T.LINKED_EVENT_FAILED, _T.CODE_MUST_NOT_BE_ZERO, _T.CREATED],
        before=[[move(210, flags=_PENDING)]],
        balances={PLAIN: (0, 0, 0, 0)},
    ),
    TransferCase(
        "a refusal that is not of the moment leaves the id free",
        [move(1, code=0), move(1)],
        [_T.CODE_MUST_NOT_BE_ZERO, _T.CREATED],
    ),
    TransferCase(
        "the nil id means that there is none",
        [move(1, pending_id=NIL, user_data_128=NIL), move(1)],
        [_T.CREATED, _T.EXISTS],
    ),
]


def numbered(case: int, id: UUID) -> UUID:
    """The id moved into the case's own range; ids with a meaning of their own stay."""
    return id if id in (NIL, ID_MAX) else UUID(int=(case + 1) << 64 | id.int)


def account_of(case: int, account: Account) -> Account:
    return replace(account, id=numbered(case, account.id))


def transfer_of(case: int, transfer: Transfer) -> Transfer:
    return replace(
        transfer,
        id=numbered(case, transfer.id),
        debit_account_id=numbered(case, transfer.debit_account_id),
        credit_account_id=numbered(case, transfer.credit_account_id),
        pending_id=None if transfer.pending_id is None else numbered(case, transfer.pending_id),
    )
