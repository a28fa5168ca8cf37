# SPDX-License-Identifier: BSD-3-Clause
"""A small design, synthesized, placed and routed; and how its netlists are run beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from hw_flows.lift.fabric import Fabric
from hw_flows.lift.lift import Lifted, lift_frames
from hw_flows.machine.yosys import run_yosys
from hw_flows.place_route.debian_tools import require_tools
from hw_flows.place_route.fasm import Feature, parse_fasm, read_fasm
from hw_flows.place_route.frames import assemble
from hw_flows.place_route.nextpnr_xilinx import place_and_route, tie_offs
from hw_flows.place_route.xray import Database

PART = "xc7z020clg400-1"
DESIGN = Path(__file__).with_name("design.v")
SCRIPT = """\
read_verilog -lib +/xilinx/cells_sim.v
read_verilog -lib +/xilinx/cells_xtra.v
read_verilog {source}
synth_xilinx -family xc7 -noiopad -noclkbuf -flatten -top top
delete t:$scopeinfo
setundef -zero
setundef -params -zero
write_json {destination}
"""


@dataclass
class Built:
    """The design after place and route."""

    netlist: Path
    """As synthesized."""
    routed: Path
    """As placed and routed, by nextpnr."""
    written: list[Feature]
    """What nextpnr wrote."""
    tie_offs: list[Feature]
    """What it left out of the multiplier, and was added."""
    database: Database
    fabric: Fabric

    @property
    def features(self) -> list[Feature]:
        """The right ones."""
        return [*self.written, *self.tie_offs]

    def lift(self, features: Iterable[Feature]) -> Lifted:
        """The netlist of the bits of these features."""
        required = parse_fasm(self.database.required_features(), "required_features.fasm")
        return lift_frames(assemble([*features, *required], self.database), self.database, self.fabric)


def build(folder: Path) -> Built:
    netlist = folder / "netlist.json"
    script = SCRIPT.format(source=DESIGN, destination=netlist)
    run_yosys(script, folder, log=folder / "yosys.log", limit_seconds=300)
    constraints = folder / "clock.xdc"
    constraints.write_text("create_clock -period 10 -name clk [get_nets clk]\n")
    tools = require_tools()
    found = place_and_route(netlist, constraints, PART, 100.0, folder / "place_route", tools)
    database = Database(tools.xray_database("zynq7"), PART)
    tied = tie_offs((folder / "place_route" / "nextpnr.log").read_text(), database)
    written = [feature for feature in read_fasm(found.fasm) if feature not in tied]
    return Built(netlist, found.netlist, written, tied, database, Fabric(database))


def simulate(netlist: dict[str, Any], cycles: int = 3000, seed: int = 1) -> np.ndarray:
    """What a netlist of Yosys' JSON answers to random input at the processing system's GPIO pins: (cycles, lanes, 64)."""
    module = next(
        m for m in netlist["modules"].values() if any(c["type"] == "PS7" for c in m.get("cells", {}).values())
    )
    (name,) = (name for name, cell in module["cells"].items() if cell["type"] == "PS7")
    pins = module["cells"][name]["connections"]
    cells = {n: c for n, c in module["cells"].items() if n != name}
    ports = {
        "clk": {"direction": "input", "bits": pins["FCLKCLK"][:1]},
        "go": {"direction": "input", "bits": pins["EMIOGPIOO"]},
        "gi": {"direction": "output", "bits": pins["EMIOGPIOI"]},
    }
    opened = {"modules": {"top": {**module, "cells": cells, "ports": ports}}}
    stimulus = np.random.default_rng(seed).integers(0, 2, (cycles, LANES, 64), dtype=np.uint8)
    simulator = NetlistSimulator(Netlist(opened, "test"), find_family("xc7"))
    return simulator.trace({"go": stimulus})["gi"]


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))
