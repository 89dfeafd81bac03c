"""The ledger's state machine: what stands in the books and what is asked for go in, what becomes of it comes out.

Pure: no database, no clock. Each event is checked in TigerBeetle's order of precedence, and the first reason to refuse it is the
answer; after the last check it must succeed. `batch` runs the requests, the other modules decide one event each.
"""

from junzi.ledger.rules.batch import decide
from junzi.ledger.rules.missing import Missing, missing
from junzi.ledger.rules.terms import LINKED, SECOND

__all__ = ["LINKED", "SECOND", "Missing", "decide", "missing"]
