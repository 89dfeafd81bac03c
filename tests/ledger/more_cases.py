"""The rows about balancing, closing and importing, in the form of `cases`, and all rows together."""

from uuid import UUID

from junzi.ledger.model import AMOUNT_MAX, CreateAccountStatus, CreateTransferStatus, Transfer, TransferFlags
from tests.ledger.cases import (
    CREDIT_LIMITED,
    DEBIT_LIMITED,
    KEEPER,
    OTHER,
    PLAIN,
    SHUT,
    TRANSFER_CASES,
    TransferCase,
    move,
    resolve,
)

_A, _T = CreateAccountStatus, CreateTransferStatus
_F = TransferFlags
_LINKED, _PENDING, _POST, _VOID = _F.LINKED, _F.PENDING, _F.POST_PENDING_TRANSFER, _F.VOID_PENDING_TRANSFER
_ALL = 2**128 - 1
_CLOSE = {"flags": _PENDING | _F.CLOSING_DEBIT, "amount": 0}


def _from_shop(number: int, amount: int, **fields: object) -> Transfer:
    return move(number, amount, debit_account_id=OTHER, credit_account_id=KEEPER, **fields)


BALANCING_CASES = [
    TransferCase(
        "a balancing debit moves what the credits cover, and then nothing",
        [
            move(1, 100, debit_account_id=OTHER, credit_account_id=PLAIN),
            move(2, 30, flags=_PENDING),
            move(3, _ALL, flags=_F.BALANCING_DEBIT),
            move(4, _ALL, flags=_F.BALANCING_DEBIT),
        ],
        [_T.CREATED] * 4,
        balances={PLAIN: (30, 70, 0, 100), OTHER: (0, 100, 30, 70)},
    ),
    TransferCase(
        "a balancing credit moves what the debits cover, and no more than its amount",
        [
            move(1, 100, debit_account_id=OTHER, credit_account_id=PLAIN),
            move(2, 40, flags=_F.BALANCING_CREDIT),
            move(3, _ALL, flags=_F.BALANCING_CREDIT),
        ],
        [_T.CREATED] * 3,
        balances={PLAIN: (0, 100, 0, 100), OTHER: (0, 100, 0, 100)},
    ),
    TransferCase(
        "a transfer that balances both sides moves the smaller of the two",
        [
            move(1, 100, debit_account_id=CREDIT_LIMITED, credit_account_id=PLAIN),
            move(2, 60, debit_account_id=OTHER, credit_account_id=CREDIT_LIMITED),
            move(3, _ALL, flags=_F.BALANCING_DEBIT | _F.BALANCING_CREDIT),
        ],
        [_T.CREATED] * 3,
        balances={PLAIN: (0, 60, 0, 100), OTHER: (0, 60, 0, 60)},
    ),
    TransferCase(
        "an account that is overdrawn already has nothing to balance with",
        [move(1, 10), move(2, 5, flags=_F.BALANCING_DEBIT)],
        [_T.CREATED, _T.CREATED],
        balances={PLAIN: (0, 10, 0, 0)},
    ),
    TransferCase(
        "a balancing transfer may be pending, and is resolved for what it held",
        [
            move(1, 50, credit_account_id=DEBIT_LIMITED),
            move(2, 80, debit_account_id=DEBIT_LIMITED, flags=_PENDING | _F.BALANCING_DEBIT),
            move(3, 1, debit_account_id=DEBIT_LIMITED),
            resolve(4, 2, _POST, 51),
            resolve(5, 2, _POST, AMOUNT_MAX),
        ],
        [_T.CREATED, _T.CREATED, _T.EXCEEDS_CREDITS, _T.EXCEEDS_PENDING_TRANSFER_AMOUNT, _T.CREATED],
        balances={DEBIT_LIMITED: (0, 50, 0, 50)},
    ),
    TransferCase(
        "a balancing transfer sent again exists when it could have moved what was moved",
        [
            move(2, 500, flags=_F.BALANCING_DEBIT),
            move(2, 100, flags=_F.BALANCING_DEBIT),
            move(2, 99, flags=_F.BALANCING_DEBIT),
            move(2, 100),
        ],
        [_T.CREATED, _T.EXISTS, _T.EXISTS_WITH_DIFFERENT_AMOUNT, _T.EXISTS_WITH_DIFFERENT_FLAGS],
        before=[[move(1, 100, debit_account_id=OTHER, credit_account_id=PLAIN)]],
    ),
    TransferCase(
        "what balancing leaves of an amount no longer overflows",
        [
            move(1, AMOUNT_MAX - 10),
            move(2, 11),
            move(3, 11, flags=_F.BALANCING_DEBIT),
            move(4, 11, flags=_F.BALANCING_CREDIT),
        ],
        [_T.CREATED, _T.OVERFLOWS_DEBITS_POSTED, _T.CREATED, _T.CREATED],
        balances={PLAIN: (0, AMOUNT_MAX - 10, 0, 0)},
    ),
    TransferCase(
        "a limit is checked after balancing, on the side that does not balance",
        [
            move(1, 100, debit_account_id=OTHER, credit_account_id=PLAIN),
            move(2, _ALL, credit_account_id=CREDIT_LIMITED, flags=_F.BALANCING_DEBIT),
            move(3, _ALL, credit_account_id=CREDIT_LIMITED, flags=_F.BALANCING_DEBIT | _F.BALANCING_CREDIT),
        ],
        [_T.CREATED, _T.EXCEEDS_DEBITS, _T.CREATED],
        balances={PLAIN: (0, 0, 0, 100)},
    ),
]

