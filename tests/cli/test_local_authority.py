"""The machine's own authority: what it signs for, for how long, and when it signs anew."""

import ssl
import stat
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from junzi.cli.local_authority import RENEWED_BEFORE, SERVER_DAYS, fingerprint, secured
from junzi.kit import clock
from tests.support.market import Time

HOME = "192.168.1.20"


def test_a_device_that_trusts_the_authority_reaches_every_private_address(tmp_path: Path) -> None:
    kept = secured(tmp_path, "Junzi", [HOME, "10.1.2.3"])
    for address in ("127.0.0.1", HOME, "10.1.2.3"):
        verify(kept.authority, kept.server, x509.IPAddress(IPv4Address(address)))
    verify(kept.authority, kept.server, x509.DNSName("localhost"))
    # A server can be started with it.
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(kept.server)


def test_it_signs_for_no_address_of_the_internet(tmp_path: Path) -> None:
    kept = secured(tmp_path, "Junzi", ["203.0.113.9", HOME])
    with pytest.raises(VerificationError):
        verify(kept.authority, kept.server, x509.IPAddress(IPv4Address("203.0.113.9")))
    constraints = x509.load_pem_x509_certificate(kept.authority.read_bytes()).extensions
    limits = constraints.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert limits.value.permitted_subtrees


def test_it_is_made_once_and_the_server_signed_anew_for_another_address_or_before_the_end(
    tmp_path: Path, time: Time
) -> None:
    first = secured(tmp_path, "Junzi", [HOME])
    authority, server = first.authority.read_bytes(), first.server.read_bytes()
    assert secured(tmp_path, "Junzi", [HOME]).server.read_bytes() == server
    moved = secured(tmp_path, "Junzi", ["192.168.7.7"]).server.read_bytes()
    assert moved != server
    time.pass_by(days=SERVER_DAYS - RENEWED_BEFORE.days)
    assert secured(tmp_path, "Junzi", ["192.168.7.7"]).server.read_bytes() != moved
    assert first.authority.read_bytes() == authority


def test_its_keys_are_nobody_elses_to_read_and_its_fingerprint_is_what_phones_show(tmp_path: Path) -> None:
    kept = secured(tmp_path / "https", "Junzi", [])
    for path in (tmp_path / "https").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    shown = fingerprint(kept.authority)
    assert len(shown.split(":")) == 32
    assert shown == shown.upper()


def verify(authority: Path, server: Path, name: x509.IPAddress | x509.DNSName) -> None:
    """As a client does: the chain, the dates, what the authority may sign for, and the name."""
    trusted = Store([x509.load_pem_x509_certificate(authority.read_bytes())])
    builder = PolicyBuilder().store(trusted).time(clock.now())
    builder.build_server_verifier(name).verify(x509.load_pem_x509_certificate(server.read_bytes()), [])
