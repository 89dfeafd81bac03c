"""NATS servers as processes of a test's own: one, or three that know each other."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port
from tests.support.until import until_blocking

PROGRAM = Path(sys.executable).parent / "nats-server"
LISTENS = "Listening for route connections"
"""The last thing it opens: clients are let in before that, by a server that may still end for want of the other port."""


class NatsNode:
    """One server, which may be killed and started again where it was."""

    def __init__(self, folder: Path, name: str, port: int, cluster_port: int, routes: list[int]) -> None:
        self.url = f"nats://127.0.0.1:{port}"
        self._log = folder / f"{name}.log"
        self._command = [
            *(str(PROGRAM), "-a", "127.0.0.1", "-p", str(port), "--name", name, "-l", str(self._log)),
            *("--cluster_name", "town", "--cluster", f"nats://127.0.0.1:{cluster_port}"),
            *("--routes", ",".join(f"nats://127.0.0.1:{route}" for route in routes)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        starts = self._said().count(LISTENS)
        process = self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until_blocking(lambda: self._said().count(LISTENS) > starts or process.poll() is not None)
        assert process.poll() is None, self._said()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""


@contextmanager
def nats_nodes(count: int) -> Iterator[list[NatsNode]]:
    """Servers that pass on to each other what they are told."""
    folder = Path(tempfile.mkdtemp(prefix="junzi-nats-"))
    ports, routes = [free_port() for _ in range(count)], [free_port() for _ in range(count)]
    nodes = [
        NatsNode(folder, f"node-{number}", port, route, [other for other in routes if other != route])
        for number, (port, route) in enumerate(zip(ports, routes, strict=True))
    ]
    try:
        for node in nodes:
            node.start()
        yield nodes
    finally:
        for node in nodes:
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)
