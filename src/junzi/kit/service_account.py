"""The account that PostgreSQL runs as when Junzi itself is started by root, because PostgreSQL refuses root.

Junzi makes an account of its own with `useradd`; where that is impossible (a read-only system, no `useradd`) it uses
`nobody`. Started by anybody else, PostgreSQL simply runs as that person, and there is no account to speak of.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_NAME = "junzi"


@dataclass(frozen=True)
class ServiceAccount:
    """Who PostgreSQL runs as; `switch` tells whether that is somebody other than ourselves."""

    name: str
    user_id: int
    group_id: int
    switch: bool

    def run(
        self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end as this account; output and errors are in `stdout`. Raises OSError if it can't start."""
        return subprocess.run(
            [str(part) for part in command],
            user=self.user_id if self.switch else None,
            group=self.group_id if self.switch else None,
            extra_groups=[] if self.switch else None,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def spawn(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a command as this account in a session of its own, so that Ctrl-C in a terminal doesn't reach it."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(part) for part in command],
                user=self.user_id if self.switch else None,
                group=self.group_id if self.switch else None,
                extra_groups=[] if self.switch else None,
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account gets through every parent of `folder` and into it."""
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0

    def make_own_folder(self, folder: Path) -> None:
        """Makes `folder` if it is missing, readable by this account alone; an existing one is left as it is."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            return
        folder.chmod(0o700)
        if self.switch:
            os.chown(folder, self.user_id, self.group_id)


def service_account(cluster: Path) -> ServiceAccount:
    """The account for a data folder: its owner if it exists already (PostgreSQL insists on that), else our own."""
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()), switch=False)
    if cluster.exists() and cluster.stat().st_uid != 0:
        return _account(pwd.getpwuid(cluster.stat().st_uid), switch=True)
    return _account(_own_entry(), switch=True)


def _account(entry: pwd.struct_passwd, *, switch: bool) -> ServiceAccount:
    return ServiceAccount(name=entry.pw_name, user_id=entry.pw_uid, group_id=entry.pw_gid, switch=switch)


def _own_entry() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/sbin")
    if useradd:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        made = subprocess.run(
            [useradd, *options, "--shell", "/usr/sbin/nologin", ACCOUNT_NAME], capture_output=True, check=False
        )
        # Somebody else may have made it in the meantime, which is just as good.
        if made.returncode == 0 or _exists(ACCOUNT_NAME):
            return pwd.getpwnam(ACCOUNT_NAME)
    return pwd.getpwnam("nobody")


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
