"""Ports: the first free one unless one was asked for, and a clear refusal when that one is taken."""

import socket

import pytest

from junzi.cli import listening
from junzi.cli.listening import addresses, free_loopback_port, listen
from junzi.cli.refusal import CommandRefused


def test_takes_the_next_port_when_the_first_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        monkeypatch.setattr(listening, "FIRST_PORT", first)
        with listen("127.0.0.1", None) as found:
            assert first < found.getsockname()[1] < first + listening.PORTS_TRIED


def test_sees_that_a_port_is_taken_on_one_address_when_asked_for_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CommandRefused, match="--port"):
        listen("0.0.0.0", taken.getsockname()[1])


def test_refuses_when_the_port_that_was_asked_for_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandRefused, match=f"Port {port} on 127.0.0.1 can't be used"):
            listen("127.0.0.1", port)


def test_refuses_when_no_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(listening, "FIRST_PORT", taken.getsockname()[1])
        monkeypatch.setattr(listening, "PORTS_TRIED", 1)
        with pytest.raises(CommandRefused, match="is free"):
            listen("127.0.0.1", None)


def test_refuses_an_address_that_is_not_this_machines() -> None:
    with pytest.raises(CommandRefused, match="--host"):
        listen("192.0.2.77", None)


def test_takes_the_port_that_was_asked_for() -> None:
    port = free_loopback_port()
    with listen("127.0.0.1", port) as found:
        assert found.getsockname() == ("127.0.0.1", port)


def test_names_this_machine_first_and_nothing_else_when_others_are_kept_out() -> None:
    assert addresses("0.0.0.0", 8800)[0] == "http://localhost:8800"
    assert addresses("127.0.0.1", 8800) == ["http://localhost:8800"]
    assert not any(address.startswith("http://127.") for address in addresses("0.0.0.0", 8800))
