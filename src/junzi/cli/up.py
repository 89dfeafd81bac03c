"""`junzi up`: everything on one machine with one command. PostgreSQL, the demo town's bank, and Junzi on one port."""

import io
import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import segno
from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from junzi.app import at_work, open_house
from junzi.cli import demo_life, demo_tour, local_authority
from junzi.cli.administrator import make_first_administrator
from junzi.cli.demo import is_filled, seed
from junzi.cli.folders import data_folder, make_data_folder
from junzi.cli.installation import DATABASE, ISSUER_DATABASE
from junzi.cli.issuer import IssuerProcess
from junzi.cli.listening import addresses, free_loopback_port, listen, listen_securely, network_addresses
from junzi.cli.log_file import LogFile
from junzi.cli.people_file import PeopleFile
from junzi.cli.progress import console, step
from junzi.cli.refusal import CommandRefused
from junzi.cli.serve import Secure, right_to_serve, run_until_stopped, serve_until_stopped
from junzi.kit import log, migrate, town
from junzi.kit.config import Settings, key_file
from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres

ISSUER_PATH = "/sandbox-bank"
LOG_NAME = "junzi.log"
NOTIFICATION_PATH = "/api/bank/notifications"
TO_TRY = (
    "Sign in as xiaoman here and as azhe in a private window, and chat.",
    "As yinuo, bind a card in the wallet: the bank's page shows numbers that work. Coupons arrive at once.",
    "As guifang, open the noodle shop's code; as xiaoman, scan it and pay with a coupon. The shop hears the money arrive.",
    "As langjie, walk today's route from Discover and sign a shop up at its counter.",
    "As yuan, see the day's figures, the street and how far a third is.",
)


def up(
    *,
    data: Annotated[Path | None, Parameter(help="Folder for database and keys.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on; without it 8800 or the next free one.")] = None,
    host: Annotated[str, Parameter(help="Address to listen on; 127.0.0.1 keeps other machines out.")] = "0.0.0.0",
    public_url: Annotated[str | None, Parameter(help="Address under which phones reach this machine.")] = None,
    demo: Annotated[bool, Parameter(help="Fill a new database with a demo town, a sandbox bank included.")] = False,
    https: Annotated[bool, Parameter(help="Serve over https too, by an authority of this machine's own.")] = False,
    https_port: Annotated[int | None, Parameter(help="Port for https; without it 8443 or the next free one.")] = None,
) -> None:
    """Start everything on this machine and serve it on one port until Ctrl-C.

    With JUNZI_DATABASE_URL that PostgreSQL is used instead of an embedded one (and JUNZI_ISSUER_DATABASE_URL for the
    sandbox bank of a demo town).
    """
    _start(data, _Doors(host, port, public_url, https=https, https_port=https_port), wants_demo=demo, serving=True)
    console.print("[green]✓[/] Stopped. Everything is kept for the next start.")


def demo(*, data: Annotated[Path | None, Parameter(help="Folder for database and keys.")] = None) -> None:
    """Fill a new database with the demo town and end; `junzi up` then serves it."""
    _start(data, _Doors("127.0.0.1", 0), wants_demo=True, serving=False)


class _Doors(msgspec.Struct, frozen=True):
    """Where the command is to be reached."""

    host: str
    port: int | None
    public_url: str | None = None
    https: bool = False
    https_port: int | None = None


def _start(data: Path | None, doors: _Doors, *, wants_demo: bool, serving: bool) -> None:
    folder = data_folder(data)
    # What is made from here on, logs included, is nobody else's to read.
    os.umask(0o077)
    with ExitStack() as stack:
        # Until the server takes over, being asked to end means the same however it is asked.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        listener = stack.enter_context(listen(doors.host, doors.port))
        secure_listener = stack.enter_context(listen_securely(doors.host, doors.https_port)) if doors.https else None
        database_url, issuer_database_url = _databases(folder, stack)
        make_data_folder(folder)
        settings, secure = _settings(folder, database_url, doors, listener, secure_listener)
        log.set_up(to=stack.enter_context(LogFile(folder / LOG_NAME)))
        run_until_stopped(lambda: _run(settings, listener, secure, issuer_database_url, stack, wants_demo, serving))


