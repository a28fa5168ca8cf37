"""`--flow vivado`: the Zynq-7000 shell around the accelerator, through Vivado, to `.bit` and `.bin`."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.errors import CheckFailed
from hw_flows.files import copy_atomically
from hw_flows.synthesize.cells import Resources
from hw_flows.vendor import UNPROVEN
from hw_flows.vendor.flow import Job, Result, Shell
from hw_flows.vendor.need import Need
from hw_flows.vendor.vivado import Design, Implementation, find_vivado, implement, require_timing, vivado_need
from hw_flows.vendor.vivado.script import CLOCK
from hw_flows.vendor.zynq_bin import write_bin

NAME = "quantunet"
#: Rows of Vivado's utilization report that people look for.
SHOWN = ("Slice LUTs", "Slice Registers", "LUT as Memory", "Slice", "Block RAM Tile", "DSPs")


def needs() -> list[Need]:
    """What it needs beside what every build needs, for `qu-doctor`."""
    return [vivado_need()]


def make_bitstream(job: Job, shell: Shell) -> tuple[Result, CheckFailed | None]:
    """Implement `shell` with the accelerator in it. What Vivado left stays in `<output>/vivado`.

    The second value is a missed timing: the result is whole (it goes to the report) but has no files, since such a
    bitstream must not be loaded. Raises CheckFailed where the design does not fit, UserError where Vivado is missing or
    too old, ToolError where it fails.
    """
    vivado = find_vivado()
    folder = job.output / "vivado"
    rtl = job.output / "rtl"
    memories = sorted({memory for instance in job.accelerator.instances for memory in instance.memories})
    design = Design(
        name=NAME,
        top=shell.top,
        part=job.board.part,
        sources=shell.sources,
        memories=tuple(rtl / memory for memory in memories),
        constraints=shell.constraints,
        clock=CLOCK,
    )
    job.say(0.0, f"Vivado {vivado.version_text} implements the design; this takes tens of minutes")
    made = implement(design, vivado, folder, jobs=job.jobs)
    files = []
    missed: CheckFailed | None = None
    started = time.monotonic()
    try:
        require_timing(made.timing, job.clock_mhz)
    except CheckFailed as error:
        missed = error
    else:
        bitfile = job.output / "bitfile" / made.bitstream.name
        copy_atomically(made.bitstream, bitfile)
        files = [bitfile, write_bin(bitfile)]
    seconds = {"implementation": made.seconds, "files": time.monotonic() - started}
    job.say(1.0, "bitstream written" if files else "timing missed")
    result = Result(
        flow="vivado",
        files=tuple(files),
        identity=shell.identity,
        link=shell.link,
        clock_mhz=job.clock_mhz,
        fmax_mhz=made.timing.fmax_mhz,
        utilization={name: made.utilization.rows[name] for name in SHOWN if name in made.utilization.rows},
        tools={"vivado": made.version},
        seconds=seconds,
        experimental=UNPROVEN,
        notes=_notes(made, job.accelerator),
    )
    return result, missed


def _notes(made: Implementation, accelerator: Accelerator) -> dict[str, Any]:
    timing = made.timing
    return {
        "timing": {
            "worst_setup_slack_ns": timing.worst_setup_slack,
            "worst_hold_slack_ns": timing.worst_hold_slack,
            "worst_pulse_width_slack_ns": timing.worst_pulse_width_slack,
            "failing_endpoints": timing.failing_endpoints,
        },
        "resources": {
            "source": f"Vivado {made.version}, routed design",
            "total": asdict(made.utilization.resources),
            "operators": [
                {"name": name, "op_type": accelerator.instance(name).op_type, **asdict(resources)}
                for name, resources in operators(made.hierarchy, accelerator).items()
            ],
        },
    }


def operators(hierarchy: dict[str, Resources], accelerator: Accelerator) -> dict[str, Resources]:
    """What each operator takes in the routed design; those that Vivado dissolved into others are not there."""
    names = {instance.name for instance in accelerator.instances}
    by_leaf = {path.rpartition("/")[2]: resources for path, resources in hierarchy.items()}
    return {name: by_leaf[name] for name in sorted(names) if name in by_leaf}
