"""Random requests over few accounts and few ids, so that they meet: hypothesis strategies."""

from uuid import UUID

from hypothesis import strategies as st
from msgspec.structs import replace

from junzi.ledger.model import AMOUNT_MAX, NIL, Transfer, TransferFlags
from tests.ledger.cases import CREDIT_LIMITED, DEBIT_LIMITED, FOREIGN, KEEPER, NOBODY, OTHER, PLAIN, SHUT

_F = TransferFlags
_ids = st.integers(100, 115).map(lambda number: UUID(int=number))
_accounts = st.sampled_from([PLAIN, OTHER, KEEPER, DEBIT_LIMITED, CREDIT_LIMITED] * 6 + [FOREIGN, NOBODY, NIL, SHUT])
_linked = st.sampled_from([_F.NONE, _F.NONE, _F.NONE, _F.LINKED])

_BALANCING = [
    _F.BALANCING_DEBIT,
    _F.BALANCING_CREDIT,
    _F.BALANCING_DEBIT | _F.BALANCING_CREDIT,
    _F.BALANCING_DEBIT | _F.PENDING,
]
_CLOSING = [
    _F.CLOSING_DEBIT | _F.PENDING,
    _F.CLOSING_CREDIT | _F.PENDING,
    _F.CLOSING_DEBIT | _F.CLOSING_CREDIT | _F.PENDING | _F.BALANCING_DEBIT,
    _F.CLOSING_CREDIT,
]

_moves = st.builds(
    lambda linked, mode, **fields: Transfer(flags=linked | mode, **fields),
    linked=_linked,
    mode=st.sampled_from([_F.NONE, _F.PENDING] * 6 + _BALANCING * 2 + _CLOSING * 2),
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
        [_F.POST_PENDING_TRANSFER, _F.VOID_PENDING_TRANSFER] * 6
        + [_F.POST_PENDING_TRANSFER | _F.PENDING, _F.VOID_PENDING_TRANSFER | _F.CLOSING_DEBIT]
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


def _imported(request: list[Transfer], ago_s: list[float], but: int) -> list[Transfer]:
    """The request from the past; the one at the position `but` is not imported."""
    return [
        replace(event, flags=event.flags | _F.IMPORTED, timestamp=int(ago * 1e9)) if position != but else event
        for position, (event, ago) in enumerate(zip(request, ago_s, strict=False))
    ]


# Never near a second's end, so that before and after cannot be confused.
_ago_s = st.lists(st.sampled_from([1.15, 0.55, 0.45, 0.35, 0.25, 0.15, -0.25]), min_size=5, max_size=5)
_imports = st.builds(
    _imported,
    _requests,
    st.one_of(_ago_s.map(lambda ago: sorted(ago, reverse=True)), _ago_s),
    st.sampled_from([9] * 6 + [0, 1]),
)
_any_requests = st.one_of(_requests, _requests, _requests, _imports)


def at_time(request: list[Transfer], now: int) -> list[Transfer]:
    """The request at a moment in nanoseconds: what is generated says how long ago something was."""
    return [replace(event, timestamp=now - event.timestamp) if event.timestamp else event for event in request]


OPENING = [
    Transfer(id=UUID(int=90), debit_account_id=OTHER, credit_account_id=DEBIT_LIMITED, amount=60, ledger=156, code=1),
    Transfer(id=UUID(int=91), debit_account_id=CREDIT_LIMITED, credit_account_id=PLAIN, amount=60, ledger=156, code=1),
]

_plain = st.builds(
    Transfer,
    id=st.integers(100, 2000).map(lambda number: UUID(int=number)),
    debit_account_id=st.sampled_from([PLAIN, OTHER, DEBIT_LIMITED, CREDIT_LIMITED]),
    credit_account_id=st.sampled_from([PLAIN, OTHER, DEBIT_LIMITED, CREDIT_LIMITED]),
    amount=st.sampled_from([0, 1, 1, 2, 2, 5, 5, 5, 20, 100, 2**47]),
    ledger=st.sampled_from([156] * 60 + [840, 0]),
    code=st.sampled_from([1] * 60 + [0]),
    user_data_128=st.sampled_from([None, None, PLAIN]),
    user_data_32=st.sampled_from([0, 0, 9]),
)
_plain_requests = st.lists(_plain, min_size=1, max_size=12)
_in_order = _plain_requests.map(
    lambda request: [replace(event, id=UUID(int=3000 + place)) for place, event in enumerate(request)]
)


def _some_again(requests: list[list[Transfer]], places: list[tuple[int, int, int, int]]) -> list[list[Transfer]]:
    """With copies of some events. places: request and position where an event stands, request and position for its copy"""
    requests = [list(request) for request in requests]
    for where, at, whither, to in places:
        request = requests[where % len(requests)]
        requests[whither % len(requests)].insert(to, replace(request[at % len(request)]))
    return requests


_places = st.lists(st.tuples(*[st.integers(0, 11)] * 4), max_size=4)
MIXED = st.builds(
    _some_again, st.lists(st.one_of(*[_plain_requests] * 4, _in_order, _requests), min_size=1, max_size=8), _places
)
"""Requests of many plain transfers, with others among them; ids are often new and sometimes in order, and some are sent again."""

SAME_TIME = st.lists(_requests, min_size=1, max_size=12)
"""Requests without anything imported, to be sent while no time passes."""

# An advance of the clock never ends on a whole second, so that "just run out" and "about to" cannot be confused.
STEPS = st.lists(st.tuples(_any_requests, st.sampled_from([0.0, 0.0, 0.6, 1.2])), min_size=1, max_size=12)


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
