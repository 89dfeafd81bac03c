"""The one port that everything is served on, and the addresses under which it can be reached."""

import errno
import socket
from contextlib import suppress

from junzi.cli.refusal import CommandRefused

FIRST_PORT = 8800
FIRST_SECURE_PORT = 8443
PORTS_TRIED = 100
BACKLOG = 2048


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket on this port, or on the first free one from 8800 on. Raises CommandRefused."""
    return _listen(host, port, FIRST_PORT, "--port")


def listen_securely(host: str, port: int | None) -> socket.socket:
    """The same for https, from 8443 on. Raises CommandRefused."""
    return _listen(host, port, FIRST_SECURE_PORT, "--https-port")


def _listen(host: str, port: int | None, first: int, option: str) -> socket.socket:
    if port is not None:
        try:
            return _bound(host, port)
        except OSError as error:
            raise CommandRefused(
                f"Port {port} on {host} can't be used: {error.strerror}. Choose another with {option}."
            ) from error
    for candidate in range(first, first + PORTS_TRIED):
        try:
            return _bound(host, candidate)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise CommandRefused(
                    f"{host} can't be listened on: {error.strerror}. Choose another with --host."
                ) from error
    raise CommandRefused(f"No port from {first} to {first + PORTS_TRIED - 1} is free. Choose one with {option}.")


def free_loopback_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def addresses(host: str, port: int, *, scheme: str = "http") -> list[str]:
    """Where a browser finds us: this machine first, then what other machines of the network can use."""
    if host not in ("0.0.0.0", "::", ""):
        return [f"{scheme}://{'localhost' if host == '127.0.0.1' else host}:{port}"]
    return [f"{scheme}://localhost:{port}", *(f"{scheme}://{address}:{port}" for address in network_addresses())]


def _bound(host: str, port: int) -> socket.socket:
    # Asked for first, since macOS lets two programs share a port when one of them names its address.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        if port != 0 and probe.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) == 0:
            raise OSError(errno.EADDRINUSE, "another program listens there")
    return socket.create_server((host, port), backlog=BACKLOG)


def network_addresses() -> list[str]:
    found: list[str] = []
    # A machine without a network, or whose name is in no register, has fewer addresses.
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        # No packet is sent: the system only chooses the address that it would send from.
        outward.connect(("192.0.2.1", 9))
        found.append(str(outward.getsockname()[0]))
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "169.254."))]
