# SPDX-License-Identifier: BSD-3-Clause
"""Runs FINN's tests in processes of their own and counts what became of them."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hw_flows.machine.tools import ToolError, run_tool
from trust.finn_packages import TESTS, fetched
from trust.finn_tests.classify import FAILED, LEFT_OUT, NOT_APPLICABLE, PASSED, classify
from trust.finn_tests.selection import GROUPS, SAMPLE, Group
from trust.part import EvidenceResult, Say

_ROOT = Path(__file__).parents[2]


@dataclass
class Tally:
    """The tests of one file in one group."""

    cases: int = 0
    candidates: int = 0
    left_out: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)
    """Test and the error's line."""

    @property
    def run(self) -> int:
        return self.candidates - self.left_out

    def count(self, test: str, outcome: str, text: str) -> None:
        if outcome == LEFT_OUT:
            self.left_out += 1
            return
        verdict = classify(outcome, text)
        self.verdicts[verdict.outcome] += 1
        if verdict.outcome == NOT_APPLICABLE:
            self.reasons[verdict.reason] += 1
        if verdict.outcome == FAILED:
            self.failures.append((test, verdict.reason))


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Run the declared groups one after the other; `work` keeps their logs and results.

    Raises ToolError where FINN's tests cannot be fetched.
    """
    before = _cpu_seconds()
    tests = fetched(work / "pip.log")
    groups = SAMPLE if sample else GROUPS
    tallies: dict[tuple[str, str], Tally] = {}
    for number, group in enumerate(groups):
        results = work / f"{number:02d}.jsonl"
        _run_group(group, tests, work / f"{number:02d}", results)
        found = tally(results)
        for file, counted in found.items():
            tallies[group.name, file] = counted
        say(f"{group.name}: {_summary(list(found.values()))}")
    return outcome(tallies, round(_cpu_seconds() - before))


def _run_group(group: Group, tests: Path, work: Path, results: Path) -> None:
    """pytest on the group's files; a line in `results` for each test. What it ends with is in those lines."""
    work.mkdir()
    environment = {
        "PYTHONPATH": os.pathsep.join([str(tests), str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "FINN_BUILD_DIR": str(work / "finn"),
        "FINN_TESTS_CLEANUP_BUILD_DIRS": "1",
        "OMP_NUM_THREADS": "1",
        "TRUST_RESULTS": str(results),
        "TRUST_MOST": str(group.most),
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "trust.finn_tests.plugin",
        "-p",
        "no:cacheprovider",
        "-q",
        "--tb=short",
        "--continue-on-collection-errors",
        "-c",
        "tests/pyproject.toml",
        "--rootdir",
        "tests",
        f"--finn-operators={','.join(group.ours)}",
        *group.files,
    ]
    results.touch()
    try:
        run_tool(
            "pytest",
            command,
            cwd=tests,
            log=results.with_suffix(".log"),
            limit_seconds=group.limit_seconds,
            environment=environment,
        )
    except ToolError as error:
        if error.status != 1:  # status 1: tests failed, which their lines say
            line = {"test": f"{group.files[0]}: the run", "outcome": "failed", "text": f"E {error}", "seconds": 0}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def tally(results: Path) -> dict[str, Tally]:
    """Test file -> what its lines say; a candidate without a line was not reached and failed."""
    found: dict[str, Tally] = {}
    for line in results.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = row.get("function") or row["test"]
        counted = found.setdefault(Path(name.split("::")[0]).name.removesuffix(".py"), Tally())
        if "function" in row:
            counted.cases += row["cases"]
            counted.candidates += row["candidates"]
        else:
            counted.count(row["test"], row["outcome"], row["text"])
    for name, counted in found.items():
        missing = counted.run - counted.verdicts.total()
        if missing > 0:
            counted.verdicts[FAILED] += missing
            counted.failures.append((name, f"{missing} not reached within the time limit"))
    return found


def outcome(tallies: dict[tuple[str, str], Tally], seconds: int) -> EvidenceResult:
    """The table: a row for each file, the reasons and the failures as notes."""
    rows = []
    for (group, file), counted in tallies.items():
        numbers = [counted.cases, counted.run, *(counted.verdicts[v] for v in (PASSED, NOT_APPLICABLE, FAILED))]
        rows.append((group, file.removeprefix("test_").removeprefix("fpgadataflow_"), *map(str, numbers)))
    every = list(tallies.values())
    totals = {v: sum(t.verdicts[v] for t in every) for v in (PASSED, NOT_APPLICABLE, FAILED)}
    reasons: Counter[str] = sum((t.reasons for t in every), Counter())
    notes = [
        "Of a test with many cases the first few by a hash of their names are run, not counting those that FINN skips, and one of "
        "those that are named after HLS or its C++ simulation.",
        *(f"Not applicable, {count}: {reason}." for reason, count in reasons.most_common()),
        *(f"Failed: {test}: {reason}" for t in every for test, reason in t.failures),
    ]
    ran = sum(t.run for t in every)
    headline = (
        f"Of {TESTS.replace('==', ' ')}, {ran} tests run: {totals[PASSED]} passed, {totals[NOT_APPLICABLE]} not "
        f"applicable, {totals[FAILED]} failed ({seconds // 60} min {seconds % 60} s of the processor)"
    )
    figures: dict[str, int | float | str] = {
        "cases": sum({file: t.cases for (_, file), t in tallies.items()}.values()),
        "run": ran,
        "passed": totals[PASSED],
        "not_applicable": totals[NOT_APPLICABLE],
        "failed": totals[FAILED],
        "cpu_seconds": seconds,
    }
    columns = ("group", "FINN's test file", "cases", "run", "passed", "not applicable", "failed")
    return EvidenceResult(
        totals[FAILED] == 0 and totals[PASSED] > 0, headline, columns, tuple(rows), tuple(notes), figures
    )


def _summary(tallies: Sequence[Tally]) -> str:
    counts = Counter[str]()
    for counted in tallies:
        counts += counted.verdicts
    return ", ".join(f"{counts[v]} {v}" for v in (PASSED, NOT_APPLICABLE, FAILED))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
