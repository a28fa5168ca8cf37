# SPDX-License-Identifier: BSD-3-Clause
"""Disks of several sizes that fill up while a build runs; then there is room again, and the same command goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from trust.machine_faults.small_disk import LIMIT_SECONDS
from trust.machine_faults.trial import FaultBench, FaultTrial
from trust.part import Say
from trust.same_results import differences, left_behind
from trust.tiny import REPOSITORY, Ended, TinyBuild

KIND = "disk full"
PAGE = 4096


def full_disk(bench: FaultBench, shares: tuple[float, ...], say: Say, *, cache_too: bool) -> Iterator[FaultTrial]:
    """Disks of these shares of what a whole build needs. The disk holds the output folder, and with `cache_too` an empty
    cache and the folder of temporary files as well."""
    needed = _pages(bench.whole.output) + (_pages(bench.whole.cache) if cache_too else 0)
    for share in shares:
        kilobytes = int(share * needed) * PAGE // 1024
        what = "output, cache and temporary files" if cache_too else "output folder"
        fault = f"a disk of {kilobytes:,} kB for {what}"
        trial = _trial(bench, fault, kilobytes, cache_too)
        yield trial
        say(f"{fault}: {trial.outcome}")


def mounts_allowed() -> bool:
    """Whether this user may mount a disk in memory in name spaces of its own."""
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _trial(bench: FaultBench, fault: str, kilobytes: int, cache_too: bool) -> FaultTrial:
    work = bench.work / f"disk_{kilobytes}"
    disk = work / "disk"
    disk.mkdir(parents=True)
    build = replace(bench.whole, output=disk / "build")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY), "QU_CACHE": str(build.cache)}
    if cache_too:
        environment |= {"QU_CACHE": str(disk / "cache"), "TMPDIR": str(disk / "tmp")}
    small = ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "trust.machine_faults.small_disk"]
    run = subprocess.run(
        [*small, str(kilobytes), str(disk), str(work / "build"), *build.command()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT_SECONDS,
        check=False,
        cwd=REPOSITORY,
    )
    if run.returncode != 0:
        return FaultTrial(KIND, fault, f"the trial itself failed: {run.stderr[-200:]}", False)
    ended = [Ended(**one) for one in json.loads(run.stdout)]
    trial = _judge(bench, fault, ended, replace(build, output=work / "build"))
    shutil.rmtree(work)
    return trial


def _judge(bench: FaultBench, fault: str, ended: list[Ended], build: TinyBuild) -> FaultTrial:
    if ended[0].status == 0:
        return FaultTrial(KIND, fault, "was enough", True)
    if not ended[0].clear:
        return FaultTrial(KIND, fault, f"NOT CLEAR: status {ended[0].status}: {ended[0].last_words}", False)
    message = ended[0].said.partition("error:")[2].strip().splitlines()[0][:80]
    if ended[1].status != 0:
        return FaultTrial(KIND, fault, f"{message}; then status {ended[1].status}: {ended[1].last_words}", False)
    differ = [*differences(bench.whole.output, build.output), *left_behind(build.output)]
    outcome = f"other results: {', '.join(differ[:5])}" if differ else "with room again the same results"
    return FaultTrial(KIND, fault, f"status 2: {message}; {outcome}", not differ)


def _pages(folder: Path) -> int:
    return sum(1 + file.stat().st_size // PAGE for file in folder.rglob("*"))
