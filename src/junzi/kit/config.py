"""Settings of one process, read once from the environment."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

TILES = r"|https?://[a-z0-9.-]+(:[0-9]+)?(?=/.*\{z\})(?=/.*\{x\})(?=/.*\{y\})/[^\s;,]*"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process must be told.

    database_url:  PostgreSQL, `postgresql://…`
    data:          folder for keys and, when embedded, the database
    public_url:    address under which phones reach us, as the operator set it, no slash at the end; may be empty
    network_url:   address under which phones of the same network reach us, if there is one; goes into codes shown on this machine
    https_url:     address under which this machine is reached over https that its own authority vouches for, if it is
    authority:     file of that authority's certificate
    authority_fingerprint: SHA-256 of it, as phones show it
    issuer_url:    the card issuer's machine API
    issuer_key:    secret shared with the issuer
    metrics_token: secret that lets another machine read /metrics; without one only this machine may
    blobs_url:     where uploaded files lie, such as s3://bucket/folder (keys by the AWS_… variables); without it, in `data`
    nats_url:      where several processes that serve this database meet: `nats://…`, several with commas between; without it, one
                   process serves it
    push_hosts:    `host:port`, with commas between, of push services of the operator's own; the browsers' are known
    brief_hour:    hour of the operator's clock from which on the operators are told of yesterday; 24 for never
    map_tiles_url: of map tiles drawn under the street's plan, `https://…/{z}/{x}/{y}.png`; without it, a plan of its own is drawn
    sweep_every_s: how often interrupted flows are looked for
    emv_identifier: reverse domain, such as org.example.pay, under which our codes stand in merchant codes (EMVCo); without it, it
                   follows from the address
    country:       where the shops are, as ISO 3166 writes it in two letters
    trusted_proxies:  addresses, with commas between, of the proxies that are believed who asks and whether over https
    issuer_proxy:  whether the issuer's own pages are passed through under /sandbox-bank (sandbox only)
    """

    database_url: str
    data: Path
    host: str = "127.0.0.1"
    port: int = 8800
    public_url: str = ""
    network_url: str = ""
    https_url: str = ""
    authority: str = ""
    authority_fingerprint: str = ""
    emv_identifier: str = ""
    country: str = "CN"
    trusted_proxies: str = ""
    issuer_url: str = ""
    issuer_key: str = ""
    issuer_proxy: bool = False
    pool_size: int = 10
    sweep_every_s: float = 3
    metrics_token: str = ""
    blobs_url: str = ""
    push_hosts: str = ""
    nats_url: str = ""
    brief_hour: int = 8
    map_tiles_url: str = ""


def settings_from_environment() -> Settings:
    """Read `JUNZI_…` variables; raises `MissingSetting` naming the one that is not there or cannot be used."""
    environment = os.environ
    if "JUNZI_DATABASE_URL" not in environment:
        raise MissingSetting("JUNZI_DATABASE_URL is not set. Give a PostgreSQL URL, or use `junzi up`.")
    port = int(environment.get("JUNZI_PORT", "8800"))
    return Settings(
        database_url=environment["JUNZI_DATABASE_URL"],
        data=Path(environment.get("JUNZI_DATA", "var")),
        host=environment.get("JUNZI_HOST", "127.0.0.1"),
        port=port,
        public_url=environment.get("JUNZI_PUBLIC_URL", "").rstrip("/"),
        emv_identifier=_fitting(environment, "JUNZI_EMV_IDENTIFIER", "", r"|(?=.{1,32}$)[a-z0-9-]+(\.[a-z0-9-]+)+"),
        country=_fitting(environment, "JUNZI_COUNTRY", "CN", r"[A-Z]{2}"),
        trusted_proxies=environment.get("JUNZI_TRUSTED_PROXIES", ""),
        issuer_url=environment.get("JUNZI_ISSUER_URL", "").rstrip("/"),
        issuer_key=environment.get("JUNZI_ISSUER_KEY", ""),
        issuer_proxy=environment.get("JUNZI_ISSUER_PROXY", "") == "1",
        pool_size=int(environment.get("JUNZI_POOL_SIZE", "10")),
        metrics_token=environment.get("JUNZI_METRICS_TOKEN", ""),
        blobs_url=environment.get("JUNZI_BLOBS_URL", ""),
        nats_url=environment.get("JUNZI_NATS_URL", ""),
        push_hosts=environment.get("JUNZI_PUSH_HOSTS", ""),
        brief_hour=int(_fitting(environment, "JUNZI_BRIEF_HOUR", "8", r"1?[0-9]|2[0-4]")),
        map_tiles_url=_fitting(environment, "JUNZI_MAP_TILES_URL", "", TILES),
        sweep_every_s=float(environment.get("JUNZI_SWEEP_EVERY_S", "3")),
    )


def key_file(data: Path, name: str) -> bytes:
    """The secret of that name under `<data>/keys`, 32 random bytes made at first use and readable by its owner only."""
    path = data / "keys" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        # link() fails when another process was first, whose secret then counts.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return bytes.fromhex(path.read_text().strip())


def _fitting(environment: Mapping[str, str], name: str, otherwise: str, form: str) -> str:
    value = environment.get(name, otherwise)
    if not re.fullmatch(form, value):
        raise MissingSetting(f"{name} cannot be {value!r}.")
    return value


class MissingSetting(Exception):
    """A setting without which, or as which it stands, the process cannot start."""
