# SPDX-License-Identifier: BSD-3-Clause
"""The demo network in simulation, longer and harder than a build tries it: every stream compared, every rule checked."""

from __future__ import annotations

from pathlib import Path

from trust.part import Evidence, EvidenceResult, Say
from trust.streams.stalled import with_stalls
from trust.streams.trials import (
    StreamTrial,
    append_words,
    back_to_back,
    intervals,
    power_up,
    reset_in_a_frame,
)

FRAMES, SAMPLE_FRAMES = 100, 8
#: Frames of the design with stalls inside, which take longer.
FRAMES_INSIDE = 8
COLUMNS = (
    "the demo network",
    "runs",
    "frames",
    "cycles",
    "values compared",
    "words that differ",
    "waiting words checked",
    "rules broken",
)
DEMO = Path("build_configs/demo.yaml")


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Build the demo up to its RTL in `work`, then try it."""
    from hw_flows.build import build
    from hw_flows.config import load_config

    say("building the demo up to its RTL")
    build(load_config(DEMO, {"output_dir": work / "demo", "stop_step": "step_stitch"}))
    frames = SAMPLE_FRAMES if sample else FRAMES
    write_frames(work / "demo", work / "words", frames, say)
    return examine(work / "demo", work / "words", frames, say)


def write_frames(build_dir: Path, words: Path, frames: int, say: Say) -> None:
    """Write to `words` what every stream of a stitched build must carry, each frame an image of its own."""
    from qonnx.core.modelwrapper import ModelWrapper

    from hw_flows.accelerator import Accelerator
    from hw_flows.network.verification import expected_tensors, parent_model
    from trust.streams.images import many_images

    accelerator = Accelerator.load(build_dir / "rtl" / "accelerator.json")
    stitched = sorted((build_dir / "intermediate_models").glob("*_step_stitch.onnx"))[-1]
    model, parent = ModelWrapper(str(stitched)), parent_model(build_dir)
    pictures = many_images(frames, seed=1)
    for at in range(0, frames, 4):
        say(f"what every stream must carry: frame {at + 1} of {frames}")
        append_words(accelerator, expected_tensors(model, parent, pictures[at : at + 4])[0], words)


def examine(build_dir: Path, words: Path, frames: int, say: Say) -> EvidenceResult:
    """All trials of a stitched build on the words of `frames` frames."""
    from hw_flows.accelerator import Accelerator
    from hw_flows.memory_system import memory_system
    from hw_flows.simulate import compile_simulator

    rtl = build_dir / "rtl"
    accelerator = Accelerator.load(rtl / "accelerator.json")
    system = memory_system(accelerator, rtl)
    say("compiling the simulator")
    simulator = compile_simulator(accelerator, rtl, jobs=1, system=system)
    interval = max(instance.expected_cycles for instance in accelerator.instances)
    say(f"{frames} frames in a row")
    trials = [back_to_back(simulator, words, frames, seed=1)]
    say("stalls before every operator")
    stalled = with_stalls(accelerator, rtl, words.with_name("stalled"))
    inside = compile_simulator(stalled, words.with_name("stalled"), jobs=1, system=system, image=simulator.image)
    title = "in a row, stalled at random before every operator"
    trials.append(back_to_back(inside, words, FRAMES_INSIDE, seed=7, title=title))
    say("resets in the middle of a frame")
    resets = [round(part * interval) for part in (0.4, 1.77, 4.5)]
    trials.append(reset_in_a_frame(simulator, words, 2, resets, seed=2))
    say("random contents at power-up")
    trials.append(power_up(simulator, words, 2, seeds=(3, 4, 5)))
    return outcome(trials, [stream.name for stream in accelerator.streams], interval)


def outcome(trials: list[StreamTrial], names: list[str], interval: int) -> EvidenceResult:
    """One row a trial; what is wrong is in the notes.

    `names`: the network's streams; `interval`: cycles a frame without stalls.
    """
    streams = len(names)
    problems = [f"{trial.title}: {problem}" for trial in trials for problem in trial.problems]
    row = trials[0].results[0]
    values, mismatches = sum(t.values for t in trials), sum(t.mismatches for t in trials)
    frames = sum(t.frames for t in trials)
    compared = min(result.streams_compared for trial in trials for result in trial.results)
    steps = intervals(row)[1:]
    headline = (
        f"{row.frames} frames of the demo network in a row with random stalls and {frames - row.frames} more with stalls inside, "
        f"after resets and from other contents: {values:,} integers on {compared} of {streams} streams compared, {mismatches} "
        f"words differ; {sum(t.rule_errors for t in trials)} breaks of the AXI-Stream rules in {sum(t.waits for t in trials):,} cycles of "
        "words that wait"
    )
    still = [name for name in names if not any(r.waits[name] for trial in trials for r in trial.results)]
    problems += [f"no word ever waited on {name}, so its rules were not tried" for name in still]
    drift = (
        f"In a row, a frame follows after {steps.min():,} to {steps.max():,} cycles, {steps.mean():,.0f} on average; without "
        f"stalls it is {interval:,}."
    )
    notes = (
        *problems[:50],
        drift,
        "The rules, on every stream inside the network in every cycle: a word that is offered stays and does not change until it "
        "is taken, and none is offered in reset.",
        f"On {streams - len(still)} of {streams} streams words had to wait; stalls outside alone reach "
        f"{sum(1 for name in names if row.waits[name])}, as FIFOs take up the rest.",
        "Each image is a slice that the network was not trained on, mirrored, turned, bent and lit by the project's augmentation.",
        "Verilator has no X: contents that are not defined are random, other ones in each run; with other contents every stream "
        "has the same first and last cycles.",
    )
    figures: dict[str, int | float | str] = {
        "frames_in_a_row": row.frames,
        "frames": frames,
        "streams": streams,
        "tensors": compared,
        "values_compared": values,
        "mismatches": mismatches,
        "rule_breaks": sum(t.rule_errors for t in trials),
        "cycles": sum(result.cycles for t in trials for result in t.results),
        "cycles_per_frame_stalled": float(steps.mean()),
    }
    return EvidenceResult(
        not problems and compared == streams, headline, COLUMNS, tuple(map(_row, trials)), notes, figures
    )


def _row(trial: StreamTrial) -> tuple[str, ...]:
    numbers = (
        len(trial.results),
        trial.frames,
        sum(r.cycles for r in trial.results),
        trial.values,
        trial.mismatches,
        trial.waits,
        trial.rule_errors,
    )
    return (trial.title, *(f"{n:,}" for n in numbers))


PART = Evidence(
    "streams",
    "The whole network in simulation",
    "Every stream of the demo network keeps its words and its rules over many frames, after resets and from any power-up contents.",
    run,
)
