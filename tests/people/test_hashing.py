"""What guessing a stolen password or PIN costs: the least that OWASP's password storage guide asks for."""

from uuid import uuid4

import argon2

from junzi.people import hashing
from junzi.people.model import PinKey

MEMORY_KIB = 19 * 1024
PASSES = 2


async def test_a_hash_costs_what_it_has_to() -> None:
    of_password = await hashing.password_hash("correct horse battery")
    of_pin = await hashing.pin_hash(PinKey("pin-1", b"k" * 32), uuid4(), "258036")
    for cost in map(argon2.extract_parameters, (of_password, of_pin)):
        assert cost.type is argon2.Type.ID
        assert cost.memory_cost >= MEMORY_KIB
        assert cost.time_cost >= PASSES
