# SPDX-License-Identifier: BSD-3-Clause
"""Place and route for 7-series from Debian's packages, unpacked into the cache folder; the system is not changed.

    python -m hw_flows.place_route.debian_tools

nextpnr-himbaechel-xilinx, its chip databases, and Project X-Ray's tools and database are in Debian sid only. apt itself
fetches them, with a state folder of its own and one source, suite sid at the mirror of this system's own configuration (so
proxies and credentials are the system's); apt verifies the archive's signature, this file the packages' check sums. They
run through their own loader and C library, so any Linux on x86-64 with apt will do.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.cache import cache_folder
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import require_program, run_tool
from quantunet_common.files import write_text_atomically
from quantunet_common.locks import scratch_folder

COMMAND = "python -m hw_flows.place_route.debian_tools"
PINS = Path(__file__).with_name("debian_packages.json")
WANTED = ("nextpnr-himbaechel-xilinx", "prjxray", "prjxray-database")
OTHER_SYSTEMS = "on a system without apt use the Docker image (docker/), which has these tools"
FETCH_LIMIT_SECONDS = 900
#: What is kept: programs, libraries, and the data of the Zynq-7000, a fifth of the whole.
KEPT = (
    "usr/bin",
    "usr/lib",
    "usr/lib64",
    "usr/share/nextpnr/himbaechel/xilinx/chipdb-xc7z010.bin",
    "usr/share/nextpnr/himbaechel/xilinx/chipdb-xc7z020.bin",
    "usr/share/prjxray/database/zynq7",
)
#: Dependencies of the packages' other programs and of Python modules that nothing here imports.
NOT_NEEDED = frozenset(
    {
        "debconf",
        "gcc-16-base",
        "libc-gconv-modules-extra",
        "libdb5.3t64",
        "libffi8",
        "libncursesw6",
        "libreadline8t64",
        "libsqlite3-0",
        "libssl3t64",
        "libtinfo6",
        "libuuid1",
        "media-types",
        "netbase",
        "openssl-provider-legacy",
        "readline-common",
        "tzdata",
    }
)
MARK = "installed.json"
#: Check sum of every unpacked file.
CONTENTS = "contents.json"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class UnpackedTools:
    """Tools unpacked into `root`, a file system of its own."""

    root: Path

    def xray_database(self, family: str) -> Path:
        return self.root / "usr" / "share" / "prjxray" / "database" / family

    def chip_database(self, device: str) -> Path:
        """nextpnr's database of a device, for example xc7z020."""
        return self.root / "usr" / "share" / "nextpnr" / "himbaechel" / "xilinx" / f"chipdb-{device}.bin"

    def command(self, program: str) -> list[str]:
        """How to start a program: through the loader it was built for."""
        loader = self.root / "usr" / "lib64" / "ld-linux-x86-64.so.2"
        libraries = self.root / "usr" / "lib" / "x86_64-linux-gnu"
        return [str(loader), "--library-path", str(libraries), str(self.root / "usr" / "bin" / program)]

    def run(self, program: str, arguments: Sequence[str], *, cwd: Path, log: Path, limit_seconds: float) -> str:
        """Run a program as `hw_flows.machine.tools.run_tool` does."""
        # nextpnr's own Python is the unpacked one, with its library beside it.
        environment = {"PYTHONHOME": str(self.root / "usr")} if program.startswith("nextpnr") else None
        return run_tool(
            program,
            [*self.command(program), *arguments],
            cwd=cwd,
            log=log,
            limit_seconds=limit_seconds,
            environment=environment,
        )

    def versions(self) -> dict[str, str]:
        """Package -> version of the three packages that were asked for."""
        packages = json.loads((self.root / MARK).read_text(encoding="utf-8"))
        return {name: packages[name]["version"] for name in WANTED}


def find_tools() -> UnpackedTools | None:
    """The unpacked tools, or None where they have not been installed (or only in part)."""
    root = tools_folder()
    return UnpackedTools(root) if (root / MARK).is_file() else None


def require_tools() -> UnpackedTools:
    """Raises UserError with the command that installs them."""
    tools = find_tools()
    if tools is None:
        raise UserError("place and route for 7-series is not installed", str(tools_folder()), f"run: {COMMAND}")
    if (name := first_damaged(tools)) is not None:
        raise UserError("the tools for place and route are damaged", str(tools.root / name), f"run again: {COMMAND}")
    return tools


