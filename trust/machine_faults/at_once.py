# SPDX-License-Identifier: BSD-3-Clause
"""Two builds at the same time: into one folder, and into two with a common cache."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from trust.machine_faults.kills import POLL_SECONDS
from trust.machine_faults.trial import FaultBench, FaultTrial, judge, refused
from trust.part import Say
from trust.tiny import LIMIT_SECONDS, Ended


def one_folder(bench: FaultBench, say: Say) -> Iterator[FaultTrial]:
    """The second is refused and changes nothing; the first ends as if it had been alone."""
    folder = bench.work / "one_folder"
    build = replace(bench.whole, output=folder / "build")
    log = bench.log("one folder, first")
    first = build.start(log)
    _wait_for(first, lambda: (build.output / "build.log").is_file())
    second = build.run(bench.log("one folder, second"))
    trial = refused("two builds at once", "into one folder: the second", second.clear, second.said)
    yield trial
    say(trial.outcome)
    first.wait(LIMIT_SECONDS)
    yield judge(bench, "two builds at once", "into one folder: the first", build, "one folder, again")


def one_cache(bench: FaultBench, say: Say) -> Iterator[FaultTrial]:
    """Both start with an empty cache, so that both make every entry at about the same time."""
    folder = bench.work / "one_cache"
    builds = [replace(bench.whole, output=folder / name, cache=folder / "cache") for name in ("first", "second")]
    running = [build.start(bench.log(f"one cache, {build.output.name}")) for build in builds]
    statuses = [process.wait(LIMIT_SECONDS) for process in running]
    for build, status in zip(builds, statuses, strict=True):
        fault = f"with one empty cache: the {build.output.name}"
        if status == 0:
            trial = judge(bench, "two builds at once", fault, build, f"one cache, {build.output.name} again")
        else:
            said = bench.log(f"one cache, {build.output.name}").read_text(errors="replace")
            trial = FaultTrial("two builds at once", fault, Ended(status, said).last_words, False)
        yield trial
        say(f"{fault}: {trial.outcome}")


def _wait_for(process: subprocess.Popen[bytes], happened: Callable[[], bool]) -> None:
    while process.poll() is None and not happened():
        time.sleep(POLL_SECONDS)
