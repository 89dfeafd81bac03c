"""Sets of people as bitmaps: person number n is bit n. Pure.

A set is a whole number, so that "both", "either" and "not" are one operation over all people; a million people are 125 kB.
"""

from collections.abc import Iterable


def pack(numbers: Iterable[int]) -> bytes:
    """As it is stored: eight people a byte, the lowest first."""
    known = list(numbers)
    packed = bytearray(max(known, default=-1) // 8 + 1)
    for number in known:
        packed[number >> 3] |= 1 << (number & 7)
    return bytes(packed)


def unpack(packed: bytes) -> int:
    return int.from_bytes(packed, "little")


def union(sets: Iterable[int]) -> int:
    whole = 0
    for one in sets:
        whole |= one
    return whole


def at_least_three(sets: Iterable[int]) -> int:
    """Who is in three or more of them."""
    once = twice = thrice = 0
    for one in sets:
        thrice |= twice & one
        twice |= once & one
        once |= one
    return thrice
