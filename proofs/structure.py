# SPDX-License-Identifier: BSD-3-Clause
"""Which outputs of a module depend on which inputs without a register in between, read off the netlist of gates.

A valid that followed a ready, in a network where ready follows ready, would close a loop of gates.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hw_flows.machine.tools import run_tool
from hw_flows.operators.proof import Bench, Parameters
from proofs.sby import prepare
from quantunet_common.files import write_atomically

# After simplemap every register is of one of these; a path ends there.
REGISTERS = ("$_DFF", "$_SDFF", "$_FF", "$dff", "$sdff", "$ff", "$anyseq", "$anyconst")
LIMIT_SECONDS = 120


def netlist(bench: Bench, parameters: Parameters, files: Sequence[str], folder: Path) -> dict[str, Any]:
    """The bench's flat module as Yosys' JSON, in gates and registers of one bit; memories stay whole.

    Raises ToolError where Yosys finds a loop of gates, `check -assert`.
    """
    read, *rest = prepare(bench.top, parameters, files)[:-1]
    script = [
        read,
        # Or Yosys drops a handshake that nothing in the bench reads, and its paths with it.
        f"setattr -set keep 1 {bench.top}/w:*_axis_*",
        *rest,
        "opt -fast",
        "simplemap",
        "techmap",
        "setundef -undriven -zero",
        "check -assert",
        "write_json structure.json",
    ]
    write_atomically(folder / "structure.ys", lambda path: _write(path, "\n".join(script) + "\n"))
    command = [sys.executable, str(Path(__file__).with_name("yosys_command.py")), "structure.ys"]
    run_tool("yosys", command, cwd=folder, log=folder / "structure.log", limit_seconds=LIMIT_SECONDS)
    module: dict[str, Any] = json.loads((folder / "structure.json").read_text())["modules"][bench.top]
    return module


def handshake_paths(module: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """For each tdata, tvalid and tready that the module drives: the tvalid and tready inputs it depends on, sorted.

    Only entries with such an input are given. Bits of one port count as one.
    """
    return {
        name: found
        for name, net in module["netnames"].items()
        if _is_handshake(name) and name not in module["ports"]
        if (found := tuple(sorted(i for i in inputs_of(module, net["bits"]) if i.endswith(("valid", "ready")))))
    }


def inputs_of(module: Mapping[str, Any], bits: Sequence[int | str]) -> set[str]:
    """Names of the input ports that the bits depend on without a register in between."""
    drivers: dict[int | str, list[int | str]] = {}
    for cell in module["cells"].values():
        if cell["type"].startswith(REGISTERS):
            continue
        ports = cell["connections"]
        directions = cell["port_directions"]
        entries = [port for port in ports if directions[port] == "input"]
        if cell["type"] == "$mem_v2":
            if "0" not in cell["parameters"]["RD_CLK_ENABLE"]:
                continue
            # What is read at once depends on the address; what was written lies behind a register.
            entries = ["RD_ADDR"]
        sources = [bit for port in entries for bit in ports[port]]
        for port, outputs in ports.items():
            if directions[port] == "output":
                drivers.update((bit, sources) for bit in outputs)
    ports_of = {
        bit: name for name, port in module["ports"].items() if port["direction"] == "input" for bit in port["bits"]
    }
    seen: set[int | str] = set()
    waiting = list(bits)
    while waiting:
        bit = waiting.pop()
        if bit not in seen:
            seen.add(bit)
            waiting += drivers.get(bit, [])
    return {ports_of[bit] for bit in seen if bit in ports_of}


def assertions(module: Mapping[str, Any]) -> list[str]:
    """Names of all assertions, sorted; a name is the path of instances and the label."""
    checks = (cell for cell in module["cells"].items() if cell[1]["type"] == "$check")
    return sorted(name for name, cell in checks if cell["parameters"]["FLAVOR"] == "assert")


def _is_handshake(name: str) -> bool:
    return "." not in name and name.endswith(("tdata", "tvalid", "tready"))


def _write(path: Path, text: str) -> None:
    path.write_text(text)
