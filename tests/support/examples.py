"""How many examples a property is tried on: all of them in `make test`, a part of them where everybody waits, in `make check`."""

import os

PART = int(os.environ.get("JUNZI_ONE_EXAMPLE_IN", "1"))


def examples(number: int) -> int:
    return max(1, number // PART)
