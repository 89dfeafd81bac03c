"""junzi-issuer: serves the sandbox card issuer, and audits its books."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import uvloop
from cyclopts import App, Parameter

from junzi_issuer import __version__
from junzi_issuer.audit import NotAnIssuer, find_faults
from junzi_issuer.config import ConfigError, read_settings
from junzi_issuer.database import SchemaTooNew
from junzi_issuer.keys import KeyFileError, read_keys
from junzi_issuer.server import listen, serve, stop_quietly

DatabaseUrl = Annotated[str, Parameter(env_var="ISSUER_DATABASE_URL")]

app = App(name="junzi-issuer", help="The sandbox card issuer: a bank that never was.", version=__version__)


def main() -> None:
    app()


@app.command(name="serve")
def serve_command(
    *,
    database_url: DatabaseUrl,
    key_file: Path,
    public_url: str,
    notify_url: str,
    port: int = 8810,
    host: str = "127.0.0.1",
) -> None:
    """Serve the machine interface and the page.

    Parameters
    ----------
    database_url
        PostgreSQL of its own; also read from ISSUER_DATABASE_URL.
    key_file
        One line: the key shared with the operator.
    public_url
        Where browsers reach this server, path prefix included.
    notify_url
        Where outcomes are posted.
    port
        0 takes a free one.
    host
        The address to listen on.
    """
    stop_quietly()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.ERROR)
    try:
        settings = read_settings(public_url, notify_url, os.environ)
        secrets = read_keys(key_file)
        listener = listen(host, port)
    except (ConfigError, KeyFileError) as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"Cannot listen on {host} port {port}: {error.strerror}.")
    print(f"junzi-issuer listens on http://{host}:{listener.getsockname()[1]}", flush=True)
    try:
        uvloop.run(serve(database_url, settings, secrets, listener))
    except SchemaTooNew as error:
        _refuse(str(error))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _refuse(f"The database cannot be used: {type(error).__name__}.")


@app.command(name="audit")
def audit_command(*, database_url: DatabaseUrl) -> None:
    """Check the books: exit code 0 where every invariant holds, 1 where one does not.

    Parameters
    ----------
    database_url
        The issuer's PostgreSQL; also read from ISSUER_DATABASE_URL.
    """
    try:
        faults = uvloop.run(find_faults(database_url))
    except NotAnIssuer as error:
        _refuse(str(error))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _refuse(f"The database cannot be used: {type(error).__name__}.")
    for name, count in faults.items():
        print(f"FAULT {name}: {count}")
    if faults:
        sys.exit(1)
    print("The books are sound.")


def _refuse(why: str) -> NoReturn:
    print(f"junzi-issuer: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
