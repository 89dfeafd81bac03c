"""The moving seal: signs and a colour that change every few seconds, the same for a shop's keeper and for who just paid there.

A frame follows from a secret of this server, the shop and the time, so that nobody without the server knows the next one. A
keeper is given the next minute's frames as long as their page is open; a payer those of three minutes after their payment. What
this holds against and what not: docs/moving-seal.md.
"""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from junzi.kit import clock
from junzi.kit.config import key_file
from junzi.standing import rules
from junzi.standing.model import Seal

SHOWN_AFTER_PAYMENT = timedelta(minutes=3)
_GIVEN_AHEAD = timedelta(minutes=1)


def seal(data: Path, shop_id: UUID, *, until: datetime | None = None) -> Seal:
    """The shop's frames from now on; until: when they end for whoever asks. data: the folder with this server's keys."""
    now = clock.now()
    last = now + _GIVEN_AHEAD if until is None else min(now + _GIVEN_AHEAD, until)
    first_slot, last_slot = rules.slot_of(now), rules.slot_of(last)
    over = until is not None and until <= now
    slots = [] if over else range(first_slot, last_slot + 1)
    secret = key_file(data, "seal-1")
    frames = [rules.frame(secret, shop_id, slot) for slot in slots]
    return Seal(now, rules.SLOT_MS, first_slot * rules.SLOT_MS, frames, over)
