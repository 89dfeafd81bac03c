"""What the fields of an event can hold: anything else is a defect of the caller and never reaches the books."""

from collections.abc import Sequence

from junzi.ledger.model import MOST_EVENTS, Account, InvalidEvent, Transfer

_UINT_16, _UINT_32, _UINT_63, _UINT_128 = 2**16 - 1, 2**32 - 1, 2**63 - 1, 2**128 - 1


def check_accounts(accounts: Sequence[Account]) -> None:
    """Raise `InvalidEvent` for what TigerBeetle's types could not express."""
    _check_number("accounts in a request", len(accounts), MOST_EVENTS)
    for account in accounts:
        _check_number("ledger", account.ledger, _UINT_32)
        _check_number("code", account.code, _UINT_16)
        _check_number("flags", int(account.flags), _UINT_16)
        _check_number("user_data_64", account.user_data_64, _UINT_63)
        _check_number("user_data_32", account.user_data_32, _UINT_32)


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


def _check_number(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise InvalidEvent(f"{name} must be 0 to {most}, not {value}")
