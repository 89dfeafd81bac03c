"""Where an installation keeps its data unless told otherwise."""

import os
from pathlib import Path

from junzi.cli.refusal import CommandRefused

CHECKOUT = Path(__file__).resolve().parents[3]


def data_folder(chosen: Path | None) -> Path:
    """`--data`, else JUNZI_DATA, else /var/lib/junzi for root, else `var` of the checkout, else the user's own share."""
    if chosen is not None:
        return chosen.resolve()
    if os.environ.get("JUNZI_DATA"):
        return Path(os.environ["JUNZI_DATA"]).resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/junzi")
    if (CHECKOUT / "pyproject.toml").exists():
        return CHECKOUT / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "junzi"


def make_data_folder(folder: Path) -> None:
    """Makes the folder if it is missing. Raises CommandRefused when it can't be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandRefused(
            f"The data folder {folder} can't be made: {error.strerror}. Choose another with --data."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CommandRefused(f"The data folder {folder} belongs to somebody else. Choose another with --data.")
