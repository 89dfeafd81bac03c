"""The log of an installation: one file that begins anew when it has grown large, and the one before it."""

import io
from pathlib import Path

LONGEST_BYTES = 16 << 20


class LogFile(io.TextIOBase):
    """Lines are appended to `path`; the full one becomes `<path>.old`, in place of the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, text: str) -> int:
        if self._file.tell() > LONGEST_BYTES:
            self._file.close()
            self._path.replace(self._path.with_suffix(".log.old"))
            self._file = self._path.open("a", encoding="utf-8", buffering=1)
        return self._file.write(text)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        super().close()
        self._file.close()
