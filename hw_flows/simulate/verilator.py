# SPDX-License-Identifier: BSD-3-Clause
"""Verilator, make and the C++ compiler: one executable of a design and the program that drives it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from hw_flows.machine.cache import cache_folder, find_entry, keep_entry
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import package_folder, package_version, require_program, run_tool
from quantunet_common.locks import scratch_folder

#: Stands in for LZ4's header, which Verilator's FST writer includes and few machines have.
WAVES = Path(__file__).with_name("waves")
COMPILE_LIMIT_SECONDS = 1800.0
#: What an executable can record: waves of all signals, or how often each of them changes.
Trace = Literal["fst", "saif"]
#: Bits of the widest signal that activity is recorded of; Verilator would leave out those above 256.
WIDEST_SIGNAL = 1 << 20
#: Statements in a C++ function and in a file. Functions of a few hundred statements, which compile a little faster, load
#: and store signals that larger ones keep in registers; files are compiled side by side.
FUNCTION_STATEMENTS, FILE_STATEMENTS = 4000, 12000
#: Of Verilator's C++, up to which everything is compiled in one go where it is optimized: headers are then read once, which takes
#: longer than a small design itself.
ONE_GO_BYTES = 400_000

_TRACE_FLAGS = {None: "", "fst": f" -DTRACE_FST -I{WAVES}", "saif": " -DTRACE_SAIF"}
_TRACE_OPTIONS: dict[Trace | None, tuple[str, ...]] = {
    None: (),
    "fst": ("--trace-fst",),
    # parameters are no nets
    "saif": ("--trace-saif", "--no-trace-params", "--trace-max-width", str(WIDEST_SIGNAL)),
}


def recipe() -> str:
    """What, besides the files, decides on the executable; part of the key of a cache."""
    return package_version("verilator") + "\n" + Path(__file__).read_text(encoding="utf-8")


def build_executable(
    top: str,
    sources: Sequence[str],
    files: Mapping[str, str],
    binary: Path,
    *,
    jobs: int,
    trace: Trace | None = None,
    optimization: str = "-O2",
    log: Path | None = None,
    options: Sequence[str] = (),
    compiler_flags: str = "",
    runtime_flags: str = "",
    linker_flags: str = "",
    translated: Callable[[Path], None] | None = None,
    kept: Sequence[str] = (),
) -> None:
    """Write `files` (name -> text) into a folder, compile `sources` there (those names, or absolute paths) to `binary`.

    `optimization`: the compiler's, for the design itself. `options` go to Verilator, the flags to the C++ compiler (also
    to be had for Verilator's own runtime alone) and to the linker; `translated` is called with the folder of Verilator's C++
    before that is compiled. `kept`: those of `files` that are compiled alike for every design, with all that they include among `files`;
    their objects are kept for the next one. Raises UserError where a compiler, make or perl is missing and ToolError where Verilator
    refuses the design.
    """
    verilator = package_folder("verilator")
    require_program("g++", "the simulator is compiled with it", "install a C++ compiler (Debian: apt install g++)")
    require_program("make", "the simulator is compiled with it", "install make (Debian: apt install make)")
    require_program("perl", "Verilator is started by it", "install perl (Debian: apt install perl)")
    if trace == "fst":
        _require_zlib()
    with scratch_folder(binary.parent) as work:
        for name, text in files.items():
            (work / name).write_text(text, encoding="utf-8")
        flags = f"-std=c++17 -fno-strict-aliasing{_TRACE_FLAGS[trace]}"
        flags = f"{flags} {compiler_flags}".rstrip()
        command = [
            str(verilator / "bin" / "verilator_bin"),
            "--cc",
            "--exe",
            "--top-module",
            top,
            "--Mdir",
            "obj",
            "-O3",
            "--x-assign",
            "unique",
            "--x-initial",
            "unique",
            "--no-timing",
            "--assert",
            "--output-split",
            str(FILE_STATEMENTS),
            "--output-split-cfuncs",
            str(FUNCTION_STATEMENTS),
            "-Wno-fatal",
            "-Wno-lint",
            "-Wno-style",
            "-Wno-MULTITOP",
            "-CFLAGS",
            flags,
            "-LDFLAGS",
            f"-O1 {linker_flags}".rstrip(),
            *_TRACE_OPTIONS[trace],
            *options,
            *sources,
        ]
        environment = {"VERILATOR_ROOT": str(verilator)}
        log = log or work / "compile.log"
        run_tool(
            "verilator",
            command,
            cwd=work,
            log=log.with_suffix(".verilator.log"),
            limit_seconds=COMPILE_LIMIT_SECONDS,
            environment=environment,
            produces=[work / "obj" / f"V{top}.mk"],
        )
        if translated is not None:
            translated(work / "obj")
        # The wheel was configured for clang: CFG_... make its makefile fit g++. -CFLAGS come after OPT_... and would
        # override them, so they name no level of optimization: what runs once (OPT_SLOW) is compiled the fastest way.
        make = [
            "make",
            "-C",
            "obj",
            "-f",
            f"V{top}.mk",
            f"-j{jobs}",
            f"V{top}",
            f"PYTHON3={sys.executable}",
            *(
                [f"LDLIBS={linker_flags} -lz".replace("= ", "=")] if trace == "fst" else []
            ),  # Verilator's own would ask for LZ4 too
            "CFG_CXXFLAGS_PCH_I=-include",
            "CFG_GCH_IF_CLANG=",
            f"OPT_FAST={optimization}",
            "OPT_SLOW=-O0",
            f"OPT_GLOBAL=-O2 {runtime_flags}".rstrip(),
        ]
        size = sum(file.stat().st_size for file in (work / "obj").glob("*.cpp"))
        if optimization == "-O0" or size <= ONE_GO_BYTES:
            make += _in_one_go(work / "obj", [name for name in sources if name.endswith(".cpp")], kept)
        runtime = _runtime_folder(trace, f"{compiler_flags} {runtime_flags}".strip())
        program = _program_folder(runtime, optimization, kept, files)
        for folder in (runtime, program):
            _lend_objects(work / "obj", folder)
        run_tool(
            "make (simulator)",
            make,
            cwd=work,
            log=log.with_suffix(".make.log"),
            limit_seconds=COMPILE_LIMIT_SECONDS,
            environment=environment,
            produces=[work / "obj" / f"V{top}"],
        )
        _keep_objects(work / "obj", "verilated*.o", runtime)
        for name in kept:
            _keep_objects(work / "obj", f"{Path(name).stem}.o", program)
        (work / "obj" / f"V{top}").replace(binary)


def _in_one_go(objects: Path, programs: Sequence[str], kept: Sequence[str]) -> list[str]:
    """Write a file that includes all others but those `kept`; what makes make compile it alone."""
    included = [file.name for file in sorted(objects.glob("*.cpp"))]
    included += [str(objects.parent / name) for name in programs if name not in kept]
    (objects / "everything.cpp").write_text("".join(f'#include "{name}"\n' for name in included), encoding="utf-8")
    apart = f"VM_USER_CLASSES={' '.join(Path(name).stem for name in kept)}"
    return [
        "VM_PARALLEL_BUILDS=0",
        "VM_CLASSES_FAST=everything",
        "VM_CLASSES_SLOW=",
        "VM_SUPPORT_FAST=",
        "VM_SUPPORT_SLOW=",
        apart,
    ]


def _require_zlib() -> None:
    """Raises UserError where zlib's header, which the FST writer includes, is missing."""
    command = ["g++", "-fsyntax-only", "-include", "zlib.h", "-x", "c++", os.devnull]
    try:
        found = subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        raise UserError("the C++ compiler does not answer", "g++", "see what it waits for") from None
    if not found:
        raise UserError("zlib's header is missing: waves are packed with it", "g++", "Debian: apt install zlib1g-dev")


