# SPDX-License-Identifier: BSD-3-Clause
"""The ports of a module as Verilator elaborates it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.finn_verilator.adapt import adapt
from hw_flows.machine.tools import package_folder, run_tool

_PORT = re.compile(r"^\s*VL_(IN|OUT|INOUT)(?:8|16|64|W)?\(&(\w+),(\d+),(\d+)(?:,\d+)?\);", re.MULTILINE)
_LIMIT_SECONDS = 600.0


@dataclass(frozen=True)
class Port:
    """A port of a module."""

    name: str
    member: str
    """Its name in Verilator's C++."""
    direction: str
    """`IN`, `OUT` or `INOUT`."""
    width: int
    """In bits."""


def read_ports(translated: Path, module: str) -> list[Port]:
    """The ports of the top `module` that Verilator has translated to C++ in the folder `translated`."""
    ports = []
    for direction, member, high, low in _PORT.findall((translated / f"V{module}.h").read_text(encoding="utf-8")):
        name = re.sub(r"__0([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), member).removeprefix("__SYM__")
        ports.append(Port(name, member, direction, int(high) - int(low) + 1))
    return ports


def module_ports(module: str, parameters: Mapping[str, str], sources: Sequence[Path]) -> list[Port]:
    """The ports of `module` with `parameters`; `sources` hold it and all it needs.

    Raises ToolError where Verilator refuses them.
    """
    verilator = package_folder("verilator")
    work = Path(tempfile.mkdtemp(prefix="ports_"))
    try:
        files = []
        for index, source in enumerate(s for s in sources if s.suffix in (".v", ".sv")):
            files.append(work / f"{index:03d}_{source.name}")
            files[-1].write_text(adapt(source.read_text(encoding="utf-8", errors="replace")), encoding="utf-8")
        command = [
            str(verilator / "bin" / "verilator_bin"),
            "--cc",
            "--top-module",
            module,
            "--Mdir",
            str(work / "obj"),
            "--no-timing",
            "-Wno-fatal",
            "-Wno-lint",
            "-Wno-style",
            "-Wno-MULTITOP",
            "-O0",
            *(f"-G{name}={value}" for name, value in parameters.items()),
            *(f"-I{folder}" for folder in dict.fromkeys(str(s.parent) for s in sources if s.suffix in (".vh", ".svh"))),
            *map(str, files),
        ]
        run_tool(
            "verilator",
            command,
            cwd=work,
            log=work / "verilator.log",
            limit_seconds=_LIMIT_SECONDS,
            environment={"VERILATOR_ROOT": str(verilator)},
        )
        return read_ports(work / "obj", module)
    finally:
        shutil.rmtree(work, ignore_errors=True)
