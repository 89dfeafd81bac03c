"""Ports for servers that must know theirs before they start, or find it again after they were killed."""

import os
import random
import socket

LOWEST, BEYOND = 15_000, 32_000
"""Below what Linux and macOS give to those who call out: such a port would be somebody's before the server listens."""
MOST_WORKERS = 16
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, that no other worker of the same run is given, and that is given once."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MOST_WORKERS
    while True:
        port = random.randrange(LOWEST + worker, BEYOND, MOST_WORKERS)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
