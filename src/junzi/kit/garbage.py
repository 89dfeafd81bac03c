"""How often a server looks for circles of garbage: less often than Python would for a program that ends soon.

Nearly everything a request makes is freed when its last use ends, without any search. A search walks over all that lives, which
at a server is mostly what it is made of, and Python begins one after every few hundred new objects.
"""

import gc

EVERY = 10_000
"""New objects that outlive the freed ones before the youngest are searched, for some four milliseconds."""


def settle() -> None:
    """What lives now lives as long as the process: never search it again. Call it once everything is open."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(EVERY, 20, 50)
