# SPDX-License-Identifier: BSD-3-Clause
"""Builds killed (SIGKILL) at the end of every step and in the middle of it, and run again with the same command."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.build.state import load_state
from trust.part import Say
from trust.tiny import LIMIT_SECONDS, TinyBuild

POLL_SECONDS = 0.005
#: Shares of a step's usual time between which it is killed.
EARLIEST, LATEST = 0.05, 0.9


@dataclass(frozen=True)
class Moment:
    """When to kill: as soon as the step is known to be done, or after `seconds` of it."""

    step: str
    seconds: float | None = None

    def __str__(self) -> str:
        name = self.step.removeprefix("step_")
        return f"after {name}" if self.seconds is None else f"in {name}, after {self.seconds:.2f} s"


def boundaries(steps: Sequence[str]) -> list[Moment]:
    """The end of each step."""
    return [Moment(step) for step in steps]


def in_mid_step(usual: dict[str, float], seed: int) -> list[Moment]:
    """One moment inside each step, given the seconds that steps usually take."""
    draw = random.Random(seed)
    return [Moment(step, draw.uniform(EARLIEST, LATEST) * seconds) for step, seconds in usual.items()]


def usual_seconds(output: Path) -> dict[str, float]:
    """What each step took in a finished build."""
    times = json.loads((output / "time_per_step.json").read_text(encoding="utf-8"))
    return {str(step): float(seconds) for step, seconds in times.items()}


def kill_at(build: TinyBuild, moment: Moment, log: Path, *, orphans: bool) -> bool:
    """Start the build, or go on with it, and kill it at that moment; False where it ended before.

    `orphans`: the tools that it has started, which are in process groups of their own, are left to run on, as when only
    the build is killed; else they are killed too, as when the machine goes down.
    """
    since = _log_length(build.output)
    process = build.start(log)
    deadline = time.monotonic() + LIMIT_SECONDS
    started: float | None = None
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if moment.seconds is None:
                if _is_done(build.output, moment.step):
                    break
            elif started is None:
                started = time.monotonic() if f"{moment.step} started" in _log_since(build.output, since) else None
            elif time.monotonic() - started >= moment.seconds:
                break
            time.sleep(POLL_SECONDS)
        alive = process.poll() is None
        family = [] if orphans else _descendants(process.pid)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pid in family:
        _kill(pid)
    return alive and process.returncode == -signal.SIGKILL


def kill_everywhere(build: TinyBuild, moments: Sequence[Moment], log: Path, say: Say) -> list[Moment]:
    """One build, killed at each of these moments in turn; those at which it was still running."""
    hit = []
    for number, moment in enumerate(moments):
        if kill_at(build, moment, log, orphans=number % 2 == 1):
            hit.append(moment)
        say(f"killed {moment}" if hit[-1:] == [moment] else f"was through before: {moment}")
    return hit


def _is_done(output: Path, step: str) -> bool:
    return any(record.name == step and record.status == "done" for record in load_state(output).steps)


def _log_length(output: Path) -> int:
    log = output / "build.log"
    return log.stat().st_size if log.is_file() else 0


def _log_since(output: Path, length: int) -> str:
    try:
        return (output / "build.log").read_bytes()[length:].decode(errors="replace")
    except FileNotFoundError:
        return ""


def _descendants(pid: int) -> list[int]:
    """All processes that `pid` has started, and theirs."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, timeout=60, check=True)
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found = list(children.get(pid, []))
    for one in found:
        found += children.get(one, [])
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
