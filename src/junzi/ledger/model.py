"""The ledger's nouns: accounts, transfers, and what became of an attempt to create one.

The data model, its names, flags and numbers are TigerBeetle's (docs.tigerbeetle.com/reference), so that a TigerBeetle cluster
can take this engine's place. Amounts are whole minor units. A zero id of TigerBeetle is the nil UUID here, or None where a
field may be absent.
"""

from collections.abc import Sequence
from enum import IntEnum, IntFlag
from uuid import UUID

import msgspec

from junzi.kit.leased_connection import EngineTaken

__all__ = [
    "AMOUNT_MAX",
    "MOST_EVENTS",
    "NIL",
    "Account",
    "AccountBalance",
    "AccountFilter",
    "AccountFilterFlags",
    "AccountFlags",
    "CreateAccountResult",
    "CreateAccountStatus",
    "CreateTransferResult",
    "CreateTransferStatus",
    "EngineTaken",
    "InvalidEvent",
    "QueryFilter",
    "QueryFilterFlags",
    "Transfer",
    "TransferFlags",
    "chain_outcome",
]

NIL = UUID(int=0)
AMOUNT_MAX = 2**63 - 1
"""The largest amount and the largest balance; as the amount of a post it means "all that is pending"."""

MOST_EVENTS = 8189
"""The most events one request carries, and the most rows one lookup answers."""


class InvalidEvent(ValueError):
    """An event that has no place in the data model: a negative amount, a number too large for its field, too many events.

    It is a defect of the caller and none of the result codes, because TigerBeetle's types cannot even express it.
    """


class AccountFlags(IntFlag):
    """LINKED: stands or falls with the next event of the request.

    HISTORY:   its balances are kept as they were after each transfer; its transfers can be read without it
    IMPORTED:  brings its own timestamp, as do all others of the request
    CLOSED:    accepts nothing any more but voids; set by a closing transfer, taken back when that is voided or runs out
    """

    NONE = 0
    LINKED = 1 << 0
    DEBITS_MUST_NOT_EXCEED_CREDITS = 1 << 1
    CREDITS_MUST_NOT_EXCEED_DEBITS = 1 << 2
    HISTORY = 1 << 3
    IMPORTED = 1 << 4
    CLOSED = 1 << 5


class TransferFlags(IntFlag):
    """LINKED: stands or falls with the next event of the request.

    BALANCING_DEBIT:   moves at most the amount, and no more than the debit account's credits cover
    BALANCING_CREDIT:  moves at most the amount, and no more than the credit account's debits cover
    CLOSING_DEBIT, CLOSING_CREDIT:  closes that account until this pending transfer is voided or runs out; it cannot be posted
    IMPORTED:          brings its own timestamp, as do all others of the request
    """

    NONE = 0
    LINKED = 1 << 0
    PENDING = 1 << 1
    POST_PENDING_TRANSFER = 1 << 2
    VOID_PENDING_TRANSFER = 1 << 3
    BALANCING_DEBIT = 1 << 4
    BALANCING_CREDIT = 1 << 5
    CLOSING_DEBIT = 1 << 6
    CLOSING_CREDIT = 1 << 7
    IMPORTED = 1 << 8


class AccountFilterFlags(IntFlag):
    """Which side of the account to list, and whether the newest come first."""

    NONE = 0
    DEBITS = 1 << 0
    CREDITS = 1 << 1
    REVERSED = 1 << 2


class QueryFilterFlags(IntFlag):
    """Whether the newest come first."""

    NONE = 0
    REVERSED = 1 << 0


