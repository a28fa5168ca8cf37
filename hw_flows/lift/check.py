# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream that was just made: lifted back, held against what was placed and routed, and written for a simulator."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.lift.compare import compare, read_placed
from hw_flows.lift.lift import lift_bitstream
from hw_flows.lift.netlist import TOP, LiftedNetlist
from hw_flows.lift.same_function import same_function
from hw_flows.machine.yosys import run_yosys
from hw_flows.place_route.debian_tools import UnpackedTools
from quantunet_common.files import write_text_atomically

LIMIT_SECONDS = 1800.0
PROCESSING_SYSTEM = "PS7"


def lift_and_compare(
    bitstream: Path,
    given: Path,
    routed: Path,
    part: str,
    top: str,
    system_name: str,
    system_ports: Collection[str],
    destination: Path,
    tools: UnpackedTools,
    logs: Path,
) -> str:
    """Lift a .bit, compare it, and write it to `destination` as Verilog.

    `given`, `routed`: the netlists that place and route was given and that it wrote, JSON; `top`: name of the module;
    `system_name`, `system_ports`: the instance of the processing system in the design, and the ports that it uses. Returns what
    was compared, for people. Raises CheckFailed for bits that nobody understands and for any difference, ToolError where Yosys
    cannot write it.
    """
    lifted = lift_bitstream(bitstream, part, tools, logs)
    placed = read_placed(routed, lifted.database)
    comparison = compare(lifted.netlist, placed)
    comparison.require_equal()
    function = same_function(given, lifted.netlist, placed)
    function.require_equal()
    simulated = lifted.netlist.as_instance(PROCESSING_SYSTEM, system_name, system_ports)
    write_verilog(simulated, top, destination, logs)
    return f"{comparison}; the same function as the netlist before: {function}"


def write_verilog(netlist: LiftedNetlist, top: str, destination: Path, logs: Path) -> None:
    """Write a netlist for simulators."""
    with TemporaryDirectory(prefix="qu-lift-", dir=destination.parent) as name:
        folder = Path(name)
        write_text_atomically(folder / "lifted.json", json.dumps(netlist.as_json()))
        script = f"read_json lifted.json\nrename {TOP} {top}\nwrite_verilog -noattr lifted.v\n"
        run_yosys(script, folder, log=logs / "lifted.log", limit_seconds=LIMIT_SECONDS, produces=[folder / "lifted.v"])
        (folder / "lifted.v").replace(destination)
