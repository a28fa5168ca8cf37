"""`--flow vivado`: where AMD Vivado is."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from hw_flows.findings import Finding


def needs() -> list[Finding]:
    return [vivado_finding()]


def vivado_finding() -> Finding:
    found = find_vivado()
    if found is None:
        fix = "install AMD Vivado (the free Standard edition knows the XC7Z020) and source its settings64.sh"
        return Finding("Vivado", False, "not on PATH, in XILINX_VIVADO, /opt/Xilinx or /tools/Xilinx", fix)
    version = re.search(r"20\d\d\.\d", str(found))
    return Finding("Vivado", True, f"{version[0]}, {found}" if version else str(found))


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