class Account(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An account and its four balances. The last five fields belong to the ledger: leave them out when creating one.

    ledger:     the currency or unit; accounts of different ledgers cannot pay each other (1 to 2³²-1)
    code:       what kind of account it is, in the caller's own numbering (1 to 65,535)
    timestamp:  when it was created, in nanoseconds since 1970; unique across accounts and transfers
    """

    id: UUID
    ledger: int
    code: int
    flags: AccountFlags = AccountFlags.NONE
    user_data_128: UUID | None = None
    user_data_64: int = 0
    user_data_32: int = 0
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    timestamp: int = 0


class Transfer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money moved from the debit account to the credit account; immutable once created.

    id:          time-ordered and made by the caller; whatever is sent under it again has no second effect
    amount:      of a post: how much of the pending amount (`AMOUNT_MAX` for all of it); of a void: 0 or the pending amount
    pending_id:  of a post or void: the pending transfer it resolves; accounts, ledger, code and user data may then be left out
    timeout:     of a pending transfer: seconds after which it is void by itself; 0 for never
    timestamp:   when it was created, in nanoseconds since 1970; leave it out when creating one
    """

    id: UUID
    debit_account_id: UUID = NIL
    credit_account_id: UUID = NIL
    amount: int = 0
    pending_id: UUID | None = None
    user_data_128: UUID | None = None
    user_data_64: int = 0
    user_data_32: int = 0
    timeout: int = 0
    ledger: int = 0
    code: int = 0
    flags: TransferFlags = TransferFlags.NONE
    timestamp: int = 0


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which transfers or balances of an account to list, oldest first.

    Fields of 0 and None ask for any. Both bounds of the timestamp are inclusive. What asks for nothing (no side, no limit, the
    nil id, bounds the wrong way round) is answered with nothing. At most `MOST_EVENTS` come at once: go on after the last one.
    """

    account_id: UUID
    user_data_128: UUID | None = None
    user_data_64: int = 0
    user_data_32: int = 0
    code: int = 0
    timestamp_min: int = 0
    timestamp_max: int = 0
    limit: int = MOST_EVENTS
    flags: AccountFilterFlags = AccountFilterFlags.DEBITS | AccountFilterFlags.CREDITS


class AccountBalance(msgspec.Struct, frozen=True, kw_only=True):
    """The balances of an account with `HISTORY` as the transfer of that timestamp left them."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    timestamp: int


class QueryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts or transfers to list, oldest first: those that have all of these. The rest is as in `AccountFilter`."""

    user_data_128: UUID | None = None
    user_data_64: int = 0
    user_data_32: int = 0
    ledger: int = 0
    code: int = 0
    timestamp_min: int = 0
    timestamp_max: int = 0
    limit: int = MOST_EVENTS
    flags: QueryFilterFlags = QueryFilterFlags.NONE


class CreateAccountStatus(IntEnum):
    """What became of an account, in order of precedence: of several reasons the first is told."""

    CREATED = 0xFFFF_FFFF
    LINKED_EVENT_FAILED = 1
    LINKED_EVENT_CHAIN_OPEN = 2
    IMPORTED_EVENT_EXPECTED = 22
    IMPORTED_EVENT_NOT_EXPECTED = 23
    TIMESTAMP_MUST_BE_ZERO = 3
    IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE = 24
    IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE = 25
    RESERVED_FIELD = 4
    RESERVED_FLAG = 5
    ID_MUST_NOT_BE_ZERO = 6
    ID_MUST_NOT_BE_INT_MAX = 7
    EXISTS_WITH_DIFFERENT_FLAGS = 15
    EXISTS_WITH_DIFFERENT_USER_DATA_128 = 16
    EXISTS_WITH_DIFFERENT_USER_DATA_64 = 17
    EXISTS_WITH_DIFFERENT_USER_DATA_32 = 18
    EXISTS_WITH_DIFFERENT_LEDGER = 19
    EXISTS_WITH_DIFFERENT_CODE = 20
    EXISTS = 21
    FLAGS_ARE_MUTUALLY_EXCLUSIVE = 8
    DEBITS_PENDING_MUST_BE_ZERO = 9
    DEBITS_POSTED_MUST_BE_ZERO = 10
    CREDITS_PENDING_MUST_BE_ZERO = 11
    CREDITS_POSTED_MUST_BE_ZERO = 12
    LEDGER_MUST_NOT_BE_ZERO = 13
    CODE_MUST_NOT_BE_ZERO = 14
    IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS = 26


class CreateTransferStatus(IntEnum):
    """What became of a transfer, in order of precedence: of several reasons the first is told."""

    CREATED = 0xFFFF_FFFF
    LINKED_EVENT_FAILED = 1
    LINKED_EVENT_CHAIN_OPEN = 2
    IMPORTED_EVENT_EXPECTED = 56
    IMPORTED_EVENT_NOT_EXPECTED = 57
    TIMESTAMP_MUST_BE_ZERO = 3
    IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE = 58
    IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE = 59
    RESERVED_FLAG = 4
    ID_MUST_NOT_BE_ZERO = 5
    ID_MUST_NOT_BE_INT_MAX = 6
    EXISTS_WITH_DIFFERENT_FLAGS = 36
    EXISTS_WITH_DIFFERENT_PENDING_ID = 40
    EXISTS_WITH_DIFFERENT_TIMEOUT = 44
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID = 37
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID = 38
    EXISTS_WITH_DIFFERENT_AMOUNT = 39
    EXISTS_WITH_DIFFERENT_USER_DATA_128 = 41
    EXISTS_WITH_DIFFERENT_USER_DATA_64 = 42
    EXISTS_WITH_DIFFERENT_USER_DATA_32 = 43
    EXISTS_WITH_DIFFERENT_LEDGER = 67
    EXISTS_WITH_DIFFERENT_CODE = 45
    EXISTS = 46
    ID_ALREADY_FAILED = 68
    FLAGS_ARE_MUTUALLY_EXCLUSIVE = 7
    DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = 8
    DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX = 9
    CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = 10
    CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX = 11
    ACCOUNTS_MUST_BE_DIFFERENT = 12
    PENDING_ID_MUST_BE_ZERO = 13
    PENDING_ID_MUST_NOT_BE_ZERO = 14
    PENDING_ID_MUST_NOT_BE_INT_MAX = 15
    PENDING_ID_MUST_BE_DIFFERENT = 16
    TIMEOUT_RESERVED_FOR_PENDING_TRANSFER = 17
    CLOSING_TRANSFER_MUST_BE_PENDING = 64
    LEDGER_MUST_NOT_BE_ZERO = 19
    CODE_MUST_NOT_BE_ZERO = 20
    DEBIT_ACCOUNT_NOT_FOUND = 21
    CREDIT_ACCOUNT_NOT_FOUND = 22
    ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER = 23
    TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS = 24
    PENDING_TRANSFER_NOT_FOUND = 25
    PENDING_TRANSFER_NOT_PENDING = 26
    PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID = 27
    PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID = 28
    PENDING_TRANSFER_HAS_DIFFERENT_LEDGER = 29
    PENDING_TRANSFER_HAS_DIFFERENT_CODE = 30
    EXCEEDS_PENDING_TRANSFER_AMOUNT = 31
    PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT = 32
    PENDING_TRANSFER_ALREADY_POSTED = 33
    PENDING_TRANSFER_ALREADY_VOIDED = 34
    PENDING_TRANSFER_EXPIRED = 35
    IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS = 60
    IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_DEBIT_ACCOUNT = 61
    IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_CREDIT_ACCOUNT = 62
    IMPORTED_EVENT_TIMEOUT_MUST_BE_ZERO = 63
    DEBIT_ACCOUNT_ALREADY_CLOSED = 65
    CREDIT_ACCOUNT_ALREADY_CLOSED = 66
    OVERFLOWS_DEBITS_PENDING = 47
    OVERFLOWS_CREDITS_PENDING = 48
    OVERFLOWS_DEBITS_POSTED = 49
    OVERFLOWS_CREDITS_POSTED = 50
    OVERFLOWS_DEBITS = 51
    OVERFLOWS_CREDITS = 52
    OVERFLOWS_TIMEOUT = 53
    EXCEEDS_CREDITS = 54
    EXCEEDS_DEBITS = 55

    @property
    def transient(self) -> bool:
        """Refused because of what stood in the ledger at that moment; the id answers `ID_ALREADY_FAILED` from then on."""
        return self in _TRANSIENT


_TRANSIENT = frozenset(
    {
        CreateTransferStatus.DEBIT_ACCOUNT_NOT_FOUND,
        CreateTransferStatus.CREDIT_ACCOUNT_NOT_FOUND,
        CreateTransferStatus.PENDING_TRANSFER_NOT_FOUND,
        CreateTransferStatus.DEBIT_ACCOUNT_ALREADY_CLOSED,
        CreateTransferStatus.CREDIT_ACCOUNT_ALREADY_CLOSED,
        CreateTransferStatus.EXCEEDS_CREDITS,
        CreateTransferStatus.EXCEEDS_DEBITS,
    }
)


class CreateAccountResult(msgspec.Struct, frozen=True, gc=False):
    """timestamp: of the account where it stands, of the attempt where it was refused."""

    status: CreateAccountStatus
    timestamp: int

    @property
    def stands(self) -> bool:
        """The account exists as it was asked for, since now or since an earlier try."""
        return self.status in (CreateAccountStatus.CREATED, CreateAccountStatus.EXISTS)


class CreateTransferResult(msgspec.Struct, frozen=True, gc=False):
    """timestamp: of the transfer where it stands, of the attempt where it was refused."""

    status: CreateTransferStatus
    timestamp: int

    @property
    def stands(self) -> bool:
        """The transfer exists as it was asked for, since now or since an earlier try."""
        return self.status in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS)


def chain_outcome(results: Sequence[CreateTransferResult]) -> CreateTransferStatus:
    """What became of one linked chain: `CREATED`, `EXISTS` when it was sent before, or the reason that broke it.

    A chain that is sent again answers `EXISTS` for its first transfer and `LINKED_EVENT_FAILED` for the rest.
    """
    for position, result in enumerate(results):
        if result.status is CreateTransferStatus.EXISTS and position > 0:
            # Earlier transfers of the chain were new and are rolled back: this is not the chain that was sent before.
            return CreateTransferStatus.LINKED_EVENT_FAILED
        if result.status not in (CreateTransferStatus.CREATED, CreateTransferStatus.LINKED_EVENT_FAILED):
            return result.status
    return CreateTransferStatus.CREATED
