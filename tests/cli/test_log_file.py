"""The log of an installation is bounded however long it runs."""

from pathlib import Path

from junzi.cli import log_file
from junzi.cli.log_file import LogFile


def test_a_full_log_begins_anew_and_keeps_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "junzi.log"
    with LogFile(path) as log:
        line = "x" * 1023 + "\n"
        lines = log_file.LONGEST_BYTES // len(line) + 1
        for _ in range(lines):
            log.write(line)
        log.write("the newest\n")
    assert path.read_text() == "the newest\n"
    assert path.with_suffix(".log.old").stat().st_size == lines * len(line)