def _runtime_folder(trace: Trace | None, flags: str) -> Path:
    """Where the objects of Verilator's own runtime are kept: they are the same for every design."""
    flavour = f"{package_version('verilator')} {trace} {flags} {Path(__file__).read_text(encoding='utf-8')}"
    return cache_folder("simulators") / f"runtime-{hashlib.sha256(flavour.encode()).hexdigest()[:16]}"


def _program_folder(runtime: Path, optimization: str, kept: Sequence[str], files: Mapping[str, str]) -> Path:
    """Where the objects of programs are kept that are the same for every design."""
    digest = hashlib.sha256(f"{runtime.name} {optimization}".encode())
    for name in sorted(files) if kept else ():
        if name in kept or name.endswith(".h"):
            digest.update(f"{name}\0{files[name]}\0".encode())
    return runtime.with_name(f"program-{digest.hexdigest()[:16]}")


def _lend_objects(objects: Path, kept: Path) -> None:
    """Place kept objects where make looks for them; their time is now, so make takes them as done."""
    for name in {path.name.partition("-")[0] for path in kept.glob("*-*.o")}:
        if (entry := find_entry(kept, name, ".o")) is not None:
            shutil.copyfile(entry, objects / f"{name}.o")


def _keep_objects(objects: Path, pattern: str, folder: Path) -> None:
    with scratch_folder(folder) as work:
        for built in objects.glob(pattern):
            if find_entry(folder, built.stem, ".o") is None:
                keep_entry(folder, built.stem, ".o", Path(shutil.copyfile(built, work / built.name)))
