"""What callers ask of the writer, and what they are told."""

from typing import TypeAlias

import msgspec

from junzi.ledger.model import CreateAccountResult, CreateTransferResult
from junzi.ledger.rows import AccountRow, TransferRow

TransferEvent: TypeAlias = bytes | TransferRow


class CreateAccounts(msgspec.Struct, frozen=True, gc=False):
    """One call's accounts. dated: whether any brings a timestamp"""

    events: list[AccountRow]
    dated: bool = False


class CreateTransfers(msgspec.Struct, frozen=True, gc=False):
    """One call's transfers: plain ones as `packed` has them, others as tuples.

    plain:  whether all are plain
    dated:  whether any brings a timestamp
    """

    events: list[TransferEvent]
    plain: bool = False
    dated: bool = False


class ExpirePending(msgspec.Struct, frozen=True):
    """Nothing but the expiry that comes before whatever is decided once something has run out."""

    events: tuple[()] = ()
    dated: bool = False


Request: TypeAlias = CreateAccounts | CreateTransfers | ExpirePending


Outcome: TypeAlias = list[CreateAccountResult] | list[CreateTransferResult] | int
"""What became of one request: a result an event, or how many pending transfers ran out."""
