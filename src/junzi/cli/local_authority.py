"""A certificate authority of this machine's own, so that phones of the same network can use https.

Made once and kept in the data folder; a phone that trusts it trusts this machine only: the authority may sign for names and
addresses of private networks and for nothing else (RFC 5280, 4.2.1.10). The server's own certificate is made anew when the
machine's addresses change or when it is about to end.
"""

import os
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from junzi.kit import clock

AUTHORITY_YEARS = 10
# Apple's devices refuse a server's certificate that is valid for longer, whoever signed it.
SERVER_DAYS = 397
RENEWED_BEFORE = timedelta(days=30)
MAY_NAME = ("localhost", "local", "lan", "home.arpa")
MAY_ADDRESS = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)


class Secured(msgspec.Struct, frozen=True):
    """authority: the certificate that phones install; server: file with the server's key and its certificate."""

    authority: Path
    server: Path


def secured(folder: Path, name: str, addresses: list[str]) -> Secured:
    """What the server needs to be reached under these addresses of this machine.

    folder: the keys of this installation, readable by nobody else
    name:   whose authority it is, in words that a phone shows
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = Secured(folder / "authority.crt", folder / "server.pem")
    key, certificate = _authority(folder / "authority.key", kept.authority, name)
    wanted = {IPv4Address("127.0.0.1"), *map(IPv4Address, filter(signs_for, addresses))}
    if not _serves(kept.server, wanted, certificate):
        _write(kept.server, _server_certificate(key, certificate, wanted))
    return kept


def signs_for(address: str) -> bool:
    """Whether that IPv4 address is one of a private network."""
    return any(IPv4Address(address) in network for network in MAY_ADDRESS)


def fingerprint(authority: Path) -> str:
    """SHA-256 of the certificate as phones show it, in pairs of hexadecimal digits."""
    digest = Hash(SHA256())
    digest.update(x509.load_pem_x509_certificate(authority.read_bytes()).public_bytes(Encoding.DER))
    return digest.finalize().hex(":").upper()


def _authority(key_path: Path, path: Path, name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if not key_path.exists() or not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(key_path, _pem(key))
        _write(path, _authority_certificate(key, name).public_bytes(Encoding.PEM))
    loaded = load_pem_private_key(key_path.read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded, x509.load_pem_x509_certificate(path.read_bytes())


def _authority_certificate(key: ec.EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    names = [x509.DNSName(one) for one in MAY_NAME]
    return (
        _dated(key, subject, subject, timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(
            x509.NameConstraints([*names, *(x509.IPAddress(network) for network in MAY_ADDRESS)], None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _server_certificate(
    authority_key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, addresses: set[IPv4Address]
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Junzi")])
    names = [x509.DNSName("localhost"), *map(x509.IPAddress, sorted(addresses))]
    certificate = (
        _dated(key, subject, authority.subject, timedelta(days=SERVER_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, SHA256())
    )
    return _pem(key) + certificate.public_bytes(Encoding.PEM)


def _dated(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, valid_for: timedelta
) -> x509.CertificateBuilder:
    # A phone's clock may be behind ours.
    begins = clock.now() - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + valid_for)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _serves(server: Path, wanted: set[IPv4Address], authority: x509.Certificate) -> bool:
    """Whether the certificate that is there is of this authority, names every address, and lasts."""
    if not server.exists():
        return False
    found = x509.load_pem_x509_certificate(server.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    issued = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    signer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    lasts = found.not_valid_after_utc - clock.now() > RENEWED_BEFORE
    return lasts and issued == signer and wanted <= set(names.get_values_for_type(x509.IPAddress))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by its owner alone."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)
