"""What an id that is sent again is told: whether what stands under it is what is asked for now."""

from msgspec.structs import replace

from junzi.ledger.books import Draft
from junzi.ledger.model import AMOUNT_MAX, CreateTransferStatus, Transfer
from junzi.ledger.rules.terms import BALANCING, VOID, present

_T = CreateTransferStatus


def transfer_exists(draft: Draft, transfer: Transfer, flags: int, existing: Transfer) -> CreateTransferStatus:
    """Compare with what stands there: a field that a post or void left out was filled in from its pending transfer."""
    if flags != int(existing.flags):
        return _T.EXISTS_WITH_DIFFERENT_FLAGS
    if present(transfer.pending_id) != existing.pending_id:
        return _T.EXISTS_WITH_DIFFERENT_PENDING_ID
    if transfer.timeout != existing.timeout:
        return _T.EXISTS_WITH_DIFFERENT_TIMEOUT
    asked = _filled_in(transfer, flags, draft.transfers[existing.pending_id]) if existing.pending_id else transfer
    if asked.debit_account_id != existing.debit_account_id:
        return _T.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID
    if asked.credit_account_id != existing.credit_account_id:
        return _T.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID
    # The amount of a balancing transfer is the most it may move; what it moved was decided when it was created.
    if asked.amount < existing.amount or (asked.amount > existing.amount and not flags & BALANCING):
        return _T.EXISTS_WITH_DIFFERENT_AMOUNT
    if present(asked.user_data_128) != existing.user_data_128:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if asked.user_data_64 != existing.user_data_64:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_64
    if asked.user_data_32 != existing.user_data_32:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_32
    if asked.ledger != existing.ledger:
        return _T.EXISTS_WITH_DIFFERENT_LEDGER
    if asked.code != existing.code:
        return _T.EXISTS_WITH_DIFFERENT_CODE
    return _T.EXISTS


def resolved_amount(transfer: Transfer, flags: int, pending: Transfer) -> int:
    """How much of the pending amount a post or void is about."""
    if flags & VOID:
        return transfer.amount or pending.amount
    return pending.amount if transfer.amount == AMOUNT_MAX else transfer.amount


def _filled_in(transfer: Transfer, flags: int, pending: Transfer) -> Transfer:
    return replace(
        transfer,
        debit_account_id=transfer.debit_account_id if transfer.debit_account_id.int else pending.debit_account_id,
        credit_account_id=transfer.credit_account_id if transfer.credit_account_id.int else pending.credit_account_id,
        amount=resolved_amount(transfer, flags, pending),
        user_data_128=present(transfer.user_data_128) or pending.user_data_128,
        user_data_64=transfer.user_data_64 or pending.user_data_64,
        user_data_32=transfer.user_data_32 or pending.user_data_32,
        ledger=transfer.ledger or pending.ledger,
        code=transfer.code or pending.code,
    )
