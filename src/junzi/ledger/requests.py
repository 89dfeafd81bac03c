"""What callers ask of the writer, and what they are told."""

from typing import TypeAlias

import msgspec

from junzi.ledger.model import CreateAccountResult, CreateTransferResult
from junzi.ledger.rows import AccountRow, TransferRow


class CreateAccounts(msgspec.Struct, frozen=True, gc=False):
    """One call's accounts. dated: whether any brings a timestamp"""

    events: list[AccountRow]
    dated: bool = False


class CreateTransfers(msgspec.Struct, frozen=True, gc=False):
    """One call's transfers. dated: whether any brings a timestamp"""

    events: list[TransferRow]
    dated: bool = False


class ExpirePending(msgspec.Struct, frozen=True):
    """Nothing but the expiry that comes before whatever is decided once something has run out."""

    events: tuple[()] = ()
    dated: bool = False


Request: TypeAlias = CreateAccounts | CreateTransfers | ExpirePending


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of one request; only the list of its kind is filled."""

    accounts: list[CreateAccountResult] = []
    transfers: list[CreateTransferResult] = []
    expired: int = 0
