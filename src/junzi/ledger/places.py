"""Where accounts stand, looked up for thousands of ids at once.

A dict answers one id after the other and waits for memory four times each; this table of slots asks for all of them together.
Open addressing with linear probing, at most half full.
"""

import secrets

import numpy as np

from junzi.ledger.packed import Array

_FEWEST_BITS = 10


class Places:
    """Places by id. What is appended to the ids is taken in when something is next looked for."""

    def __init__(self) -> None:
        self._count = 0
        self._size(_FEWEST_BITS)
        # Odd and secret, so that nobody can choose ids that meet in one slot.
        self._high, self._low = (np.uint64(secrets.randbits(64) | 1) for _ in range(2))

    def find(self, ids: Array, asked: Array) -> Array:
        """The place of each of those asked for; -1 for what is nowhere. Both are pairs of unsigned 64-bit numbers.

        ids:  all there are, by place
        """
        self._take_in(ids)
        found = np.full(len(asked), -1, np.int64)
        asking, slots = np.arange(len(asked)), self._home(asked)
        while asking.size:
            places = self._slots[slots]
            there = places >= 0
            asking, slots, places = asking[there], slots[there], places[there]
            of_slot, of_asked = ids[places], asked[asking]
            same = (of_slot[:, 0] == of_asked[:, 0]) & (of_slot[:, 1] == of_asked[:, 1])
            found[asking[same]] = places[same]
            asking, slots = asking[~same], self._next(slots[~same])
        return found

    def forget_from(self, count: int) -> None:
        """The ids from this place on are no more. They were never taken in: nothing is looked for inside a chain."""
        assert count >= self._count

    def _take_in(self, ids: Array) -> None:
        if len(ids) * 2 > len(self._slots):
            self._size((len(ids) * 2).bit_length())
        places = np.arange(self._count, len(ids), dtype=np.int32)
        slots = self._home(ids[self._count :])
        while places.size:
            free = self._slots[slots] < 0
            # Of several that write to one slot the last stays.
            self._slots[slots[free]] = places[free]
            left = self._slots[slots] != places
            places, slots = places[left], self._next(slots[left])
        self._count = len(ids)

    def _size(self, bits: int) -> None:
        self._slots = np.full(1 << bits, -1, np.int32)
        self._shift, self._count = np.uint64(64 - bits), 0

    def _home(self, ids: Array) -> Array:
        mixed: Array = ids[:, 0] * self._high + ids[:, 1] * self._low
        return (mixed >> self._shift).astype(np.int64)

    def _next(self, slots: Array) -> Array:
        following: Array = (slots + 1) & (len(self._slots) - 1)
        return following
