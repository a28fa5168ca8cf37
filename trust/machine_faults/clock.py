# SPDX-License-Identifier: BSD-3-Clause
"""A clock that goes backwards: while a build runs, and between two runs, so that files come from the future."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace

from trust.machine_faults.damage import copy_of
from trust.machine_faults.trial import FaultBench, FaultTrial, judge
from trust.part import Say

YEAR_SECONDS = 365 * 86400.0
#: Python's clock loses an hour with every second; the log, and whatever else asks it, sees it fall.
BACKWARDS = """
import time
def backwards(began=time.time(), monotonic=time.monotonic, start=time.monotonic()):
    return began - 3600 * (monotonic() - start)
def strftime(form, when=None, real=time.strftime):
    return real(form, time.localtime(backwards()) if when is None else when)
time.time, time.strftime = backwards, strftime
"""


def backwards(bench: FaultBench, say: Say) -> Iterator[FaultTrial]:
    """The steps from RTL on, with the simulator compiled anew: make goes by times of files."""
    kind = "clock goes backwards"
    build = copy_of(bench, "clock in a run")
    again = replace(build, options=(*build.options, "--start-step", "step_apply_folding"), before=BACKWARDS)
    yield judge(bench, kind, "by an hour every second of the build", again, "clock in a run")
    build = copy_of(bench, "clock between runs")
    for simulator in build.cache.glob("simulators/*.exe"):
        simulator.unlink()
    future = time.time() + YEAR_SECONDS
    for folder in (build.output, build.cache):
        for file in [folder, *folder.rglob("*")]:
            os.utime(file, (future, future))
    again = replace(build, options=(*build.options, "--start-step", "step_apply_folding"))
    trial = judge(bench, kind, "by a year between two runs: all files are from the future", again, "clock between runs")
    yield trial
    say(trial.outcome)
