# SPDX-License-Identifier: BSD-3-Clause
"""The user's Xilinx installation, named as FINN names it: FINN_XILINX_PATH and FINN_XILINX_VERSION."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError

EXAMPLE = "export FINN_XILINX_PATH=/opt/Xilinx FINN_XILINX_VERSION=2022.2"
VERSION = re.compile(r"20\d\d\.\d")


@dataclass(frozen=True)
class XilinxInstallation:
    """Folder that holds the tools (for example /opt/Xilinx), and the version to use."""

    path: Path
    version: str

    @property
    def vivado(self) -> Path:
        return tool_folder(self.path, "Vivado", self.version)


def tool_folder(path: Path, tool: str, version: str) -> Path:
    """Where a tool lies: <path>/<tool>/<version> up to 2024.x, <path>/<version>/<tool> from 2025.1 on."""
    newer = path / version / tool
    return newer if newer.is_dir() else path / tool / version


def find_installation(environment: Mapping[str, str]) -> XilinxInstallation:
    """The installation that FINN's variables name, else the one whose settings64.sh was sourced.

    Raises UserError where there is none, the version is missing or ambiguous, or Vivado is not in it.
    """
    named = environment.get("FINN_XILINX_PATH")
    if not named:
        return _from_settings(environment)
    path = Path(named).absolute()
    if not path.is_dir():
        raise UserError("the folder of the Xilinx tools does not exist", f"FINN_XILINX_PATH={named}", EXAMPLE)
    present = versions(path)
    version = environment.get("FINN_XILINX_VERSION") or (present[0] if len(present) == 1 else None)
    if version is None:
        found = f"it has Vivado {', '.join(present)}" if present else "it has no Vivado"
        raise UserError(f"FINN_XILINX_VERSION is not set; {found}", f"FINN_XILINX_PATH={named}", EXAMPLE)
    installation = XilinxInstallation(path, version)
    if not (installation.vivado / "settings64.sh").is_file():
        raise UserError(
            f"there is no Vivado {version}: {installation.vivado}/settings64.sh does not exist",
            f"FINN_XILINX_PATH={named} FINN_XILINX_VERSION={version}",
            f"set FINN_XILINX_VERSION to one of: {', '.join(present)}" if present else EXAMPLE,
        )
    return installation


def versions(path: Path) -> list[str]:
    """Versions of Vivado under a folder, oldest first."""
    places = [*path.glob("Vivado/20*/settings64.sh"), *path.glob("20*/Vivado/settings64.sh")]
    return sorted({part for place in places for part in place.relative_to(path).parts if VERSION.fullmatch(part)})


def _from_settings(environment: Mapping[str, str]) -> XilinxInstallation:
    sourced = environment.get("XILINX_VIVADO")
    if not sourced:
        raise UserError(
            "the container needs your Xilinx tools, and nothing says where they are",
            "FINN_XILINX_PATH and XILINX_VIVADO are not set",
            EXAMPLE,
        )
    vivado = Path(sourced).absolute()
    for version, path in ((vivado.name, vivado.parent.parent), (vivado.parent.name, vivado.parent.parent)):
        if VERSION.fullmatch(version) and tool_folder(path, "Vivado", version) == vivado and vivado.is_dir():
            return XilinxInstallation(path, version)
    raise UserError("XILINX_VIVADO does not name an installed Vivado", sourced, EXAMPLE)
