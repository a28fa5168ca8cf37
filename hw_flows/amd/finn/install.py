# SPDX-License-Identifier: BSD-3-Clause
"""What FINN's Zynq build needs: Vivado, Vitis HLS of the same age, FINN's own dependencies, board files."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hw_flows.amd.vivado.install import InstalledVivado, find_vivado, vivado_finding
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding
from quantunet_common.installation import how_to_install

#: From this version of Vivado on, HLS runs by `vitis-run --mode hls` (finn.util.hls).
WITHOUT_VITIS_HLS = (2025, 1)
UPDATE = "finn deps update  (fetches from GitHub and board makers), or set FINN_DEPS to where you have them"


@dataclass(frozen=True)
class Tools:
    """Everything FINN's build calls or reads."""

    vivado: InstalledVivado
    hls: Path
    finn_deps: Path

    def environment(self) -> dict[str, str]:
        """Environment variables as FINN's command line sets them (finn.interface.run_finn)."""
        package = Path(next(iter(_spec("finn"))))
        path = [str(self.vivado.program.parent), str(self.hls.parent), os.environ.get("PATH", "")]
        return {
            "PATH": os.pathsep.join(path),
            "XILINX_VIVADO": str(xilinx_root(self.vivado)),
            "XILINX_LOCAL_USER_DATA": "no",
            "FINN_ROOT": str(package),
            "FINN_DEPS": str(self.finn_deps),
            "FINN_RTLLIB": str(package / "finn-rtllib"),
            "FINN_CUSTOM_HLS": str(package / "custom_hls"),
        }


def find_tools() -> Tools:
    """Raises UserError that names the first thing that is missing and what brings it."""
    vivado = find_vivado()
    xilinx_root(vivado)
    hls = find_hls(vivado)
    if hls is None:
        raise UserError(
            f"{hls_name(vivado)} is missing; FINN makes its DMA with it", "PATH, XILINX_HLS", _hls_fix(vivado)
        )
    for finding in _finn_findings(vivado):
        if not finding.ok:
            raise UserError(f"FINN lacks {finding.name}: {finding.detail}", "this machine", finding.fix)
    return Tools(vivado, hls, finn_deps())


def findings() -> list[Finding]:
    """For `qu-doctor`."""
    found = [vivado_finding()]
    vivado = None
    if found[0].ok:
        vivado = find_vivado()
        hls = find_hls(vivado)
        name = hls_name(vivado)
        found.append(
            Finding("Vitis HLS", hls is not None, str(hls) if hls else f"{name} is not on PATH", _hls_fix(vivado))
        )
    else:
        found.append(Finding("Vitis HLS", False, "of the same version as Vivado", "install it with AMD Vitis"))
    return [*found, *_finn_findings(vivado)]


def xilinx_root(vivado: InstalledVivado) -> Path:
    """The folder of Vivado that FINN reads the version from. Raises UserError where its name holds none."""
    named = os.environ.get("XILINX_VIVADO")
    root = Path(named) if named else vivado.program.resolve().parent.parent
    if not re.search(r"\b20\d{2}\.(1|2)\b", str(root)):
        raise UserError(
            "FINN reads Vivado's version from the path of its folder, which holds none",
            str(root),
            f"set XILINX_VIVADO to the folder of the installation, .../{vivado.version_text}",
        )
    return root


def hls_name(vivado: InstalledVivado) -> str:
    return "vitis-run" if vivado.version >= WITHOUT_VITIS_HLS else "vitis_hls"


def find_hls(vivado: InstalledVivado) -> Path | None:
    """The HLS compiler on PATH, in $XILINX_HLS or $XILINX_VITIS, or beside Vivado."""
    name = hls_name(vivado)
    if on_path := shutil.which(name):
        return Path(on_path)
    roots = [Path(os.environ[key]) for key in ("XILINX_HLS", "XILINX_VITIS") if os.environ.get(key)]
    root = vivado.program.resolve().parent.parent  # <Xilinx>/Vivado/2022.2 or <Xilinx>/2025.1/Vivado
    version = vivado.version_text
    xilinx = root.parent if root.name == "Vivado" else root.parent.parent
    roots += [xilinx / "Vitis_HLS" / version, xilinx / "Vitis" / version, xilinx / "Vitis"]
    programs = (root / "bin" / name for root in roots)
    return next((program for program in programs if os.access(program, os.X_OK)), None)


def finn_deps() -> Path:
    """Where FINN keeps what it fetched: $FINN_DEPS, else beside its package."""
    named = os.environ.get("FINN_DEPS")
    return Path(named).expanduser() if named else Path(next(iter(_spec("finn")), "finn")) / "finn_deps"


def _finn_findings(vivado: InstalledVivado | None) -> list[Finding]:
    deps = finn_deps()
    library = deps / "finn-hlslib"
    boards = deps / "board_files"
    places = [boards]
    if vivado is not None:
        places.append(vivado.program.resolve().parent.parent / "data" / "boards")
    board_file = _board_file(places)
    return [
        Finding(
            "finn-plus",
            bool(_spec("finn")),
            "its package" if _spec("finn") else "not installed",
            how_to_install("finn-plus"),
        ),
        Finding(
            "mip",
            find_spec("mip") is not None,
            "installed" if find_spec("mip") else "not installed",
            f"{how_to_install('mip')} (the solver that FINN's builder imports, 600 MB)",
        ),
        Finding(
            "finn-hlslib",
            (library / "bnn-library.h").is_file(),
            str(library) if library.is_dir() else f"not in {deps}",
            UPDATE,
        ),
        Finding(
            "PYNQ board files",
            board_file is not None,
            str(board_file or f"neither in {boards} nor in Vivado"),
            UPDATE,
        ),
    ]


def _board_file(places: list[Path]) -> Path | None:
    """A board.xml of a PYNQ board in one of the folders."""
    for place in places:
        for folder in sorted(place.glob("**/pynq-z[12]*")):
            if found := next(iter(sorted(folder.glob("**/board.xml"))), None):
                return found
    return None


def _hls_fix(vivado: InstalledVivado) -> str:
    return (
        f"install Vitis HLS {vivado.version_text} (part of AMD Vitis; the installer adds it under Add Design Tools), then "
        "source its settings64.sh"
    )


def _spec(package: str) -> list[str]:
    spec = find_spec(package)
    return list(spec.submodule_search_locations or []) if spec is not None else []
