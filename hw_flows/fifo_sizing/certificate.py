"""Evidence that depths keep the rate of FIFOs that never fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from hw_flows.fifo_sizing.timing_model import MOST_FRAMES, Timing
from hw_flows.fifo_sizing.trials import Trials

#: Frames, seeds and chance of stalls at the accelerator's input and output, each cycle.
STALL_FRAMES, SEEDS, STALL_PROBABILITY = 8, (1, 2, 3), 0.3
#: A stall at the wrong moment shifts the end of a frame by a few words.
STALLED_TOLERANCE = 0.002


@dataclass(frozen=True)
class Certificate:
    """Replays from reset: with frames offered at the least interval that FIFOs that never fill allow, until the state
    comes back; with words always offered; and with random stalls at the input and the output."""

    cycles_per_frame: float
    """Interval of frames in the state that comes back: from there the design goes on like this for ever."""
    periodic: bool
    """Whether the state came back."""
    settled_after_frames: int
    greedy_cycles_per_frame: int
    """Longest interval of the last frames out with words always offered."""
    frames: int
    stall_probability: float
    seeds: tuple[int, ...]
    stalled_cycles_per_frame: tuple[float, ...]
    """Mean interval of frames out after the first half, per seed; infinite where the design stopped."""
    unchanged: bool
    """The state came back at exactly the interval of FIFOs that never fill, no stalled run stopped, and none of its rates
    is lower by more than STALLED_TOLERANCE."""


def certify(
    trials: Trials, depths: Mapping[str, int], seeds: Sequence[int] = SEEDS, frames: int = STALL_FRAMES
) -> tuple[Certificate, dict[str, int]]:
    """The certificate of `depths`, and the most words that each FIFO held in the first replay."""
    interval = trials.pace

    def replay(seed: int | None) -> Timing:
        if seed is None:
            return trials.settle(depths, None, MOST_FRAMES)
        stall = STALL_PROBABILITY if seed else 0.0
        return trials.with_model(lambda m: m.run(depths, frames, stall_probability=stall, seed=seed))

    steady, greedy, *stalled = trials.each(replay, [None, 0, *seeds])
    rates = tuple(_late_mean(run) for run in stalled)
    exact = steady.status == "periodic" and steady.cycles_per_frame == interval
    certificate = Certificate(
        cycles_per_frame=float(steady.cycles_per_frame or "inf"),
        periodic=steady.status == "periodic",
        settled_after_frames=len(steady.frame_start),
        greedy_cycles_per_frame=max(_intervals(greedy), default=0),
        frames=frames,
        stall_probability=STALL_PROBABILITY,
        seeds=tuple(seeds),
        stalled_cycles_per_frame=rates,
        unchanged=exact and all(rate <= interval * Fraction(1 + STALLED_TOLERANCE) for rate in rates),
    )
    return certificate, steady.peaks


def _intervals(run: Timing) -> list[int]:
    """Between the ends of the second half of the frames."""
    ends = run.frame_end[len(run.frame_end) // 2 :]
    return [later - earlier for earlier, later in pairwise(ends)] if run.status == "finished" else []


def _late_mean(run: Timing) -> float:
    intervals = _intervals(run)
    return sum(intervals) / len(intervals) if intervals else float("inf")
