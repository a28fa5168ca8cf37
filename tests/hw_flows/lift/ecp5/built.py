# SPDX-License-Identifier: BSD-3-Clause
"""A small design, synthesized, placed, routed and packed; and how its netlists are run beside each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from hw_flows.lift.ecp5.chip import Chip
from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.ecp5.database import TrellisDatabase
from hw_flows.lift.ecp5.lift import Lifted, lift_configuration, read_databases
from hw_flows.lift.netlist import TOP, LiftedNetlist
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.yosys import run_yosys
from hw_flows.machine.yowasp import NEXTPNR_ECP5, run_yowasp
from hw_flows.place_route.ecppack import pack, unpack

PART = "LFE5U-25F-6BG381C"
DESIGN = Path(__file__).with_name("design.v")
#: With what has no model at gate level, or does not reach the bitstream.
SPECIAL = Path(__file__).with_name("special.v")
SCRIPT = """\
read_verilog -lib +/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v
read_verilog {source}
synth_lattice -family ecp5 -noiopad -top top
delete t:$scopeinfo
setundef -zero
setundef -params -zero
write_json {destination}
"""
OPTIONS = (
    "--25k --package CABGA381 --speed 6 --json netlist.json --lpf pins.lpf --lpf-allow-unconstrained "
    "--textcfg routed.config --write routed.json --freq 50 --seed 1 --timing-allow-fail"
)


@dataclass
class Built:
    """The design after place and route."""

    netlist: Path
    """As synthesized."""
    routed: Path
    """As placed and routed, by nextpnr."""
    bitstream: Path
    unpacked: str
    """What ecpunpack reads in the bitstream."""
    chip: Chip
    database: TrellisDatabase

    def lift(self, text: str) -> Lifted:
        """The netlist of an unpacked bitstream."""
        return lift_configuration(text, self.chip, self.database)

    def faults_of(self, text: str) -> list[str]:
        """Why an unpacked bitstream is refused, or how its netlist differs from the placed one."""
        try:
            return compare(self.lift(text), self.routed).differences
        except CheckFailed as error:
            return [error.what]

    def named(self, netlist: LiftedNetlist) -> dict[str, Any]:
        """The netlist as Yosys' JSON, with the ports of the design in place of pins, and wires in place of clock buffers."""
        data = netlist.as_json()
        module = data["modules"][TOP]
        through = {}
        for name in [n for n, cell in module["cells"].items() if cell["type"] == "DCCA"]:
            pins = module["cells"].pop(name)["connections"]
            through[pins["CLKO"][0]] = pins["CLKI"][0]
        for cell in module["cells"].values():
            cell["connections"] = {p: [through.get(bit, bit) for bit in bus] for p, bus in cell["connections"].items()}
        buses: dict[str, dict[int, int]] = {}
        directions = {}
        for name, cell in read(self.routed)["modules"]["top"]["cells"].items():
            if cell["type"] == "TRELLIS_IO":
                bus, _, bit = name.removesuffix("$tr_io").rstrip("]").partition("[")
                place = cell["attributes"]["NEXTPNR_BEL"]
                is_input = f"{place}.O" in module["ports"]
                directions[bus] = "input" if is_input else "output"
                buses.setdefault(bus, {})[int(bit or 0)] = module["ports"][f"{place}.{'O' if is_input else 'I'}"][
                    "bits"
                ][0]
        module["ports"] = {
            bus: {"direction": directions[bus], "bits": [bits[i] for i in range(len(bits))]}
            for bus, bits in buses.items()
        }
        return data


def build(folder: Path, design: Path = DESIGN) -> Built:
    script = SCRIPT.format(source=design, destination=folder / "netlist.json")
    run_yosys(script, folder, log=folder / "yosys.log", limit_seconds=300)
    (folder / "pins.lpf").write_text("\n")
    run_yowasp(NEXTPNR_ECP5, OPTIONS.split(), cwd=folder, log=folder / "nextpnr.log", limit_seconds=900)
    pack(folder / "routed.config", folder / "design.bit", folder / "pack.log")
    unpack(folder / "design.bit", folder / "unpacked.config", folder / "unpack.log")
    chip, database = read_databases(PART.rpartition("-")[0])
    text = (folder / "unpacked.config").read_text()
    return Built(folder / "netlist.json", folder / "routed.json", folder / "design.bit", text, chip, database)


def simulate(netlist: dict[str, Any], cycles: int = 3000, seed: int = 1) -> np.ndarray:
    """What the design's netlist answers to random input at `go`: (cycles, lanes, 64)."""
    top = TOP if TOP in netlist["modules"] else "top"
    simulator = NetlistSimulator(Netlist(netlist, "test", top), find_family("ecp5"))
    stimulus = np.random.default_rng(seed).integers(0, 2, (cycles, LANES, 64), dtype=np.uint8)
    return simulator.trace({"go": stimulus})["gi"]


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))
