"""Compile an accelerator and the harness with Verilator, once per content.

The key holds every SystemVerilog source, the generated top and table, the harness, the tool versions and the options;
memory images are read when the simulation starts, so other weights of the same shape need no new compilation.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.cache import cache_folder
from hw_flows.errors import UserError
from hw_flows.files import copy_atomically
from hw_flows.simulate.sim_top import TOP, sim_top, stream_table
from hw_flows.tools import package_folder, package_version, require_program, run_tool

#: Stands in for LZ4's header, which Verilator's FST writer includes and few machines have.
WAVES = Path(__file__).with_name("waves")
HARNESS = Path(__file__).with_name("harness.cpp")
SET_UP = "run `make setup`"
COMPILE_LIMIT_SECONDS = 1800.0
#: Statements in a C++ function and in a file. Functions of a few hundred statements, which compile a little faster, load
#: and store signals that larger ones keep in registers; files are compiled side by side.
FUNCTION_STATEMENTS, FILE_STATEMENTS = 4000, 12000


@dataclass(frozen=True)
class Simulator:
    """A compiled simulator. `rtl` is the folder that its memory images are read from."""

    accelerator: Accelerator
    rtl: Path
    binary: Path
    compiled: bool
    """False where it came from the cache."""


def compile_simulator(
    accelerator: Accelerator,
    rtl: Path,
    *,
    jobs: int = 2,
    trace: bool = False,
    log: Path | None = None,
    extra_sources: tuple[Path, ...] = (),
) -> Simulator:
    """Compile (or take from the cache) the simulator of the design in `rtl`.

    Raises UserError where a compiler, make or perl is missing and ToolError where Verilator refuses the design.
    """
    top, table = sim_top(accelerator), stream_table(accelerator)
    sources = [rtl / name for name in accelerator.sources]
    key = _key([*sources, *extra_sources], top, table, trace)
    folder = cache_folder("simulators")
    binary = folder / f"{key}.exe"
    if binary.is_file() and os.access(binary, os.X_OK):
        binary.touch()
        return Simulator(accelerator, rtl, binary, compiled=False)

    verilator = package_folder("verilator", SET_UP)
    require_program("g++", "the simulator is compiled with it", "install a C++ compiler (Debian: apt install g++)")
    require_program("make", "the simulator is compiled with it", "install make (Debian: apt install make)")
    require_program("perl", "Verilator is started by it", "install perl (Debian: apt install perl)")
    if trace:
        _require_zlib()
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=folder))
    try:
        (work / f"{TOP}.sv").write_text(top, encoding="utf-8")
        (work / "streams.h").write_text(table, encoding="utf-8")
        shutil.copyfile(HARNESS, work / "harness.cpp")
        flags = "-std=c++17 -fno-strict-aliasing" + (f" -DTRACE_FST -I{WAVES}" if trace else "")
        command = [
            str(verilator / "bin" / "verilator_bin"),
            "--cc", "--exe", "--top-module", TOP, "--Mdir", "obj", "-O3",
            "--x-assign", "unique", "--x-initial", "unique", "--no-timing", "--assert",
            "--output-split", str(FILE_STATEMENTS), "--output-split-cfuncs", str(FUNCTION_STATEMENTS),
            "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTITOP",
            "-CFLAGS", flags, "-LDFLAGS", "-O1",
            *(["--trace-fst"] if trace else []),
            *(str(p.resolve()) for p in [*sources, *extra_sources]),
            f"{TOP}.sv", "harness.cpp",
        ]  # fmt: skip
        environment = {"VERILATOR_ROOT": str(verilator)}
        log = log or work / "compile.log"
        run_tool(
            "verilator", command, cwd=work, log=log.with_suffix(".verilator.log"),
            limit_seconds=COMPILE_LIMIT_SECONDS, environment=environment,
        )  # fmt: skip
        # The wheel was configured for clang: CFG_... make its makefile fit g++. -CFLAGS come after OPT_... and would
        # override them, so they name no level of optimization: what runs once (OPT_SLOW) is compiled the fastest way.
        make = [
            "make", "-C", "obj", "-f", f"V{TOP}.mk", f"-j{jobs}", f"V{TOP}", f"PYTHON3={sys.executable}",
            *(["LDLIBS=-lz"] if trace else []),
            "CFG_CXXFLAGS_PCH_I=-include", "CFG_GCH_IF_CLANG=", "OPT_FAST=-O2", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2",
        ]  # fmt: skip
        _lend_runtime(work / "obj", trace)
        run_tool(
            "make (simulator)", make, cwd=work, log=log.with_suffix(".make.log"),
            limit_seconds=COMPILE_LIMIT_SECONDS, environment=environment,
        )  # fmt: skip
        _keep_runtime(work / "obj", trace)
        (work / "obj" / f"V{TOP}").replace(binary)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Simulator(accelerator, rtl, binary, compiled=True)


def _require_zlib() -> None:
    """Raises UserError where zlib's header, which the FST writer includes, is missing."""
    command = ["g++", "-fsyntax-only", "-include", "zlib.h", "-x", "c++", os.devnull]
    if subprocess.run(command, capture_output=True, timeout=60, check=False).returncode != 0:
        raise UserError("zlib's header is missing: waves are packed with it", "g++", "Debian: apt install zlib1g-dev")


def _runtime_folder(trace: bool) -> Path:
    """Where the objects of Verilator's own runtime are kept: they are the same for every design."""
    flavour = f"{package_version('verilator')} {trace} {Path(__file__).read_text(encoding='utf-8')}"
    return cache_folder("simulators") / f"runtime-{hashlib.sha256(flavour.encode()).hexdigest()[:16]}"


def _lend_runtime(objects: Path, trace: bool) -> None:
    """Place kept runtime objects where make looks for them; their time is now, so make takes them as done."""
    for kept in _runtime_folder(trace).glob("verilated*.o"):
        shutil.copyfile(kept, objects / kept.name)


def _keep_runtime(objects: Path, trace: bool) -> None:
    folder = _runtime_folder(trace)
    folder.mkdir(parents=True, exist_ok=True)
    for built in objects.glob("verilated*.o"):
        if not (folder / built.name).exists():
            copy_atomically(built, folder / built.name)


def _key(sources: list[Path], top: str, table: str, trace: bool) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
        digest.update(b"\0")
    for text in (top, table, HARNESS.read_text(encoding="utf-8"), Path(__file__).read_text(encoding="utf-8")):
        digest.update(text.encode())
        digest.update(b"\0")
    digest.update(f"{package_version('verilator')} {trace}".encode())
    return digest.hexdigest()[:40]
