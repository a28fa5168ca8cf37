# SPDX-License-Identifier: BSD-3-Clause
"""Runs of a whole accelerator in which every stream is compared and held to the rules of AXI-Stream in every cycle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.simulate import RunOptions, SimulationResult, Simulator
from hw_flows.simulate.board_memory import ZYNQ_HP
from hw_flows.simulate.run import run_words, write_words

STALL = 0.3


@dataclass(frozen=True)
class StreamTrial:
    """One kind of run. `problems` is empty where all came out as it should."""

    title: str
    results: tuple[SimulationResult, ...]
    problems: tuple[str, ...]

    @property
    def frames(self) -> int:
        """Whole frames at the end of its runs; those that a reset cut short are not counted."""
        return sum(result.frames for result in self.results)

    @property
    def values(self) -> int:
        return sum(result.values_compared for result in self.results)

    @property
    def mismatches(self) -> int:
        return sum(result.mismatched_words for result in self.results)

    @property
    def rule_errors(self) -> int:
        return sum(sum(result.protocol_errors.values()) for result in self.results)

    @property
    def waits(self) -> int:
        """Cycles in which the word on a stream waited, over all streams: in each the rules were checked."""
        return sum(sum(result.waits.values()) for result in self.results)


def append_words(accelerator: Accelerator, tensors: Mapping[str, np.ndarray], folder: Path) -> None:
    """Add frames to the words of every stream in `folder`: all frames at once would not fit in memory."""
    part = folder / "part"
    write_words(accelerator, tensors, part)
    weights = {f"{stream.name}.bin" for stream in accelerator.streams if accelerator.block_words(stream)}
    for file in part.iterdir():
        if file.name in weights:  # the same for all frames
            shutil.copyfile(file, folder / file.name)
            continue
        with (folder / file.name).open("ab") as whole:
            whole.write(file.read_bytes())
    shutil.rmtree(part)


def intervals(result: SimulationResult) -> np.ndarray:
    """Cycles from the end of each frame to the end of the next."""
    return np.diff(np.array(result.frame_end, np.int64))


def back_to_back(
    simulator: Simulator, words: Path, frames: int, seed: int, title: str = "in a row, stalled at random outside"
) -> StreamTrial:
    """Frames in a row, inputs and outputs stalled at random; the last frames take as long as the first.

    Random stalls move single frames, so means of quarters of the run are compared, without the first frame, which fills the
    pipeline: they may differ by a hundredth and four standard deviations of the mean.
    """
    options = RunOptions(stall_probability=STALL, seed=seed, check_protocol=True)
    result = run_words(simulator, words, frames, options)
    return StreamTrial(title, (result,), (*wrong(result), *drift(result)))


def drift(result: SimulationResult) -> list[str]:
    """Whether the last frames of a run take another time than the first ones; nothing for a few frames."""
    steps = intervals(result)[1:]
    if not result.finished or len(steps) < 6:
        return []
    quarter = max(1, len(steps) // 4)
    first, last = steps[:quarter].mean(), steps[-quarter:].mean()
    if abs(last - first) <= 0.01 * first + 4 * steps.std() / np.sqrt(quarter):
        return []
    return [f"frames drift: {first:,.0f} cycles a frame at first, {last:,.0f} in the end"]


def reset_in_a_frame(simulator: Simulator, words: Path, frames: int, resets: Sequence[int], seed: int) -> StreamTrial:
    """Reset while frames are under way, at the cycles given, then whole frames again."""
    results, problems = [], []
    for cycle in resets:
        options = RunOptions(stall_probability=STALL, seed=seed, check_protocol=True, reset_at=(cycle,))
        result = run_words(simulator, words, frames, options)
        results.append(result)
        problems += [f"reset at cycle {cycle:,}: {problem}" for problem in wrong(result)]
    return StreamTrial("after a reset in the middle of a frame, stalled", tuple(results), tuple(problems))


def power_up(simulator: Simulator, words: Path, frames: int, seeds: Sequence[int]) -> StreamTrial:
    """Registers and memories start with other random contents for each seed; every run is the same in every cycle. The memory that
    weights may come from answers always as fast."""
    memory = replace(ZYNQ_HP, jitter=0.0)
    results, problems = [], []
    for seed in seeds:
        result = run_words(simulator, words, frames, RunOptions(seed=seed, check_protocol=True, memory=memory))
        results.append(result)
        problems += [f"contents {seed}: {problem}" for problem in wrong(result)]
        if result.spans != results[0].spans:
            problems.append(f"contents {seed}: words come in other cycles than with contents {seeds[0]}")
    return StreamTrial("with random contents of all registers and memories", tuple(results), tuple(problems))


def wrong(result: SimulationResult) -> list[str]:
    """What is wrong with a run, a line each."""
    found = [result.memory.complaint] if result.memory and result.memory.complaint else []
    found += [str(result.deadlock)] if result.deadlock else []
    found += map(str, result.mismatches)
    found += [f"stream without whole frames: {name}" for name in result.incomplete]
    found += [f"the rules of AXI-Stream are broken {n} times on {name}" for name, n in result.protocol_errors.items()]
    return found if result.finished or found else ["the run does not finish"]
