# SPDX-License-Identifier: BSD-3-Clause
"""Compile a design for a few short runs: least time until the result, not the fastest simulation.

One translation unit for what Verilator writes, no optimization by the C++ compiler, the runtime and the harness compiled once.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.machine.tools import ToolError, package_folder, require_program, run_tool
from hw_flows.simulate.compile import DESIGN, HARNESS, HEADERS
from hw_flows.simulate.sim_top import TOP, design_source, sim_top

LIMIT_SECONDS = 600.0
#: As the product's simulator is compiled: registers start with random values, `unique case` is checked.
VERILATE = (
    "--cc",
    "--top-module",
    TOP,
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
    "0",
    "-Wno-fatal",
    "-Wno-lint",
    "-Wno-style",
    "-Wno-MULTITOP",
)
COMPILE = (
    "-std=c++17",
    "-fno-strict-aliasing",
    "-w",
    "-DVERILATOR=1",
    "-DVM_COVERAGE=0",
    "-DVM_SC=0",
    "-DVM_TIMING=0",
    "-DVM_TRACE=0",
    "-DVM_TRACE_FST=0",
    "-DVM_TRACE_VCD=0",
    "-DVM_TRACE_SAIF=0",
)
#: What generated code and the harness include; compiled beforehand.
COMMON = "#include <chrono>\n#include <map>\n#include <memory>\n#include <string>\n#include <vector>\n#include <verilated.h>\n"


class Refused(Exception):
    """Verilator, or the C++ compiler after it, refuses a design; the text says why."""


@dataclass(frozen=True)
class Generated:
    """C++ of a design, as Verilator wrote it to `<work>/obj`."""

    work: Path
    digest: str
    """Of all of it: designs that are the same after elaboration and constant folding have the same one."""


class QuickCompiler:
    """Compiles designs in `folder`, one after the other."""

    def __init__(self, folder: Path) -> None:
        """Raises UserError where Verilator or a C++ compiler is missing."""
        self._verilator = package_folder("verilator")
        self._cxx = str(require_program("g++", "mutants are compiled with it", "Debian: apt install g++"))
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        include = self._verilator / "include"
        folders = [folder, Path(), Path("obj"), include, include / "vltstd", *(header.parent for header in HEADERS)]
        self._options = [*COMPILE, *(f"-I{path}" for path in dict.fromkeys(folders))]
        (folder / "common.h").write_text(COMMON, encoding="utf-8")
        self._run_compiler(["-O0", "-x", "c++-header", "common.h", "-o", "common.h.gch"], folder)
        self._runtime = []
        for name in ("verilated", "verilated_threads"):
            self._run_compiler(["-O0", "-c", str(include / f"{name}.cpp"), "-o", f"{name}.o"], folder)
            self._runtime.append(str(folder / f"{name}.o"))
        self._run_compiler(["-O1", "-c", str(HARNESS), "-o", "harness.o"], folder)
        self._runtime.append(str(folder / "harness.o"))

    def generate(self, accelerator: Accelerator, sources: Mapping[str, Path], work: Path) -> Generated:
        """Verilate the accelerator of these sources (name -> file, in compile order) in the new folder `work`.

        Raises Refused with Verilator's words.
        """
        (work / "rtl").mkdir(parents=True)
        for name, file in sources.items():
            (work / "rtl" / name).symlink_to(file.resolve())  # the same path for every version of a source
        (work / f"{TOP}.sv").write_text(sim_top(accelerator), encoding="utf-8")
        (work / DESIGN).write_text(design_source(accelerator), encoding="utf-8")
        command = [str(self._verilator / "bin" / "verilator_bin"), *VERILATE]
        command += [*(f"rtl/{name}" for name in sources), f"{TOP}.sv"]
        log = work / "verilator.log"
        try:
            run_tool(
                "verilator",
                command,
                cwd=work,
                log=log,
                limit_seconds=LIMIT_SECONDS,
                environment={"VERILATOR_ROOT": str(self._verilator)},
            )
        except ToolError as error:
            raise Refused(log.read_text(encoding="utf-8", errors="replace")) from error
        digest = hashlib.sha256()
        for file in sorted((work / "obj").glob("V*.*")):
            if file.suffix in (".cpp", ".h"):
                digest.update(f"{file.name}\n".encode() + file.read_bytes())
        return Generated(work, digest.hexdigest())

    def executable(self, generated: Generated) -> Path:
        """The simulator of a generated design, as `hw_flows.simulate.run_words` takes it. Raises Refused."""
        work = generated.work
        units = [*sorted(file.name for file in (work / "obj").glob("V*.cpp")), DESIGN]
        (work / "all.cpp").write_text("".join(f'#include "{name}"\n' for name in units), encoding="utf-8")
        self._run_compiler(["-O0", "-include", "common.h", "-c", "all.cpp", "-o", "all.o"], work)
        binary = work / "simulator"
        self._run_compiler(["all.o", *self._runtime, "-pthread", "-latomic", "-o", binary.name], work)
        return binary

    def _run_compiler(self, arguments: list[str], cwd: Path) -> None:
        command = [self._cxx, *self._options, *arguments]
        try:
            result = subprocess.run(
                command,
                cwd=cwd,
                capture_output=True,
                text=True,
                timeout=LIMIT_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"the C++ compiler ran past {LIMIT_SECONDS:.0f} s") from error
        if result.returncode != 0:
            raise Refused(result.stderr[-3000:])
