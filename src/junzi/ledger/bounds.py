"""What the fields of an event can hold: anything else is a defect of the caller and never reaches the books."""

from collections.abc import Sequence

from junzi.ledger.model import (
    MOST_EVENTS,
    Account,
    AccountFilter,
    AccountFilterFlags,
    InvalidEvent,
    QueryFilter,
    Transfer,
)

_UINT_16, _UINT_32, _UINT_63, _UINT_64, _UINT_128 = 2**16 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1, 2**128 - 1
_LAST_TIMESTAMP = 2**63 - 1


def check_accounts(accounts: Sequence[Account]) -> None:
    """Raise `InvalidEvent` for what TigerBeetle's types could not express."""
    _check_number("accounts in a request", len(accounts), MOST_EVENTS)
    for account in accounts:
        _check_number("ledger", account.ledger, _UINT_32)
        _check_number("code", account.code, _UINT_16)
        _check_number("flags", int(account.flags), _UINT_16)
        _check_number("user_data_64", account.user_data_64, _UINT_63)
        _check_number("user_data_32", account.user_data_32, _UINT_32)
        _check_number("timestamp", account.timestamp, _UINT_64)


def check_transfers(transfers: Sequence[Transfer]) -> None:
    """Raise `InvalidEvent` for what TigerBeetle's types could not express."""
    _check_number("transfers in a request", len(transfers), MOST_EVENTS)
    for transfer in transfers:
        _check_number("amount", transfer.amount, _UINT_128)
        _check_number("ledger", transfer.ledger, _UINT_32)
        _check_number("code", transfer.code, _UINT_16)
        _check_number("flags", int(transfer.flags), _UINT_16)
        _check_number("timeout", transfer.timeout, _UINT_32)
        _check_number("user_data_64", transfer.user_data_64, _UINT_63)
        _check_number("user_data_32", transfer.user_data_32, _UINT_32)
        _check_number("timestamp", transfer.timestamp, _UINT_64)


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
