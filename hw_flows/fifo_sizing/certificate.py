# SPDX-License-Identifier: BSD-3-Clause
"""Evidence that depths keep the rate of FIFOs that never fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hw_flows.fifo_sizing.timing_model import FrameTiming
from hw_flows.fifo_sizing.trials import Trials

#: Frames, seeds and chance of stalls at the accelerator's input and output, each cycle.
STALL_FRAMES, SEEDS, STALL_PROBABILITY = 6, (1, 2), 0.3
#: Allowed delay of a frame under random stalls, against unlimited FIFOs: the larger of 100 cycles and 0.2 % of a frame. A
#: badly timed stall costs a fixed delay once; a lost rate would accumulate.
STALLED_CYCLES, STALLED_PART = 100, 0.002


@dataclass(frozen=True)
class Certificate:
    """Three replays, each starts at reset and is compared with unlimited FIFOs: frames at the minimum initiation interval
    until the state repeats; input always available; random stalls at the input and the output."""

    cycles_per_frame: float
    """Initiation interval of frames in the repeating state, which is the steady state: the design repeats it for ever."""
    cycles_per_frame_unlimited: float
    """The least that FIFOs of any depth allow."""
    periodic: bool
    """Whether the state repeated."""
    settled_after_frames: int
    frames: int
    unlimited_frame_ends: tuple[int, ...]
    """Cycles after reset at which frames leave with FIFOs that never fill and words always offered: the first frames may
    take longer than later ones, for then coarse levels of a U-Net are not yet busy all the time."""
    greedy_delay_cycles: int
    """With words always offered, by how much any of `frames` frames leaves later than with FIFOs that never fill."""
    stall_probability: float
    seeds: tuple[int, ...]
    stalled_delay_cycles: tuple[int, ...]
    """The same with stalls, per seed; -1 where the design stopped."""
    unchanged: bool
    """The state came back at exactly the interval of FIFOs that never fill, no replay stopped, with words always offered
    no frame is later at all, with stalls none by more than STALLED_CYCLES or STALLED_PART of a frame."""


def certify(
    trials: Trials,
    depths: Mapping[str, int],
    unlimited: Mapping[str, int],
    seeds: Sequence[int] = SEEDS,
    frames: int = STALL_FRAMES,
) -> tuple[Certificate, dict[str, int]]:
    """The certificate of `depths`, and the most words that each FIFO held in the first replay."""

    def replay(task: tuple[int, bool] | None) -> FrameTiming:
        if task is None:
            return trials.settle(depths, None)
        seed, limited = task
        stall = STALL_PROBABILITY if seed else 0.0
        built = depths if limited else unlimited
        return trials.with_model(lambda m: m.run(built, frames, stall_probability=stall, seed=seed, storage=depths))

    tasks = [(seed, limited) for seed in (0, *seeds) for limited in (True, False)]
    steady, *runs = trials.each(replay, [None, *tasks])
    greedy, *stalled = (_delay(built, never_full) for built, never_full in zip(runs[::2], runs[1::2], strict=True))
    allowed = max(STALLED_CYCLES, STALLED_PART * trials.pace)
    certificate = Certificate(
        cycles_per_frame=float(steady.cycles_per_frame or "inf"),
        cycles_per_frame_unlimited=float(trials.pace),
        periodic=steady.status == "periodic",
        settled_after_frames=len(steady.frame_start),
        frames=frames,
        unlimited_frame_ends=runs[1].frame_end,
        greedy_delay_cycles=greedy,
        stall_probability=STALL_PROBABILITY,
        seeds=tuple(seeds),
        stalled_delay_cycles=tuple(stalled),
        unchanged=steady.cycles_per_frame == trials.pace and greedy == 0 and all(0 <= d <= allowed for d in stalled),
    )
    return certificate, steady.peaks


def _delay(run: FrameTiming, reference: FrameTiming) -> int:
    if run.status != "finished":
        return -1
    return max(0, *(end - other for end, other in zip(run.frame_end, reference.frame_end, strict=True)))
