"""The sandbox card issuer of a demo town: a process of its own with a database of its own, as a bank would be."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from junzi.cli.refusal import CommandRefused
from junzi.kit.postmaster import ending_with_parent

PATIENCE_S = 60.0
# Its database makes it safe to end at any moment; what is still asked of it then is asked again.
STOP_PATIENCE_S = 1.0


class IssuerProcess:
    """Started with `start`, ended with `stop`; on Linux it also ends when we are killed."""

    def __init__(
        self, *, database_url: str, port: int, key_file: Path, public_url: str, notify_url: str, log: Path
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        # An address may hold a password, which the list of processes would show to everybody.
        self._environment = {**os.environ, "ISSUER_DATABASE_URL": database_url}
        self._command = [
            *(sys.executable, "-m", "junzi_issuer.cli", "serve"),
            *("--port", str(port)),
            *("--key-file", str(key_file)),
            *("--public-url", public_url),
            *("--notify-url", notify_url),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises CommandRefused with the end of its log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ending_with_parent(self._command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is ours to pass on, after the last request that needs the issuer.
                start_new_session=True,
            )
        give_up_at = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                last_lines = "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])
                self.stop()
                raise CommandRefused(f"The sandbox bank did not start ({self._log}):\n{last_lines}")
            time.sleep(0.02)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        try:
            # Nobody speaks TLS here, and reading every authority's certificate takes longer than all the rest.
            return httpx.get(f"{self.url}/healthz", timeout=1.0, trust_env=False, verify=False).is_success
        except httpx.HTTPError:
            return False
