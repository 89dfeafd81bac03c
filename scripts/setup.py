"""Installs Junzi into `.venv` of this checkout and builds the web app; does only what has changed since the last time.

Run by `make setup` with any Python from 3.11 on. Uses the standard library alone, since nothing is installed yet.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOG = ENVIRONMENT / "setup.log"
TELL_EVERY_S = 1.0


def main() -> None:
    make_environment()
    once("packages", [ROOT / "requirements.lock"], install_packages)
    once("junzi", [ROOT / "pyproject.toml", ROOT / "hatch_build.py"], install_junzi)
    if os.environ.get("JUNZI_WEB") != "skip":
        subprocess.run([PYTHON, "hatch_build.py"], cwd=ROOT, check=True)


def make_environment() -> None:
    """Makes `.venv`, again if its Python is gone, has another version or the checkout has been moved."""
    moved = (ENVIRONMENT / "made-in").exists() and (ENVIRONMENT / "made-in").read_text() != str(ROOT)
    if (
        PYTHON.exists()
        and not moved
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0
    ):
        return
    say("Making a Python environment in .venv …")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], capture_output=True, text=True)
    if made.returncode != 0:
        say(made.stdout.strip() + made.stderr.strip())
        fail(
            f"{sys.executable} can't make an environment. On Debian and Ubuntu: apt-get install python3-venv\n"
            "or use another Python: make setup PYTHON=/path/to/python3"
        )
    (ENVIRONMENT / "made-in").write_text(str(ROOT))


def install_packages() -> None:
    locked = sum(
        1 for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line and line[0] not in " #"
    )
    say(f"Installing {locked} packages, each checked against its hash (the first time takes a minute or so) …")
    pip("install", "--require-hashes", "-r", "requirements.lock", expected=locked)


def install_junzi() -> None:
    # The web app is built afterwards, where its progress can be seen.
    pip("install", "--no-deps", "--no-build-isolation", "-e", ".", environment={"JUNZI_WEB": "skip"})


def once(name: str, sources: list[Path], work: object) -> None:
    """Does the work unless it was done for exactly these sources."""
    stamp = ENVIRONMENT / f"{name}.stamp"
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    work()  # type: ignore[operator]
    stamp.write_text(digest)


def pip(*arguments: str, expected: int = 0, environment: dict[str, str] | None = None) -> None:
    """Runs pip with its output in a log, shows how far it is, and the end of the log if it fails."""
    command = [PYTHON, "-m", "pip", "--no-input", "--disable-pip-version-check", "--no-color", *arguments]
    shown = sys.stderr.isatty()
    with LOG.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        began = told = time.monotonic()
        try:
            while process.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - told > (TELL_EVERY_S if shown else 10 * TELL_EVERY_S):
                    told = time.monotonic()
                    tell(began, expected, shown)
        except KeyboardInterrupt:
            process.wait()
            fail("\nStopped. The next `make` goes on from here.")
    if shown and expected:
        sys.stderr.write("\r\033[K")
    if process.returncode != 0:
        say("\n".join(LOG.read_text(errors="replace").splitlines()[-15:]))
        fail(f"pip failed; all of its output is in {LOG.relative_to(ROOT)}")


def tell(began: float, expected: int, in_place: bool) -> None:
    if not expected:
        return
    lines = LOG.read_text(errors="replace").splitlines()
    fetched = sum(1 for line in lines if line.startswith("Collecting "))
    installing = any(line.startswith("Installing collected") for line in lines)
    state = "unpacking" if installing else f"{fetched} of {expected} fetched"
    text = f"  {state}, {time.monotonic() - began:.0f} s"
    sys.stderr.write(f"\r\033[K{text}" if in_place else f"{text}\n")
    sys.stderr.flush()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> None:
    say(text)
    raise SystemExit(1)


main()
