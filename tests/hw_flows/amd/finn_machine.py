# SPDX-License-Identifier: BSD-3-Clause
"""A machine on which FINN's Zynq build finds everything it needs, all of it stand-ins."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).parent / "mock_finn_tools.py"
#: finn.builder imports this solver of 600 MB for its constants only.
SOLVER = """\
import enum
CBC = GUROBI = HIGHS = "none"
SearchEmphasis = enum.Enum("SearchEmphasis", "DEFAULT FEASIBILITY OPTIMALITY")
"""


@dataclass(frozen=True)
class Machine:
    folder: Path
    vivado: Path
    hls: Path
    deps: Path
    calls: Path

    def called(self) -> list[str]:
        """Tools and scripts in the order they were called."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


def make_machine(folder: Path, version: str = "2022.2") -> Machine:
    vivado = mock_tool(folder / "Xilinx" / "Vivado" / version / "bin", "vivado")
    hls = mock_tool(folder / "Xilinx" / "Vitis_HLS" / version / "bin", "vitis_hls")
    deps = folder / "deps"
    for file in ("finn-hlslib/bnn-library.h", "board_files/pynq-z2/A.0/board.xml"):
        (deps / file).parent.mkdir(parents=True)
        (deps / file).write_text("\n")
    (folder / "python").mkdir()
    (folder / "python" / "mip.py").write_text(SOLVER)
    return Machine(folder, vivado, hls, deps, folder / "calls")


def environment(machine: Machine) -> dict[str, str]:
    """What a user's shell has after settings64.sh, and the way to the stand-in of the solver."""
    root = Path(__file__).parents[3]
    path = [str(machine.folder / "python"), str(root), os.environ.get("PYTHONPATH", "")]
    return {
        "PATH": os.pathsep.join([str(machine.vivado.parent), "/usr/bin", "/bin"]),
        "PYTHONPATH": os.pathsep.join(path),
        "FINN_DEPS": str(machine.deps),
        "MOCK_CALLS": str(machine.calls),
    }


def mock_tool(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    program = folder / name
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(TOOLS))} {name} "$@"\n')
    program.chmod(0o755)
    return program
