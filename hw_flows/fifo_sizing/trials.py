# SPDX-License-Identifier: BSD-3-Clause
"""Runs of one design at one pace, two at once, each from a steady state at other depths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from queue import SimpleQueue
from threading import Lock
from typing import Self, TypeVar

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.fifo_sizing.timing_model import MOST_FRAMES, FrameTiming, TimingModel

#: Frames within which a trial settles, or else counts as too slow. Those that keep the pace take up to five.
TRIAL_FRAMES = 10
#: Frames by which a unit that works on blocks of rows may be behind, at most: while a block comes, and while it is worked on.
FRAMES_OF_A_BLOCK = 2
#: Runs at once, each in a thread: the model runs outside of Python's lock.
THREADS = 2
Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Steady:
    """Depths by FIFO that keep the pace, and the state that comes back there."""

    depths: dict[str, int]
    state: np.ndarray


class Trials(AbstractContextManager["Trials"]):
    """The design's timing models. Results do not depend on how many runs there are at once."""

    def __init__(self, accelerator: Accelerator, pace: Fraction, say: Callable[[str], None]) -> None:
        self.pace = pace
        self.late = FRAMES_OF_A_BLOCK * len(accelerator.memory)
        """Frames by which the end of the design may be behind its begin, beside what levels of images take."""
        self.count = self.cycles = 0
        self._say = say
        self._lock = Lock()
        self._models: SimpleQueue[TimingModel] = SimpleQueue()
        for _ in range(THREADS):
            self._models.put(TimingModel(accelerator))
        self._pool = ThreadPoolExecutor(THREADS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def with_model(self, function: Callable[[TimingModel], FrameTiming]) -> FrameTiming:
        """A run of any kind; counts."""
        model = self._models.get()
        try:
            timing = function(model)
        finally:
            self._models.put(model)
        with self._lock:
            self.count += 1
            self.cycles += timing.cycles
        return timing

    def settle(self, depths: Mapping[str, int], start: Steady | None) -> FrameTiming:
        """Run at the pace from the state of `start`, or from reset, until the state repeats."""
        state = None if start is None else start.state
        frames = MOST_FRAMES + self.late
        return self.with_model(lambda m: m.steady(depths, pace=self.pace, state=state, frames=frames))

    def keeps(self, start: Steady, changes: Mapping[str, int]) -> Steady | None:
        """The steady state with these changes of depths; None where they do not keep the pace."""
        with self._lock:
            self._say(f"trial {self.count + 1}: {next(iter(changes))}")
        depths = {**start.depths, **changes}
        run = self.with_model(
            lambda m: m.steady(depths, pace=self.pace, state=start.state, give_up=True, frames=TRIAL_FRAMES)
        )
        return Steady(depths, run.state) if run.status == "periodic" and run.cycles_per_frame == self.pace else None

    def each(self, function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
        """`function` of every item, two at once, in the order of the items. It must not call `each` itself."""
        return list(self._pool.map(function, items))