def first_damaged(tools: UnpackedTools) -> str | None:
    """The first unpacked file that is not as it was unpacked; None where all are, or where no check sums were kept."""
    try:
        sums = json.loads((tools.root / CONTENTS).read_text(encoding="utf-8"))
        return next((name for name, digest in sums.items() if _digest(tools.root / name) != digest), None)
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError):
        return CONTENTS


def _digest(path: Path) -> str:
    """Hexadecimal SHA-256; empty where there is no such file."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""


def tools_folder() -> Path:
    """Where these versions are unpacked; other versions get another folder."""
    return cache_folder("tools") / f"debian-{hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]}"


def pinned_packages() -> dict[str, dict[str, str]]:
    """Package -> {version, sha256} of everything that is unpacked."""
    return dict(json.loads(PINS.read_text(encoding="utf-8")))


def install(*, newest: bool = False) -> UnpackedTools:
    """Fetch and unpack the tools if they are not there yet, or not whole.

    `newest`: take what the archive has today instead of the versions this project was tried with. Raises UserError where
    apt is missing, the mirror has no such suite, or the archive no longer has the versions.
    """
    if (found := find_tools()) is not None and not newest and first_damaged(found) is None:
        return found
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        system = f"{platform.system()} {platform.machine()}"
        raise UserError("these packages are for Linux on x86-64", system, OTHER_SYSTEMS)
    for program in ("apt-get", "dpkg-deb"):
        require_program(program, "it fetches Debian's packages", OTHER_SYSTEMS)
    root = tools_folder()
    root.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(root.parent) as work:
        apt = PrivateApt(work, system_mirror())
        apt.update()
        pins = None if newest else pinned_packages()
        packages = apt.fetch(pins)
        _unpack(packages, work / "root", work)
        files = sorted(path for path in (work / "root").rglob("*") if path.is_file() and not path.is_symlink())
        sums = {path.relative_to(work / "root").as_posix(): _digest(path) for path in files}
        write_text_atomically(work / "root" / CONTENTS, json.dumps(sums, indent=1))
        write_text_atomically(
            work / "root" / MARK,
            json.dumps({name: {"version": p.version, "sha256": p.sha256} for name, p in packages.items()}, indent=1),
        )
        if root.exists():
            shutil.rmtree(root)
        (work / "root").replace(root)
    return UnpackedTools(root)


@dataclass(frozen=True)
class Package:
    """A package file that was fetched."""

    version: str
    sha256: str
    path: Path


def system_mirror() -> str:
    """URL of the Debian archive that this system's apt uses, or $QU_DEBIAN_MIRROR.

    Raises UserError where none is configured.
    """
    if named := os.environ.get("QU_DEBIAN_MIRROR"):
        return named
    command = ["apt-get", "indextargets", "--format", "$(SITE)|$(RELEASE)|$(COMPONENT)"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    candidates = [line.split("|") for line in answer.splitlines() if line.count("|") == 2]
    for site, release, component in candidates:
        # Not the archive of security or other updates, nor somebody else's.
        if "debian" in site.lower() and component == "main" and "-" not in release:
            return site.rstrip("/")
    sites = ", ".join(sorted({site for site, *_ in candidates})) or "none"
    raise UserError(
        "apt on this system has no mirror of the Debian archive",
        f"its sources: {sites}",
        "set QU_DEBIAN_MIRROR to one, for example http://deb.debian.org/debian; " + OTHER_SYSTEMS,
    )


class PrivateApt:
    """apt with its lists, state and downloads in one folder, and Debian sid as its only source."""

    def __init__(self, folder: Path, mirror: str) -> None:
        self.folder = folder
        self.mirror = mirror
        for name in ("lists/partial", "archives/partial"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        signed = [f"Signed-By: {KEYS}"] if KEYS.is_file() else []  # else the keys that apt trusts
        source = ["Types: deb", f"URIs: {self.mirror}", "Suites: sid", "Components: main", *signed, ""]
        (folder / "sid.sources").write_text("\n".join(source), encoding="utf-8")
        settings = {
            "Dir::Etc::SourceList": folder / "sid.sources",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State": folder,
            "Dir::State::Lists": folder / "lists",
            "Dir::State::Status": folder / "status",
            "Dir::Cache": folder,
            "Dir::Cache::Archives": folder / "archives",
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            # Translations, app icons and hooks of the system are of no use here.
            "Acquire::Languages": "none",
            "APT::Update::Post-Invoke-Success": "",
        }
        if "snapshot.debian.org" in self.mirror:  # old on purpose; the check sums are pinned
            settings["Acquire::Check-Valid-Until"] = "false"
        self.options = [f"-o{key}={value}" for key, value in settings.items()]

    def update(self) -> None:
        """Fetch the list of packages."""
        self._run(["update"], "fetch the list of packages")
        if not any((self.folder / "lists").glob("*_Packages*")):
            raise UserError(
                "the Debian mirror has no suite sid, or cannot be reached",
                self.mirror,
                "check the network; QU_DEBIAN_MIRROR names another mirror",
            )

    def fetch(self, pins: dict[str, dict[str, str]] | None) -> dict[str, Package]:
        """Download the pinned packages, or without pins the wanted ones with all they depend on. Raises UserError where the
        archive has no such version or a check sum differs."""
        if pins is None:
            self._run(["install", "--yes", "--no-install-recommends", "--download-only", *WANTED], "fetch the packages")
            paths = sorted((self.folder / "archives").glob("*.deb"))
        else:
            for name, pin in pins.items():
                if not self._offers(name, pin["version"]):
                    raise UserError(
                        f"the Debian archive no longer has {name} {pin['version']}",
                        self.mirror,
                        f"sid moves on. Take today's versions: {COMMAND} --newest; or set QU_DEBIAN_MIRROR to "
                        "https://snapshot.debian.org/archive/debian/20261120T000000Z",
                    )
            # Into the working directory, as the user that asks: apt would leave the download to its own user.
            wanted = [f"{name}={pin['version']}" for name, pin in pins.items()]
            self._run(["download", *wanted], "fetch the packages")
            paths = sorted(self.folder.glob("*.deb"))
        packages: dict[str, Package] = {}
        for path in paths:
            name, version = self._fields(path)
            packages[name] = Package(version, hashlib.sha256(path.read_bytes()).hexdigest(), path)
        for name, pin in (pins or {}).items():
            if name not in packages or packages[name].sha256 != pin["sha256"]:
                raise UserError(
                    f"the package {name} {pin['version']} is not the one this project was tried with",
                    self.mirror,
                    "its check sum differs: try another mirror with QU_DEBIAN_MIRROR",
                )
        return packages

    def _offers(self, name: str, version: str) -> bool:
        command = ["apt-cache", *self.options, "show", f"{name}={version}"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0

    def _fields(self, path: Path) -> tuple[str, str]:
        command = ["dpkg-deb", "--show", "--showformat", "${Package} ${Version}", str(path)]
        name, version = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
        return name, version

    def _run(self, arguments: list[str], purpose: str) -> None:
        log = self.folder / f"apt-{arguments[0]}.log"
        # The folder belongs to the caller; apt's own user could not write to it.
        command = ["apt-get", *self.options, "-oAPT::Sandbox::User=", "-oDebug::NoLocking=1", *arguments]
        run_tool(f"apt-get ({purpose})", command, cwd=self.folder, log=log, limit_seconds=FETCH_LIMIT_SECONDS)


def _unpack(packages: dict[str, Package], root: Path, work: Path) -> None:
    """Unpack the packages and keep what is needed; no package script runs."""
    whole = work / "whole"
    for package in packages.values():
        run_tool(
            "dpkg-deb",
            ["dpkg-deb", "--extract", str(package.path), str(whole)],
            cwd=work,
            log=work / "dpkg-deb.log",
            limit_seconds=120,
        )
    for name in KEPT:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).replace(root / name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install the tools; `--newest` takes today's versions, `--pin` writes them into the list of this project."""
    import argparse

    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--newest", action="store_true", help="today's versions of Debian sid, not the tested ones")
    parser.add_argument(
        "--pin", action="store_true", help="(for developers) make the installed versions the tested ones"
    )
    options = parser.parse_args(arguments)
    try:
        tools = install(newest=options.newest)
        for name, version in tools.versions().items():
            print(f"{name} {version}")
        print(tools.root)
        if options.pin:
            installed = json.loads((tools.root / MARK).read_text(encoding="utf-8"))
            kept = {name: package for name, package in installed.items() if name not in NOT_NEEDED}
            write_text_atomically(PINS, json.dumps(kept, indent=1) + "\n")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
