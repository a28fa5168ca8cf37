# SPDX-License-Identifier: BSD-3-Clause
"""`--flow vivado`: the Zynq-7000 shell around the accelerator, through AMD Vivado, to `.bit` and `.bin`."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.amd import UNPROVEN
from hw_flows.amd.vivado import (
    Power,
    TimingSummary,
    VivadoDesign,
    find_vivado,
    implement,
    require_timing,
    vivado_finding,
)
from hw_flows.amd.vivado.reports import Utilization
from hw_flows.amd.vivado.script import CLOCK, zynq7_constraints
from hw_flows.boards import Board
from hw_flows.families.resources import Resources
from hw_flows.flows.bitstream import Bitstream, BitstreamJob, RecordedActivity
from hw_flows.flows.flow import Flow, how_to_load
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.findings import Finding
from hw_flows.place_route.xc7_bitstream import bin_of_bit
from hw_flows.shells import find_shell
from quantunet_common.files import copy_atomically, write_bytes_atomically

#: Rows of Vivado's utilization report that people look for.
SHOWN = (
    *("Slice LUTs", "Slice Registers", "CLB LUTs", "CLB Registers", "LUT as Memory", "Slice", "CLB"),
    *("Block RAM Tile", "URAM", "DSPs"),
)


class Vivado(Flow):
    """The shell's RTL around the accelerator, in non-project mode."""

    meaning = "bitstream with AMD Vivado (not yet run against the real tool)"
    families = ("xc7",)
    image = "vendor"
    reads_activity = True

    def suits(self, board: Board) -> bool:
        return super().suits(board) and board.shell == "zynq7"  # the constraints are that shell's

    def needs(self) -> list[Finding]:
        return [vivado_finding()]

    def make_bitstream(self, job: BitstreamJob) -> Bitstream:
        """Shell, synthesis and implementation, in `<output>/vivado`, where Vivado's log, reports and checkpoint stay.

        Where the clock is missed the result has no files: such a bitstream must not be loaded. Raises CheckFailed where the
        design does not fit; UserError where Vivado is missing or too old, ToolError where it fails.
        """
        vivado = find_vivado()
        shell, identity = find_shell(job.board).write(job.accelerator, job.rtl, job.board, job.clock_mhz, job.shell)
        memories = sorted({memory for instance in job.accelerator.instances for memory in instance.memories})
        design = VivadoDesign(
            name=job.board.name,
            top=shell.top,
            part=job.board.part,
            sources=(*(job.rtl / name for name in shell.inner), *shell.sources),
            memories=tuple(job.rtl / memory for memory in memories),
            constraints=zynq7_constraints(shell.clock_mhz),
            clock=CLOCK,
            activity=None if job.activity is None else job.activity.file,
        )
        job.say(0.0, f"Vivado {vivado.version_text} implements the design; this takes tens of minutes")
        made = implement(design, vivado, job.output / "vivado", jobs=job.jobs)
        started = time.monotonic()
        bitfile = job.bitfile / f"{job.board.name}.bit"
        files = (bitfile, bitfile.with_suffix(".bin")) if made.timing.met else ()
        for file in (bitfile, bitfile.with_suffix(".bin")):
            file.unlink(missing_ok=True)  # of an earlier build
        if files:
            copy_atomically(made.bitstream, bitfile)
            write_bytes_atomically(bitfile.with_suffix(".bin"), bin_of_bit(bitfile.read_bytes()))
        bitstream = Bitstream(
            flow=self.name,
            files=files,
            identity=identity,
            link=shell.link,
            clock_mhz=shell.clock_mhz,
            fmax_mhz=fmax(made.timing, shell.clock_mhz),
            utilization=shown(made.utilization),
            tools={"vivado": made.version},
            seconds={"implementation": made.seconds, "files": time.monotonic() - started},
            checks=("Vivado's timing, setup, hold and pulse width, of the routed design",) if files else (),
            experimental=UNPROVEN,
            notes={
                "timing": asdict(made.timing),
                "resources": {
                    "source": f"Vivado {made.version}, routed design",
                    "total": asdict(made.utilization.resources),
                    "operators": rows(made.hierarchy, job.accelerator),
                },
                "power": None if made.power is None else power_report(made.power, job.activity),
                "power_unknown": made.power_unknown,
                "load": how_to_load(job.board, bitfile.name),
            },
        )
        return checked(bitstream, made.timing)


def checked(bitstream: Bitstream, timing: TimingSummary) -> Bitstream:
    """The bitstream; `refused` where it has hold violations or is not timed. A missed clock is told by its `timing_met`."""
    try:
        require_timing(timing, bitstream.clock_mhz)
    except CheckFailed as error:
        if bitstream.timing_met:
            return replace(bitstream, refused=error)
    return bitstream


def power_report(power: Power, activity: RecordedActivity | None) -> dict[str, Any]:
    """The field `power` of `report/bitstream.json`, with what it was told from by Vivado's own words."""
    if activity is None:
        source = "Vivado's default switching activity"
    elif power.activity_file is None:
        source = "Vivado's default switching activity, since it did not read that of the simulation (see vivado.log)"
    else:
        frames = "1 frame" if activity.frames == 1 else f"{activity.frames} frames"
        matched = f", nets matched: {power.nets_matched}" if power.nets_matched else ""
        source = f"switching activity of {frames}{matched}"
    return {
        "total_w": power.total_w,
        "dynamic_w": power.dynamic_w,
        "static_w": power.static_w,
        "confidence": power.confidence,
        "from": f"Vivado report_power, {source}",
    }


def fmax(timing: TimingSummary, clock_mhz: float) -> float:
    """Highest clock of the routed design; where the clock is met at least that, whose period Vivado rounds to 1 ps."""
    return max(timing.fmax_mhz, clock_mhz) if timing.met else timing.fmax_mhz


def shown(utilization: Utilization) -> dict[str, tuple[int, int]]:
    """Vivado's rows for the report; half a block RAM (one RAMB18) counts as a whole one."""
    found = {name: utilization.rows[name] for name in SHOWN if name in utilization.rows}
    return {name: (int(-(-used // 1)), int(available)) for name, (used, available) in found.items()}


def rows(hierarchy: dict[str, Resources], accelerator: Accelerator) -> list[dict[str, Any]]:
    """What each operator takes in the routed design; those that Vivado dissolved into others are not there."""
    by_leaf = {path.rpartition("/")[2]: resources for path, resources in hierarchy.items()}
    return [
        {"name": instance.name, "op_type": instance.op_type, **asdict(by_leaf[instance.name])}
        for instance in accelerator.instances
        if instance.name in by_leaf
    ]
