"""The command line: `junzi up`, `serve`, `migrate`, `audit`, `demo`, `bench`. Each command is loaded when it is called."""

import sys

from cyclopts import App

from junzi import __version__
from junzi.cli.refusal import EXPECTED

app = App(
    name="junzi",
    help="Chat, a wallet, payment at shops and coupons, in one program. Start with `junzi up --demo`.",
    version=__version__,
)
COMMANDS = {
    "up:up": "Start everything on this machine and serve it on one port until Ctrl-C.",
    "serve:serve": "Serve a database that runs already; a supervisor's command.",
    "migrate:migrate": "Bring the database to the schema of this program.",
    "audit:audit": "Check that books and message logs add up.",
    "up:demo": "Fill a new database with the demo town and end.",
    "bench:bench": "Measure what has a goal.",
}
for place, summary in COMMANDS.items():
    app.command(f"junzi.cli.{place}", help=summary)


def main() -> None:
    """Runs the command; what can be expected to go wrong is said in one sentence, without a traceback."""
    try:
        app()
    except EXPECTED as refusal:
        print(f"junzi: {refusal}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise SystemExit(130) from None
