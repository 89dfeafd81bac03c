"""The demo people's passwords: random per installation, printed once, kept where only the installation's owner reads them."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from junzi.people.model import WeakPin
from junzi.people.rules import check_pin_strength

FILE_NAME = "demo-people.txt"
# Without letters and digits that look alike on a phone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PIN_LINE = "(PIN)"


class DemoPerson(msgspec.Struct, frozen=True):
    """Somebody of the demo town whom a visitor can sign in as; `role` says in a few words what for."""

    handle: str
    password: str
    role: str


class PeopleFile:
    """One line a person. A password is written down before it is used, so that none is lost in a crash."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE_NAME

    def people(self) -> list[DemoPerson]:
        return [line for line in self._lines() if line.handle != PIN_LINE]

    def _lines(self) -> list[DemoPerson]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [DemoPerson(*line.split(maxsplit=2)) for line in lines if line and not line.startswith("#")]

    def password_of(self, handle: str, role: str) -> str:
        """This person's password, drawn at the first time of asking."""
        return self._secret_of(handle, role, _password)

    def pin(self) -> str:
        """The payment PIN of the demo people who have one, drawn at the first time of asking."""
        return self._secret_of(PIN_LINE, "payment PIN of everybody with a card", _pin)

    def _secret_of(self, handle: str, role: str, draw: Callable[[], str]) -> str:
        lines = self._lines()
        for line in lines:
            if line.handle == handle:
                return line.password
        drawn = draw()
        self._write([*lines, DemoPerson(handle, drawn, role)])
        return drawn

    def _write(self, people: list[DemoPerson]) -> None:
        draft = self.path.with_suffix(".part")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("# The people of the demo town: handle, password, who it is.\n")
            file.writelines(f"{person.handle}  {person.password}  {person.role}\n" for person in people)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def _pin() -> str:
    while True:
        drawn = f"{secrets.randbelow(10**6):06d}"
        with suppress(WeakPin):
            check_pin_strength(drawn)
            return drawn
