# SPDX-License-Identifier: BSD-3-Clause
"""The trials together, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hw_flows.build.state import load_state
from trust.machine_faults.at_once import one_cache, one_folder
from trust.machine_faults.bad_tools import TOOLS, WAYS, bad_tools
from trust.machine_faults.clock import backwards
from trust.machine_faults.damage import ENTRIES, RESULTS, damaged_cache, damaged_results
from trust.machine_faults.damage import WAYS as DAMAGES
from trust.machine_faults.full_disk import full_disk, mounts_allowed
from trust.machine_faults.kills import Moment, boundaries, in_mid_step, kill_everywhere, usual_seconds
from trust.machine_faults.trial import FaultBench, FaultTrial, judge
from trust.part import Evidence, EvidenceResult, Say
from trust.tiny import TinyBuild, write_network

SEEDS = (1, 2)
#: Those that run tools, which takes its time where the cache is empty.
LONG_STEPS = ("step_set_fifo_depths", "step_verify", "step_synthesize", "step_simulate_synthesized")
SAMPLE_LAST = "step_stitch"
DISK_SHARES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9)
WHOLE_DISK_SHARES = (0.2, 0.6)
NOTES = (
    "the network is a QuantU-Net of one pooling for images of 8x8; every build runs as a process of its own",
    "same: every file of rtl/, report/, intermediate_models/, verification/, synthesis/ and final_hw_config.json, byte for "
    "byte; of the reports all but durations, `status` done or kept, and `from_cache`",
    "every second kill leaves running the tools that the build has started, as if only it was killed; the others take them "
    "along, as a power cut does. What a power cut does to files that were not yet on the disk is tried as damaged results",
    "scratch files in the system's folder for temporary files stay after a kill: they are the system's to remove",
    "files from the future stand for a clock that was set back between runs; within a run only Python's own clock falls",
)


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """All trials, or the sample: three kills, one damaged entry and one tool that hangs, up to the stitched RTL."""
    options = ("--flow", "none", *(("--stop-step", SAMPLE_LAST) if sample else ()))
    whole = TinyBuild(write_network(work), work / "whole" / "build", work / "whole" / "cache", options)
    cold = whole.run(work / "logs" / "whole.log")
    if cold.status != 0:
        return EvidenceResult(False, f"the build fails even without a fault: {cold.last_words}")
    bench = FaultBench(whole, usual_seconds(whole.output), work)
    trials = list(_sample(bench, say) if sample else _all(bench, say))
    return outcome(trials)


def _sample(bench: FaultBench, say: Say) -> Iterator[FaultTrial]:
    lower = Moment("step_lower", 0.3 * bench.seconds["step_lower"])
    moments = [Moment("step_qonnx_to_finn"), lower, Moment("step_generate_rtl")]
    yield from kills(bench, "sample", moments, say)
    yield from bad_tools(bench, ["g++ (timing model)"], ["hangs"], say, recover=False)
    yield from damaged_cache(bench, ["timing"], ["cut in half"], say)


def _all(bench: FaultBench, say: Say) -> Iterator[FaultTrial]:
    steps = [record.name for record in load_state(bench.whole.output).steps]
    cold = replace(bench, seconds=usual_seconds(bench.whole.output))
    warm = replace(bench.whole, output=bench.work / "warm" / "build")
    yield judge(bench, "no fault", "with a filled cache", warm, "warm")
    bench = replace(bench, seconds=usual_seconds(warm.output))
    yield from kills(bench, "boundaries", boundaries(steps), say)
    yield from damaged_results(bench, RESULTS, say)
    yield from one_folder(bench, say)
    yield from bad_tools(bench, list(TOOLS), list(WAYS), say)
    if mounts_allowed():
        yield from full_disk(bench, DISK_SHARES, say, cache_too=False)
    yield from kills(bench, f"mid-step {SEEDS[0]}", in_mid_step(bench.seconds, SEEDS[0]), say)
    yield from damaged_cache(bench, list(ENTRIES), list(DAMAGES), say)
    yield from backwards(bench, say)
    yield from one_cache(bench, say)
    long = {name: cold.seconds[name] for name in LONG_STEPS}
    empty = replace(bench, whole=replace(bench.whole, cache=bench.work / "killed_cache"))
    yield from kills(empty, "while tools run, cache empty", in_mid_step(long, SEEDS[0]), say, whole=bench)
    yield from kills(bench, f"mid-step {SEEDS[1]}", in_mid_step(bench.seconds, SEEDS[1]), say)
    if mounts_allowed():
        yield from full_disk(bench, WHOLE_DISK_SHARES, say, cache_too=True)


def kills(
    bench: FaultBench, name: str, moments: list[Moment], say: Say, whole: FaultBench | None = None
) -> Iterator[FaultTrial]:
    """One build killed at each moment and started again after each; then its results against the whole build's."""
    build = replace(bench.whole, output=bench.work / name.replace(" ", "_") / "build")
    hit = kill_everywhere(build, moments, bench.log(f"kills {name}"), say)
    end = judge(whole or bench, f"killed, {name}", f"{len(hit)} kills of one build", build, f"kills {name} end")
    say(f"{end.fault}: {end.outcome}")
    for moment in hit:
        yield FaultTrial(f"killed, {name}", str(moment), end.outcome, end.held)


def outcome(trials: list[FaultTrial]) -> EvidenceResult:
    """What the page shows: kinds of faults with the number of trials, then every trial that did not hold."""
    kinds: dict[str, list[FaultTrial]] = {}
    for trial in trials:
        kinds.setdefault(trial.kind, []).append(trial)
    killed = [trial for trial in trials if trial.kind.startswith("killed")]
    rows = [
        (kind, str(len(group)), str(sum(trial.held for trial in group)), _outcomes(group))
        for kind, group in kinds.items()
    ]
    failed = [f"{trial.kind}: {trial.fault}: {trial.outcome}" for trial in trials if not trial.held]
    held = sum(trial.held for trial in trials)
    survived = sum(trial.held for trial in killed)
    return EvidenceResult(
        holds=held == len(trials),
        headline=f"{survived} of {len(killed)} kills survived with the same results, byte for byte; "
        f"{held - survived} of {len(trials) - len(killed)} other faults end either in identical results or in one clear error message",
        columns=("fault", "trials", "held", "what came of it"),
        rows=tuple(rows),
        notes=(*NOTES, *(f"did not hold: {text}" for text in failed)),
        figures={"kills": len(killed), "kills_survived": survived, "faults": len(trials), "held": held},
    )


def _outcomes(group: list[FaultTrial]) -> str:
    """The different outcomes of a kind of fault, the most frequent first."""
    counts: dict[str, int] = {}
    for trial in group:
        short = trial.outcome.partition(": ")[0] if trial.outcome.startswith("status 2") else trial.outcome
        counts[short] = counts.get(short, 0) + 1
    common = sorted(counts.items(), key=lambda item: -item[1])
    return "; ".join(f"{number} times {words}" if number > 1 else words for words, number in common[:6])


PART = Evidence(
    name="machine_faults",
    title="Faults of the machine",
    claim="Whatever happens to the machine, a build ends with the same results or with one message that says what to do.",
    run=run,
)
