"""A client for programs: bots, benchmarks and tests speak to a server through it. Built on nothing of the server's."""

from junzi.client.client import Client, ConnectionEnded, Refused, Unreachable

__all__ = ["Client", "ConnectionEnded", "Refused", "Unreachable"]
