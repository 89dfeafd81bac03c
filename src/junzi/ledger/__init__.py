"""The ledger: double-entry accounts and transfers, idempotent for ever, committed in groups by one writer."""

from junzi.ledger.engine import Ledger, open_ledger
from junzi.ledger.model import (
    AMOUNT_MAX,
    MOST_EVENTS,
    NIL,
    Account,
    AccountFilter,
    AccountFilterFlags,
    AccountFlags,
    CreateAccountResult,
    CreateAccountStatus,
    CreateTransferResult,
    CreateTransferStatus,
    EngineTaken,
    InvalidEvent,
    Transfer,
    TransferFlags,
    chain_outcome,
)

__all__ = [
    "AMOUNT_MAX",
    "MOST_EVENTS",
    "NIL",
    "Account",
    "AccountFilter",
    "AccountFilterFlags",
    "AccountFlags",
    "CreateAccountResult",
    "CreateAccountStatus",
    "CreateTransferResult",
    "CreateTransferStatus",
    "EngineTaken",
    "InvalidEvent",
    "Ledger",
    "Transfer",
    "TransferFlags",
    "chain_outcome",
    "open_ledger",
]
