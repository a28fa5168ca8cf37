# SPDX-License-Identifier: BSD-3-Clause
"""Where Vivado is and which version it is.

Looked for on PATH, in $XILINX_VIVADO (settings64.sh sets both) and in the folders of the installer: up to 2024.x
`<root>/Vivado/<version>`, from 2025.1 on `<root>/<version>/Vivado`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding

OLDEST = (2022, 2)
ROOTS = (Path("/opt/Xilinx"), Path("/tools/Xilinx"))
PLACES = "not on PATH, in XILINX_VIVADO, /opt/Xilinx or /tools/Xilinx"
INSTALL = (
    f"install AMD Vivado {OLDEST[0]}.{OLDEST[1]} or newer with the Zynq devices of the board (the free Standard edition "
    "knows those here; https://www.xilinx.com/support/download.html), then: source <its folder>/settings64.sh"
)
#: `vivado -version` loads most of the tool before it answers, from network drives slowly.
VERSION_LIMIT_SECONDS = 180.0


@dataclass(frozen=True)
class InstalledVivado:
    """An installed Vivado that answered when it was asked for its version."""

    program: Path
    version: tuple[int, int]
    """Year and release of the year: (2022, 2)."""

    @property
    def version_text(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


def find_program(roots: Sequence[Path] | None = None) -> Path | None:
    """The program, whether it runs or not; among several in the installer's folders the newest."""
    if on_path := shutil.which("vivado"):
        return Path(on_path)
    if named := os.environ.get("XILINX_VIVADO"):
        program = Path(named) / "bin" / "vivado"
        if os.access(program, os.X_OK):
            return program
    patterns = ("Vivado/20*/bin/vivado", "20*/Vivado/bin/vivado")
    found = [
        p
        for root in (ROOTS if roots is None else roots)
        for pattern in patterns
        for p in root.glob(pattern)
        if os.access(p, os.X_OK)
    ]
    return max(found, key=lambda path: re.findall(r"20\d\d\.\d", str(path)), default=None)


def find_vivado(roots: Sequence[Path] | None = None) -> InstalledVivado:
    """Raises UserError where there is none, where it does not run, and where it is older than OLDEST."""
    program = find_program(roots)
    if program is None:
        raise UserError("Vivado is not installed", PLACES, INSTALL)
    words = _ask_version(program)
    # "Vivado v2022.2 (64-bit)", from 2023.2 on "vivado v2024.2 (64-bit)"
    match = re.search(r"^\s*vivado v(20\d\d)\.(\d)", words, re.IGNORECASE | re.MULTILINE)
    if match is None:
        last = words.strip().splitlines()[-1:] or ["(nothing)"]
        fix = "run it by hand; on newer systems it lacks a library of its own age (Debian: apt install libtinfo5)"
        raise UserError(f"Vivado does not tell its version, but: {last[0]}", str(program), fix)
    vivado = InstalledVivado(program, (int(match[1]), int(match[2])))
    if vivado.version < OLDEST:
        raise UserError(
            f"Vivado {vivado.version_text} is too old: our SystemVerilog needs {OLDEST[0]}.{OLDEST[1]} or newer",
            str(program),
            INSTALL,
        )
    return vivado


def vivado_finding(roots: Sequence[Path] | None = None) -> Finding:
    """For `qu-doctor`."""
    if find_program(roots) is None:
        return Finding("Vivado", False, PLACES, INSTALL)
    try:
        vivado = find_vivado(roots)
    except UserError as error:
        return Finding("Vivado", False, f"{error.what} ({error.where})", error.fix)
    return Finding("Vivado", True, f"{vivado.version_text}, {vivado.program}")


def _ask_version(program: Path) -> str:
    command = [str(program), "-version"]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=VERSION_LIMIT_SECONDS, check=False
        )
    except OSError as error:
        raise UserError(f"Vivado cannot be started: {error.strerror}", str(program), INSTALL) from error
    except subprocess.TimeoutExpired as error:
        what = f"Vivado did not tell its version within {VERSION_LIMIT_SECONDS:.0f} s"
        raise UserError(what, str(program), "run `vivado -version` by hand") from error
    return run.stdout + run.stderr