async def _run(
    settings: Settings,
    listener: socket.socket,
    secure: Secure | None,
    issuer_database_url: str,
    stack: ExitStack,
    wants_demo: bool,
    serving: bool,
) -> None:
    people = PeopleFile(settings.data)
    known = people.people()
    async with right_to_serve(settings.database_url):
        with step("Bringing the database up to date"):
            await migrate.migrate(settings.database_url)
        is_demo = await _found_town(settings, wants_demo)
        if is_demo:
            with step("Starting the sandbox bank"):
                _start_issuer(settings, issuer_database_url, stack)
        async with open_house(settings) as house:
            if is_demo and not await is_filled(house):
                with step("Filling the demo town") as say:
                    await seed(house, people, say)
            elif not is_demo:
                await make_first_administrator(house, people)
            announce = _announcement(settings, people, is_demo=is_demo, new=people.people() != known)
            if serving:
                async with at_work(house), demo_life.lived_in(house, people) if is_demo else nullcontext():
                    await serve_until_stopped(house, listener, announce=announce, secure=secure)


def _databases(folder: Path, stack: ExitStack) -> tuple[str, str]:
    """The addresses of Junzi's and of the sandbox bank's database; starts PostgreSQL unless one was given."""
    given = os.environ.get("JUNZI_DATABASE_URL")
    if given:
        return given, os.environ.get("JUNZI_ISSUER_DATABASE_URL", "")
    postgres = EmbeddedPostgres(folder, say=lambda text: console.print(f"  {escape(text)}"))
    stack.callback(postgres.stop)
    with step("Starting PostgreSQL"):
        postgres.start()
        for name in (DATABASE, ISSUER_DATABASE):
            postgres.ensure_database(name)
    return postgres.url(DATABASE), postgres.url(ISSUER_DATABASE)


def _settings(
    folder: Path, database_url: str, doors: _Doors, listener: socket.socket, secure_listener: socket.socket | None
) -> tuple[Settings, Secure | None]:
    host, port = doors.host, listener.getsockname()[1]
    address = doors.public_url or os.environ.get("JUNZI_PUBLIC_URL") or ""
    if address and (urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname):
        raise CommandRefused(f"{address} is no public address: it should look like https://pay.example.org")
    settings = Settings(
        database_url=database_url,
        data=folder,
        host=host,
        port=port,
        public_url=address.rstrip("/"),
        network_url=next(iter(addresses(host, port)[1:]), ""),
        trusted_proxies=os.environ.get("JUNZI_TRUSTED_PROXIES", ""),
        issuer_url=f"http://127.0.0.1:{free_loopback_port()}",
        issuer_key=key_file(folder, "issuer").hex(),
        issuer_proxy=True,
        metrics_token=os.environ.get("JUNZI_METRICS_TOKEN", ""),
    )
    return _secured(settings, secure_listener) if secure_listener else (settings, None)


def _secured(settings: Settings, listener: socket.socket) -> tuple[Settings, Secure]:
    """With https by an authority of this machine's own, which signs for private addresses; codes lead there then."""
    kept = local_authority.secured(
        settings.data / "keys" / "https", f"Junzi {socket.gethostname()}", network_addresses()
    )
    reached = addresses(settings.host, listener.getsockname()[1], scheme="https")
    private = [address for address in reached[1:] if local_authority.signs_for(str(urlsplit(address).hostname))]
    settings = msgspec.structs.replace(
        settings,
        https_url=(private or reached)[0],
        network_url=private[0] if private else settings.network_url,
        authority=str(kept.authority),
        authority_fingerprint=local_authority.fingerprint(kept.authority),
    )
    return settings, Secure(listener, kept.server)