CLOSING_CASES = [
    TransferCase(
        "a closed account accepts nothing, and is open again when its closing is voided",
        [
            move(1, **_CLOSE),
            move(2),
            move(3, debit_account_id=OTHER, credit_account_id=PLAIN),
            resolve(4, 1, _POST),
            resolve(5, 1, _VOID, 0),
            move(6),
            move(2),
        ],
        [
            _T.CREATED,
            _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
            _T.CREDIT_ACCOUNT_ALREADY_CLOSED,
            _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
            _T.CREATED,
            _T.CREATED,
            _T.ID_ALREADY_FAILED,
        ],
        balances={PLAIN: (0, 100, 0, 0)},
    ),
    TransferCase(
        "a closing transfer may close the credit side, or both, and move its amount",
        [
            move(1, 7, flags=_PENDING | _F.CLOSING_CREDIT),
            move(2, credit_account_id=KEEPER, flags=_PENDING | _F.CLOSING_DEBIT | _F.CLOSING_CREDIT),
            move(3, credit_account_id=KEEPER),
            move(4, debit_account_id=DEBIT_LIMITED, credit_account_id=KEEPER),
            resolve(5, 1, _POST),
            resolve(6, 1, _VOID, 0),
            _from_shop(7, 1),
            resolve(8, 2, _VOID, 0),
            _from_shop(9, 1),
        ],
        [
            _T.CREATED,
            _T.CREATED,
            _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
            _T.CREDIT_ACCOUNT_ALREADY_CLOSED,
            _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
            _T.CREATED,
            _T.CREDIT_ACCOUNT_ALREADY_CLOSED,
            _T.CREATED,
            _T.CREATED,
        ],
        balances={PLAIN: (0, 0, 0, 0), OTHER: (0, 1, 0, 0), KEEPER: (0, 0, 0, 1)},
    ),
    TransferCase(
        "an older pending transfer can be voided, but not posted, while its account is closed",
        [
            move(1, 30, flags=_PENDING),
            move(2, 40, flags=_PENDING),
            move(3, credit_account_id=KEEPER, **_CLOSE),
            resolve(4, 1, _POST),
            resolve(5, 2, _VOID, 0),
        ],
        [_T.CREATED, _T.CREATED, _T.CREATED, _T.DEBIT_ACCOUNT_ALREADY_CLOSED, _T.CREATED],
        balances={PLAIN: (30, 0, 0, 0)},
    ),
    TransferCase(
        "an account is closed once at a time",
        [move(1, **_CLOSE), move(2, **_CLOSE), resolve(3, 1, _VOID, 0), move(4, **_CLOSE)],
        [_T.CREATED, _T.DEBIT_ACCOUNT_ALREADY_CLOSED, _T.CREATED, _T.CREATED],
    ),
    TransferCase(
        "an account that was closed when it was made stays closed",
        [move(1, debit_account_id=SHUT), move(2, credit_account_id=SHUT)],
        [_T.DEBIT_ACCOUNT_ALREADY_CLOSED, _T.CREDIT_ACCOUNT_ALREADY_CLOSED],
    ),
    TransferCase(
        "a chain that falls leaves no account closed, and none open",
        [
            move(1, flags=_PENDING | _F.CLOSING_DEBIT | _LINKED),
            move(2, code=0),
            move(3, **_CLOSE),
            resolve(4, 3, _VOID | _LINKED, 0),
            move(5, code=0),
            move(6),
        ],
        [
            _T.LINKED_EVENT_FAILED,
            _T.CODE_MUST_NOT_BE_ZERO,
            _T.CREATED,
            _T.LINKED_EVENT_FAILED,
            _T.CODE_MUST_NOT_BE_ZERO,
            _T.DEBIT_ACCOUNT_ALREADY_CLOSED,
        ],
    ),
    TransferCase(
        "an account is emptied and closed in one chain",
        [
            move(1, _ALL, debit_account_id=DEBIT_LIMITED, flags=_F.BALANCING_DEBIT | _LINKED),
            move(2, 0, debit_account_id=DEBIT_LIMITED, flags=_PENDING | _F.CLOSING_DEBIT),
            move(3, 0, debit_account_id=DEBIT_LIMITED),
        ],
        [_T.CREATED, _T.CREATED, _T.DEBIT_ACCOUNT_ALREADY_CLOSED],
        before=[[move(90, 55, credit_account_id=DEBIT_LIMITED)]],
        balances={DEBIT_LIMITED: (0, 55, 0, 55)},
    ),
]

