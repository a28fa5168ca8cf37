# SPDX-License-Identifier: BSD-3-Clause
"""Run FINN's Zynq build in a process of its own, and read what it leaves."""

from __future__ import annotations

import json
import math
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hw_flows.amd.finn.install import Tools
from hw_flows.amd.finn.worker import WorkerJob, WorkerResult
from hw_flows.amd.vivado import messages
from hw_flows.amd.vivado.reports import TimingSummary, Utilization, read_timing, read_utilization
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError, run_tool
from hw_flows.operators import added_folders

LIMIT_SECONDS = 6 * 3600.0
#: Reports that Vivado's implementation run leaves by itself, in the project FINN makes.
RUN = Path("finn_zynq_link.runs") / "impl_1"
TIMING = RUN / "top_wrapper_timing_summary_routed.rpt"
UTILIZATION = RUN / "top_wrapper_utilization_placed.rpt"
#: The clocking wizard's output, which drives the accelerator in FINN's shell.
CLOCK = "clk_out1"
#: Logs of what FINN starts; its own messages seldom say what went wrong.
LOGS = ("vivado.log", "vitis_hls.log", "runme.log")


@dataclass(frozen=True)
class FinnBuild:
    """What FINN made."""

    bitfile: Path
    hwh: Path
    driver: Path
    """Folder with FINN's `settings.json`."""
    operators: tuple[str, ...]
    timing: TimingSummary
    utilization: Utilization
    seconds: float


def finn_clock(clock_mhz: float) -> int:
    """The clock in MHz that FINN's shell makes: whole MHz, not above `clock_mhz`. Raises UserError below 1 MHz."""
    if clock_mhz < 1:
        raise UserError("FINN's shell takes a clock of whole MHz", "--clock-mhz", "give 1 or more")
    return int(clock_mhz)


def finn_period(clock: int) -> float:
    """The period in ns that FINN makes `clock` MHz of: it cuts the quotient off (make_zynq_proj, MakeZYNQProject)."""
    period = 1000.0 / clock
    while int(1 / (period * 0.001)) < clock:
        period = math.nextafter(period, 0.0)
    return period


def build(
    model: Path,
    board: str,
    part: str,
    clock_mhz: float,
    tools: Tools,
    folder: Path,
    *,
    jobs: int,
    limit: float = LIMIT_SECONDS,
) -> FinnBuild:
    """Run FINN in `folder`, which is emptied first.

    `board` is FINN's name. Raises CheckFailed where the design does not fit, UserError and ToolError with the words of
    the tool that failed.
    """
    folder = folder.absolute()
    if set(str(folder)) & set(' \t{}[]$"\\;'):
        what = "FINN's scripts cannot work in a folder whose name has blanks or characters that Tcl reads"
        raise UserError(what, str(folder), "give another --output")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    period = finn_period(finn_clock(clock_mhz))
    result = folder / "result.json"
    job = WorkerJob(
        str(model.absolute()), str(folder), board, part, period, str(result), [str(path) for path in added_folders()]
    )
    job.save(folder / "job.json")
    command = [sys.executable, "-m", "hw_flows.amd.finn.worker", str(folder / "job.json")]
    environment = {**tools.environment(), "NUM_DEFAULT_WORKERS": str(jobs)}
    log = folder / "finn.log"
    started = time.monotonic()
    try:
        run_tool("finn", command, cwd=folder, log=log, limit_seconds=limit, environment=environment)
    except ToolError as error:
        raise explain(error, folder, part) from error
    made = WorkerResult(**json.loads(result.read_text(encoding="utf-8")))
    return FinnBuild(
        bitfile=Path(made.bitfile),
        hwh=Path(made.hwh),
        driver=Path(made.driver),
        operators=tuple(made.operators),
        timing=read_timing(Path(made.project) / TIMING, CLOCK),
        utilization=read_utilization(Path(made.project) / UTILIZATION),
        seconds=time.monotonic() - started,
    )


def explain(error: ToolError, folder: Path, part: str) -> UserError:
    """A failed run in the words of the tools that FINN had started last, if they complained, else in FINN's."""
    logs = _complaints(folder)
    for log in logs:
        known = messages.known_cause(log, part)
        if known is not None:
            return known
    if not logs:
        return error
    reason = error.reason
    # Vivado's log says that a run failed, the log of that run says why
    words = "\n".join(f"{log.relative_to(folder)}:\n{messages.own_errors(log)}" for log in reversed(logs[:2]))
    return ToolError("finn", reason, logs[0], words)


def _complaints(folder: Path) -> list[Path]:
    """Logs with an error in them, the newest first."""
    logs = [path for name in LOGS for path in folder.rglob(name)]
    bad = [path for path in logs if "ERROR:" in path.read_text(encoding="utf-8", errors="replace")]
    return sorted(bad, key=lambda path: path.stat().st_mtime_ns, reverse=True)
