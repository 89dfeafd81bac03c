"""A client for programs: bots, benchmarks and tests speak to a server through it. Built on nothing of the server's."""

from junzi.client.client import Client, ConnectionEnded, Refused, Unreachable
from junzi.client.mirror import Mirror

__all__ = ["Client", "ConnectionEnded", "Mirror", "Refused", "Unreachable"]
