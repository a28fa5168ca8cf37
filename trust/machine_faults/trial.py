# SPDX-License-Identifier: BSD-3-Clause
"""What is told of one trial."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trust.same_results import differences, left_behind
from trust.tiny import TinyBuild


@dataclass(frozen=True)
class FaultBench:
    """What all trials start from: a finished build that nothing happened to, its seconds by step, and a working folder."""

    whole: TinyBuild
    seconds: dict[str, float]
    work: Path

    def log(self, name: str) -> Path:
        return self.work / "logs" / f"{name.replace(' ', '_')}.log"


@dataclass(frozen=True)
class FaultTrial:
    """A fault, what came of it, and whether that is what should."""

    kind: str
    fault: str
    outcome: str
    held: bool


def judge(bench: FaultBench, kind: str, fault: str, build: TinyBuild, name: str) -> FaultTrial:
    """Run the build (again): it must end well, with the results of the one that nothing happened to, and leave nothing."""
    ended = build.run(bench.log(name))
    if ended.status != 0:
        return FaultTrial(kind, fault, f"then status {ended.status}: {ended.last_words}", False)
    differ = differences(bench.whole.output, build.output)
    if differ:
        return FaultTrial(kind, fault, f"then other results: {', '.join(differ[:5])}", False)
    if left := [*left_behind(build.output), *left_behind(build.cache)]:
        return FaultTrial(kind, fault, f"left behind: {', '.join(left[:5])}", False)
    return FaultTrial(kind, fault, "then the same results", True)


def refused(kind: str, fault: str, ended_clear: bool, said: str) -> FaultTrial:
    """A fault that a build can only report: one message, status 2."""
    words = said.partition("error:")[2].strip().splitlines()
    outcome = f"status 2: {words[0][:140]}" if ended_clear and words else f"NOT CLEAR: {' '.join(said[-300:].split())}"
    return FaultTrial(kind, fault, outcome, ended_clear)
