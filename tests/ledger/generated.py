"""Random requests over few accounts and few ids, so that they meet: hypothesis strategies."""

from uuid import UUID

from hypothesis import strategies as st
from msgspec.structs import replace

from junzi.ledger.model import AMOUNT_MAX, NIL, Transfer, TransferFlags
from tests.ledger.cases import CREDIT_LIMITED, DEBIT_LIMITED, FOREIGN, NOBODY, OTHER, PLAIN

_F = TransferFlags
_ids = st.integers(100, 115).map(lambda number: UUID(int=number))
_accounts = st.sampled_from([PLAIN, OTHER, DEBIT_LIMITED, CREDIT_LIMITED] * 6 + [FOREIGN, NOBODY, NIL])
_linked = st.sampled_from([_F.NONE, _F.NONE, _F.NONE, _F.LINKED])

_moves = st.builds(
    lambda linked, pending, **fields: Transfer(flags=linked | pending, **fields),
    linked=_linked,
    pending=st.sampled_from([_F.NONE, _F.PENDING]),
    id=_ids,
    debit_account_id=_accounts,
    credit_account_id=_accounts,
    amount=st.sampled_from([0, 1, 5, 10, 10, 20, 50, AMOUNT_MAX - 60, 2**70]),
    timeout=st.sampled_from([0, 0, 0, 1, 2]),
    ledger=st.sampled_from([156] * 12 + [840, 0]),
    code=st.sampled_from([1] * 12 + [2, 0]),
    user_data_64=st.sampled_from([0, 0, 7]),
)
_resolutions = st.builds(
    lambda linked, mode, **fields: Transfer(flags=linked | mode, **fields),
    linked=_linked,
    mode=st.sampled_from(
        [_F.POST_PENDING_TRANSFER, _F.VOID_PENDING_TRANSFER] * 6 + [_F.POST_PENDING_TRANSFER | _F.PENDING]
    ),
    id=_ids,
    pending_id=st.one_of(_ids, _ids, _ids, st.none()),
    amount=st.sampled_from([0, 5, 10, AMOUNT_MAX]),
    debit_account_id=st.sampled_from([NIL] * 6 + [PLAIN]),
    credit_account_id=st.sampled_from([NIL] * 6 + [OTHER]),
    timeout=st.sampled_from([0] * 8 + [1]),
    ledger=st.sampled_from([0] * 4 + [156, 840]),
    code=st.sampled_from([0] * 4 + [1, 2]),
    user_data_32=st.sampled_from([0, 0, 9]),
)
_requests = st.lists(st.one_of(_moves, _moves, _resolutions), min_size=1, max_size=5)

OPENING = [
    Transfer(id=UUID(int=90), debit_account_id=OTHER, credit_account_id=DEBIT_LIMITED, amount=60, ledger=156, code=1),
    Transfer(id=UUID(int=91), debit_account_id=CREDIT_LIMITED, credit_account_id=PLAIN, amount=60, ledger=156, code=1),
]

# An advance of the clock never ends on a whole second, so that "just run out" and "about to" cannot be confused.
STEPS = st.lists(st.tuples(_requests, st.sampled_from([0.0, 0.0, 0.6, 1.2])), min_size=1, max_size=12)


def moved(offset: int, transfer: Transfer) -> Transfer:
    """The same transfer with ids of another range, for many runs in one database."""

    def other(id: UUID) -> UUID:
        return id if id == NIL else UUID(int=offset << 64 | id.int)

    return replace(
        transfer,
        id=other(transfer.id),
        debit_account_id=other(transfer.debit_account_id),
        credit_account_id=other(transfer.credit_account_id),
        pending_id=None if transfer.pending_id is None else other(transfer.pending_id),
    )
