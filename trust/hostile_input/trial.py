# SPDX-License-Identifier: BSD-3-Clause
"""The part: all bad inputs (or a sample), a table of what came of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hw_flows.network.file import MOST_ELEMENTS
from quantunet.config import MOST_WEIGHTS
from quantunet.data.pictures import MOST_PIXELS
from quantunet.data.volume_files import MOST_VOXELS
from quantunet_common.messages import printable
from trust.hostile_input.case import CPU_SECONDS, MEMORY_BOUND, BadInput, InputResult, InputVerdict
from trust.hostile_input.kinds import (
    additions,
    arrays,
    bitstreams,
    build_folders,
    checkpoints,
    command_line,
    comparisons,
    dicom,
    experiments,
    networks,
    pictures,
    settings,
    starts,
    trainings,
    volumes,
)
from trust.hostile_input.pool import pool
from trust.hostile_input.seeds import Seeds, make_seeds
from trust.part import EvidenceResult, Say

#: Of each kind, in a sample.
SAMPLED = 4
_MODULES = (
    command_line,
    build_folders,
    settings,
    trainings,
    starts,
    experiments,
    arrays,
    pictures,
    volumes,
    dicom,
    checkpoints,
    networks,
    bitstreams,
    comparisons,
    additions,
)


def every_case(seeds: Seeds) -> list[BadInput]:
    """All bad inputs, the same every time."""
    return [case for module in _MODULES for case in module.cases(seeds)]


def sampled(cases: list[BadInput], count: int = SAMPLED) -> list[BadInput]:
    """`count` of each kind, spread over it."""
    kinds: dict[str, list[BadInput]] = {}
    for case in cases:
        kinds.setdefault(case.kind, []).append(case)
    return [found[int((i + 0.5) * len(found) / count)] for found in kinds.values() for i in range(count)]


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Try every bad input in `work`; the folders of those that came out badly stay there."""
    return run_on(make_seeds(work / "seeds"), work, sample, say)


def run_on(seeds: Seeds, work: Path, sample: bool, say: Say) -> EvidenceResult:
    """The same with sound files that are there."""
    cases = sampled(every_case(seeds)) if sample else every_case(seeds)
    say(f"{len(cases)} bad inputs")
    results = try_all(cases, work / "cases", say)
    if not sample:
        say("a network of hostile names is built whole")
        results += _whole_builds(seeds, work, say)
    return outcome_of(results)


def try_all(cases: list[BadInput], work: Path, say: Say) -> list[InputResult]:
    """The cases one after another, in folders below `work`."""
    results = []
    with pool(work) as running:
        for number, case in enumerate(cases, 1):
            results.append(running.run(case))
            _tell(results[-1], say)
            if number % 100 == 0:
                say(f"{number} of {len(cases)} tried")
    return results


def _whole_builds(seeds: Seeds, work: Path, say: Say) -> list[InputResult]:
    from tests.hw_flows.amd.mocks import install
    from trust.hostile_input.names import try_names

    install(work / "programs")
    with pool(work / "names", work / "programs") as running:
        results = try_names(seeds.network, seeds.images, running)
    for result in results:
        _tell(result, say)
    return results


def _tell(result: InputResult, say: Say) -> None:
    case = result.case
    if not result.verdict.good:
        say(f"{result.verdict.name}: {case.program}, {case.kind}, {case.name}: {printable(result.why)}")


def outcome_of(results: list[InputResult]) -> EvidenceResult:
    """The table, one row a kind of input."""
    bad = [result for result in results if not result.verdict.good]
    kinds: dict[str, list[InputResult]] = {}
    for result in results:
        kinds.setdefault(result.case.kind, []).append(result)
    rows = [_row(kind, found) for kind, found in kinds.items()]
    counts = Counter(result.verdict for result in results)
    memory = max(result.memory for result in results) / 2**20
    seconds = max(result.seconds for result in results)
    refused, accepted = counts[InputVerdict.REFUSED], counts[InputVerdict.ACCEPTED]
    headline = (
        f"{len(results):,} bad inputs through the commands: {refused:,} refused with a clear message, {accepted:,} "
        f"harmless and accepted, {counts[InputVerdict.TRACEBACK]} tracebacks or crashes, {counts[InputVerdict.HANG]} hangs, "
        f"{counts[InputVerdict.MEMORY]} beyond the memory bound, {counts[InputVerdict.EXECUTED]} executed anything, "
        f"{counts[InputVerdict.ESCAPED]} got out of their folder, {counts[InputVerdict.GARBLED]} garbled messages"
    )
    notes = [
        f"The largest peak was {memory:,.0f} MiB beyond the started program (bound: {MEMORY_BOUND // 2**20:,} MiB), the "
        f"longest case took {seconds:.0f} s of the processor (bound: {CPU_SECONDS} s).",
        "Each input goes to the installed command's own function in a forked process with bounded address space. Audit "
        "hooks (PEP 578) see whatever Python imports, unpickles, starts, connects to or writes outside of the output "
        "and temporary folders; payloads leave a canary where they run; a secret beside the folder must not be copied.",
        f"Bounds of the programs themselves: {MOST_PIXELS:,} pixels of a picture, {MOST_VOXELS:,} voxels of a volume, "
        f"{MOST_WEIGHTS:,} weights of a network, {MOST_ELEMENTS:,} elements of a tensor; what is sound may take the "
        "memory that it needs.",
        "A finished build folder given to qu-sim is trusted like a program: its RTL is compiled and run.",
        *(f"{r.verdict.value}: {r.case.program}, {r.case.kind}, {r.case.name}: {printable(r.why)}" for r in bad[:20]),
    ]
    figures: dict[str, int | float | str] = {
        "tried": len(results),
        "peak_mib": round(memory),
        "seconds": round(seconds),
    }
    figures.update({verdict.value: counts[verdict] for verdict in InputVerdict})
    return EvidenceResult(not bad, headline, _COLUMNS, tuple(rows), tuple(notes), figures)


_COLUMNS = (
    "input",
    "commands",
    "tried",
    "refused",
    "accepted",
    "traceback",
    "hang",
    "memory",
    "executed",
    "escaped",
    "garbled",
)
_SHOWN = (
    InputVerdict.REFUSED,
    InputVerdict.ACCEPTED,
    InputVerdict.TRACEBACK,
    InputVerdict.HANG,
    InputVerdict.MEMORY,
    InputVerdict.EXECUTED,
    InputVerdict.ESCAPED,
    InputVerdict.GARBLED,
)


def _row(kind: str, found: list[InputResult]) -> tuple[str, ...]:
    counts = Counter(result.verdict for result in found)
    programs = ", ".join(sorted({f"{result.case.program} {result.case.attacked}".strip() for result in found}))
    return (kind, programs, str(len(found)), *(str(counts[verdict]) for verdict in _SHOWN))
