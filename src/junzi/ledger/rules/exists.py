"""What an id that is sent again is told: whether what stands under it is what is asked for now."""

from junzi.ledger.books import Books
from junzi.ledger.model import AMOUNT_MAX, CreateTransferStatus
from junzi.ledger.rows import NIL_ID, TransferRow
from junzi.ledger.rules.terms import BALANCING, VOID

_T = CreateTransferStatus


def transfer_exists(books: Books, transfer: TransferRow, existing: TransferRow) -> CreateTransferStatus:
    """Compare with what stands there: a field that a post or void left out was filled in from its pending transfer."""
    if transfer[:12] == existing[:12]:
        return _T.EXISTS
    flags, pending_id, timeout = transfer[11], transfer[4], transfer[8]
    if flags != existing[11]:
        return _T.EXISTS_WITH_DIFFERENT_FLAGS
    if pending_id != existing[4]:
        return _T.EXISTS_WITH_DIFFERENT_PENDING_ID
    if timeout != existing[8]:
        return _T.EXISTS_WITH_DIFFERENT_TIMEOUT
    if pending_id is not None:
        pending = books.transfer(pending_id)
        assert pending is not None
        transfer = _filled_in(transfer, pending)
    _, debit_id, credit_id, amount, _, user_data_128, user_data_64, user_data_32, _, ledger, code, _, _ = transfer
    if debit_id != existing[1]:
        return _T.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID
    if credit_id != existing[2]:
        return _T.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID
    # The amount of a balancing transfer is the most it may move; what it moved was decided when it was created.
    if amount < existing[3] or (amount > existing[3] and not flags & BALANCING):
        return _T.EXISTS_WITH_DIFFERENT_AMOUNT
    if user_data_128 != existing[5]:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if user_data_64 != existing[6]:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_64
    if user_data_32 != existing[7]:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_32
    if ledger != existing[9]:
        return _T.EXISTS_WITH_DIFFERENT_LEDGER
    if code != existing[10]:
        return _T.EXISTS_WITH_DIFFERENT_CODE
    return _T.EXISTS


def resolved_amount(amount: int, flags: int, pending: TransferRow) -> int:
    """How much of the pending amount a post or void is about."""
    if flags & VOID:
        return amount or pending[3]
    return pending[3] if amount == AMOUNT_MAX else amount


def _filled_in(transfer: TransferRow, pending: TransferRow) -> TransferRow:
    (
        id,
        debit_id,
        credit_id,
        amount,
        pending_id,
        user_data_128,
        user_data_64,
        user_data_32,
        timeout,
        ledger,
        code,
        flags,
        at,
    ) = transfer
    return (
        id,
        pending[1] if debit_id == NIL_ID else debit_id,
        pending[2] if credit_id == NIL_ID else credit_id,
        resolved_amount(amount, flags, pending),
        pending_id,
        user_data_128 or pending[5],
        user_data_64 or pending[6],
        user_data_32 or pending[7],
        timeout,
        ledger or pending[9],
        code or pending[10],
        flags,
        at,
    )