_IMPORTED = {"flags": _F.IMPORTED}
IMPORT_CASES = [
    TransferCase(
        "one that is not imported has no place among imported ones",
        [
            move(1, timestamp=1, id=UUID(int=0), **_IMPORTED),
            move(2, timestamp=5),
            move(3, timestamp=0, **_IMPORTED),
            move(4, timestamp=2**63, **_IMPORTED),
            move(5, timestamp=2**63 - 1, flags=_F(_F.IMPORTED | 1 << 9)),
            move(6, timestamp=1, flags=_F(_F.IMPORTED | 1 << 9)),
            move(7, timestamp=1, **_IMPORTED),
            move(7, timestamp=1, **_IMPORTED),
        ],
        [
            _T.ID_MUST_NOT_BE_ZERO,
            _T.IMPORTED_EVENT_EXPECTED,
            _T.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE,
            _T.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE,
            _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE,
            _T.RESERVED_FLAG,
            _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
            _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS,
        ],
        before=[[move(90)]],
        balances={PLAIN: (0, 100, 0, 0)},
    ),
    TransferCase(
        "an imported one has no place among others",
        [move(1), move(2, timestamp=1, **_IMPORTED)],
        [_T.CREATED, _T.IMPORTED_EVENT_NOT_EXPECTED],
    ),
    TransferCase(
        "a post from before the last transfer is refused, and one of a closed account after that",
        [resolve(1, 90, _POST | _F.IMPORTED, timestamp=1), resolve(2, 90, _VOID | _F.IMPORTED, 0, timestamp=1)],
        [_T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS, _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS],
        before=[[move(90, flags=_PENDING | _F.CLOSING_DEBIT)]],
        balances={PLAIN: (100, 0, 0, 0)},
    ),
]

EVERY_TRANSFER_CASE = [*TRANSFER_CASES, *BALANCING_CASES, *CLOSING_CASES, *IMPORT_CASES]
