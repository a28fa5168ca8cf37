# SPDX-License-Identifier: BSD-3-Clause
"""One run of Vivado: sources to a routed design, its figures and its bitstream."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from hw_flows.amd.vivado import messages, script
from hw_flows.amd.vivado.install import InstalledVivado
from hw_flows.amd.vivado.power import Power, read_power
from hw_flows.amd.vivado.reports import TimingSummary, Utilization, read_hierarchy, read_timing, read_utilization
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.machine.tools import ToolError, run_tool
from quantunet_common.files import write_text_atomically

LIMIT_SECONDS = 4 * 3600.0
REPORTS = (script.TIMING, script.UTILIZATION, script.HIERARCHY, script.POWER)
LOG = "vivado.log"
SCRIPT = "build.tcl"
CLOCKS = "constraints.xdc"


@dataclass(frozen=True)
class VivadoDesign:
    """What is implemented."""

    name: str
    """Of the bitstream file."""
    top: str
    part: str
    sources: tuple[Path, ...]
    """SystemVerilog in compile order."""
    memories: tuple[Path, ...]
    """Images that the RTL reads by their file name."""
    constraints: str
    """Text of an XDC file."""
    clock: str
    """Name of the accelerator's clock in them."""
    activity: Path | None = None
    """SAIF file with the top module as its first instance."""


@dataclass(frozen=True)
class Implementation:
    """A routed design. The bitstream exists whether or not the timing is met: see `require_timing`."""

    timing: TimingSummary
    utilization: Utilization
    hierarchy: dict[str, Resources]
    """Instance path below the top module -> what it takes."""
    bitstream: Path
    version: str
    seconds: float
    power: Power | None = None
    power_unknown: str | None = None
    """Why there is none."""


def implement(
    design: VivadoDesign, vivado: InstalledVivado, folder: Path, *, jobs: int, limit: float = LIMIT_SECONDS
) -> Implementation:
    """Run Vivado in `folder`, where its script, log, reports and checkpoint stay.

    Raises CheckFailed where the design does not fit the device, and ToolError with Vivado's own errors otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bitstream = folder / f"{design.name}.bit"
    for stale in (bitstream, *(folder / name for name in REPORTS)):
        stale.unlink(missing_ok=True)
    write_text_atomically(folder / CLOCKS, design.constraints)
    sources = script.Sources(
        verilog=[_relative(path, folder) for path in design.sources],
        memories=[_relative(path, folder) for path in design.memories],
        constraints=[CLOCKS],
    )
    activity = None if design.activity is None else _relative(design.activity, folder)
    text = script.write_script(design.top, design.part, sources, bitstream.name, jobs, activity)
    write_text_atomically(folder / SCRIPT, text)
    command = [str(vivado.program), "-mode", "batch", "-notrace", "-nojournal", "-nolog", "-source", SCRIPT]
    log = folder / LOG
    started = time.monotonic()
    try:
        run_tool("vivado", command, cwd=folder, log=log, limit_seconds=limit)
    except ToolError as error:
        raise explain(error, design, log) from error
    _require_quiet(log)
    if not bitstream.is_file():
        raise ToolError("vivado", "ended without a bitstream", log, messages.own_errors(log))
    power, power_unknown = _power(folder / script.POWER)
    return Implementation(
        timing=read_timing(folder / script.TIMING, design.clock),
        utilization=read_utilization(folder / script.UTILIZATION),
        hierarchy=read_hierarchy(folder / script.HIERARCHY),
        bitstream=bitstream,
        version=vivado.version_text,
        seconds=time.monotonic() - started,
        power=power,
        power_unknown=power_unknown,
    )


def _power(path: Path) -> tuple[Power | None, str | None]:
    """The power, or why it is not known: the bitstream is as good without."""
    try:
        return read_power(path), None
    except UserError as error:
        return None, error.what


def require_timing(timing: TimingSummary, clock_mhz: float) -> None:
    """Raises CheckFailed where the routed design is not safe at its clock, saying by how much and what to do."""
    where = "routed design"
    if timing.without_clock:
        raise CheckFailed(
            f"{timing.without_clock} register pins have no clock, so their paths were not timed",
            where,
            f"see `checking no_clock` in {script.TIMING}",
        )
    if timing.met:
        return
    if timing.worst_setup_slack < 0:
        # a little less than the design reached: another clock is another placement
        lower = int(0.97 * timing.fmax_mhz)
        raise CheckFailed(
            f"the routed design misses its clock of {clock_mhz:g} MHz: worst slack {timing.worst_setup_slack:.3f} ns, "
            f"{timing.fmax_mhz:.1f} MHz reached",
            where,
            f"give --clock-mhz {lower}, or a lower --target-fps",
        )
    raise CheckFailed(
        f"the routed design has hold or pulse width violations (worst slack {timing.worst_hold_slack:.3f} ns and "
        f"{timing.worst_pulse_width_slack:.3f} ns)",
        where,
        f"read {script.TIMING}; a bitstream with them is not reliable",
    )


def explain(error: ToolError, design: VivadoDesign, log: Path) -> UserError:
    """A failed run in words: Vivado's own errors, what they mean where it is known, what to do."""
    known = messages.known_cause(log, design.part)
    if known is not None:
        return known
    words = messages.own_errors(log)
    reason = error.reason
    if error.timed_out:
        return UserError(
            f"Vivado {reason}; its last output:\n{words}",
            str(log),
            "a design that nearly fills the device routes for hours: give a lower --target-fps or a slower --clock-mhz",
        )
    return ToolError("vivado", reason, log, words)


def _require_quiet(log: Path) -> None:
    """Raises ToolError where Vivado ended well in spite of a message that makes the bitstream wrong."""
    text = log.read_text(encoding="utf-8", errors="replace")
    bad = [line for line in text.splitlines() if any(f"[{message}]" in line for message in script.FATAL_MESSAGES)]
    if bad:
        raise ToolError("vivado", "made a bitstream that cannot work", log, "\n".join(bad[:12]))


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