async def _found_town(settings: Settings, demo: bool) -> bool:
    """Makes the operator's row in a new database; tells whether it is a demonstration. Raises CommandRefused."""
    database = await open_database(settings.database_url, size=1)
    try:
        async with database.transaction() as tx:
            await town.found(tx, name="君子镇" if demo else "Junzi", demo=demo)
            found = await town.load(tx)
    finally:
        await database.close()
    if demo and not found.demo:
        raise CommandRefused(
            "This database is not a demonstration and can't become one. Start without --demo, or with other --data."
        )
    return found.demo


def _start_issuer(settings: Settings, database_url: str, stack: ExitStack) -> None:
    if not database_url:
        raise CommandRefused(
            "A demo town needs a database for its sandbox bank: set JUNZI_ISSUER_DATABASE_URL beside JUNZI_DATABASE_URL."
        )
    issuer = IssuerProcess(
        database_url=database_url,
        port=urlsplit(settings.issuer_url).port or 0,
        key_file=settings.data / "keys" / "issuer",
        public_url=(settings.public_url or addresses(settings.host, settings.port)[0]) + ISSUER_PATH,
        notify_url=f"http://127.0.0.1:{settings.port}{NOTIFICATION_PATH}",
        log=settings.data / "sandbox-bank.log",
    )
    stack.callback(issuer.stop)
    issuer.start()


def _announcement(settings: Settings, people: PeopleFile, *, is_demo: bool, new: bool) -> Callable[[], None]:
    def announce() -> None:
        first, *others = addresses(settings.host, settings.port)
        console.print(f"\n[bold]Junzi runs at[/] [bold green]{first}[/]")
        for other in others:
            console.print(f"  from other devices of this network: {other}")
        if settings.https_url:
            console.print(
                f"  over https: [bold]{settings.https_url}[/], once a device trusts this machine: {first}/trust",
                soft_wrap=True,
            )
            # With emoji a ":CD:" in it would become a picture of a disc.
            console.print(
                f"  whose certificate has the fingerprint {settings.authority_fingerprint}", soft_wrap=True, emoji=False
            )
        _print_code(others[0] + ("/trust" if settings.https_url else "") if others else "")
        _print_people(people, is_demo=is_demo, new=new)
        if is_demo:
            console.print("\n[bold]To try[/]")
            for number, text in enumerate(TO_TRY, 1):
                console.print(f"  {number}. {text}", soft_wrap=True)
            console.print(
                "\n[bold]The tour[/], a customer, a shop and the operator side by side, opens with this link:"
            )
            console.out(demo_tour.link(first, people))
        console.print(
            f"\nData and logs are in {escape(str(settings.data))}. Ctrl-C stops everything.\n", soft_wrap=True
        )

    return announce


def _print_code(address: str) -> None:
    """The address for a phone's camera, where somebody is looking."""
    if not address or not console.is_terminal or console.encoding != "utf-8":
        return
    drawn = io.StringIO()
    segno.make(address, error="m").terminal(drawn, compact=True)
    console.print(f"\n[bold]On a phone[/] of this network, scan this: {address}\n")
    console.out(drawn.getvalue())


def _print_people(people: PeopleFile, *, is_demo: bool, new: bool) -> None:
    if not people.people():
        return
    if not new:
        console.print(f"Handles and passwords are in {escape(str(people.path))}", soft_wrap=True)
        return
    title = "The people of the demo town" if is_demo else "The first administrator"
    table = Table("handle", "password", "who", title=title, title_justify="left", box=None)
    for person in people.people():
        table.add_row(person.handle, person.password, person.role)
    console.print()
    console.print(table)
    if is_demo:
        console.print(f"Payment PIN of everybody with a card: [bold]{people.pin()}[/]")
    console.print(f"[dim]Shown this once; kept in {escape(str(people.path))}[/]", soft_wrap=True)
