"""What the fields of an event can hold: anything else is a defect of the caller and never reaches the books."""

from collections.abc import Sequence
from struct import Struct
from struct import error as StructError

from junzi.ledger.model import (
    MOST_EVENTS,
    Account,
    AccountFilter,
    AccountFilterFlags,
    InvalidEvent,
    QueryFilter,
    Transfer,
    TransferFlags,
)
from junzi.ledger.packed import PLAIN_BELOW, pack
from junzi.ledger.requests import CreateAccounts, CreateTransfers, TransferEvent
from junzi.ledger.rows import NIL_ID, TransferRow, account_row, transfer_row

LINKED = int(TransferFlags.LINKED)

_UINT_16, _UINT_32, _UINT_63, _UINT_64, _UINT_128 = 2**16 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1, 2**128 - 1
_LAST_TIMESTAMP = 2**63 - 1
_numbers = Struct("<qIIIHHQ").pack
"""user_data_64, user_data_32, timeout, ledger, code, flags, timestamp; refuses what is no number or too large for its field."""
_WRONG_TYPE = "a field of an event has a value of another type: {}"


def accounts_request(accounts: Sequence[Account]) -> CreateAccounts:
    """The accounts as the ledger handles them. Raises `InvalidEvent` for what TigerBeetle's types could not express."""
    _check_number("accounts in a request", len(accounts), MOST_EVENTS)
    dated = False
    try:
        rows = [account_row(account) for account in accounts]
        for _, ledger, code, flags, _, user_data_64, user_data_32, *_, timestamp in rows:
            _check_number("ledger", ledger, _UINT_32)
            _check_number("code", code, _UINT_16)
            _check_number("flags", flags, _UINT_16)
            _check_number("user_data_64", user_data_64, _UINT_63)
            _check_number("user_data_32", user_data_32, _UINT_32)
            _check_number("timestamp", timestamp, _UINT_64)
            dated = dated or timestamp != 0
    except (AttributeError, TypeError) as defect:
        raise InvalidEvent(_WRONG_TYPE.format(defect)) from defect
    return CreateAccounts(rows, dated)


def transfers_request(transfers: Sequence[Transfer]) -> CreateTransfers:
    """The transfers as the ledger handles them. Raises `InvalidEvent` for what TigerBeetle's types could not express."""
    if len(transfers) > MOST_EVENTS:
        _check_number("transfers in a request", len(transfers), MOST_EVENTS)
    plain, dated, after_linked = True, False, False
    events: list[TransferEvent] = []
    try:
        for transfer in transfers:
            flags, amount, data_128, data_64 = (
                transfer.flags,
                transfer.amount,
                transfer.user_data_128,
                transfer.user_data_64,
            )
            if (
                flags == 0
                and not after_linked
                and 0 <= amount < PLAIN_BELOW
                and data_64 >= 0
                and transfer.pending_id is None
                and transfer.timeout == 0
                and transfer.timestamp == 0
            ):
                # Packing refuses whatever is no number, or larger than its field.
                event: TransferEvent = pack(
                    transfer.id.bytes,
                    transfer.debit_account_id.bytes,
                    transfer.credit_account_id.bytes,
                    NIL_ID if data_128 is None else data_128.bytes,
                    amount,
                    data_64,
                    transfer.user_data_32,
                    transfer.ledger,
                    transfer.code,
                )
            else:
                event = _row(transfer)
                after_linked = flags & LINKED != 0
                plain = False
                dated = dated or event[12] != 0
            events.append(event)
    except StructError as defect:
        _row(transfer)
        raise InvalidEvent(_WRONG_TYPE.format(defect)) from defect
    except (AttributeError, TypeError) as defect:
        raise InvalidEvent(_WRONG_TYPE.format(defect)) from defect
    return CreateTransfers(events, plain, dated)


def _row(transfer: Transfer) -> TransferRow:
    row = transfer_row(transfer)
    _, _, _, amount, _, _, user_data_64, user_data_32, timeout, ledger, code, flags, timestamp = row
    try:
        _numbers(user_data_64, user_data_32, timeout, ledger, code, flags, timestamp)
    except StructError as defect:
        _tell_defect(row)
        raise InvalidEvent(_WRONG_TYPE.format(defect)) from defect
    if not isinstance(amount, int) or not 0 <= amount <= _UINT_128 or user_data_64 < 0:
        _tell_defect(row)
        raise InvalidEvent(_WRONG_TYPE.format("amount"))
    return row


def _tell_defect(row: TransferRow) -> None:
    _check_number("amount", row[3], _UINT_128)
    _check_number("user_data_64", row[6], _UINT_63)
    _check_number("user_data_32", row[7], _UINT_32)
    _check_number("timeout", row[8], _UINT_32)
    _check_number("ledger", row[9], _UINT_32)
    _check_number("code", row[10], _UINT_16)
    _check_number("flags", row[11], _UINT_16)
    _check_number("timestamp", row[12], _UINT_64)


def asks_for_something(asked: AccountFilter | QueryFilter) -> bool:
    """Whether the filter holds to the model's constraints; one that does not is answered with nothing.

    Raises `InvalidEvent` for what TigerBeetle's types could not express.
    """
    _check_number("flags", int(asked.flags), _UINT_32)
    _check_number("limit", asked.limit, _UINT_32)
    _check_number("code", asked.code, _UINT_16)
    _check_number("user_data_64", asked.user_data_64, _UINT_64)
    _check_number("user_data_32", asked.user_data_32, _UINT_32)
    _check_number("timestamp_min", asked.timestamp_min, _UINT_64)
    _check_number("timestamp_max", asked.timestamp_max, _UINT_64)
    if isinstance(asked, AccountFilter):
        sides = AccountFilterFlags.DEBITS | AccountFilterFlags.CREDITS
        well_formed = 0 < asked.account_id.int < _UINT_128 and bool(asked.flags & sides) and int(asked.flags) <= 7
    else:
        _check_number("ledger", asked.ledger, _UINT_32)
        well_formed = int(asked.flags) <= 1
    return (
        well_formed
        and asked.limit > 0
        and max(asked.timestamp_min, asked.timestamp_max) <= _LAST_TIMESTAMP
        and (asked.timestamp_max == 0 or asked.timestamp_min <= asked.timestamp_max)
        # Nothing that is stored has more.
        and asked.user_data_64 <= _UINT_63
    )


def _check_number(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise InvalidEvent(f"{name} must be 0 to {most}, not {value}")
