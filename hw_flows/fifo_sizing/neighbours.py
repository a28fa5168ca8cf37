# SPDX-License-Identifier: BSD-3-Clause
"""A bound on a FIFO's depth from the operators around it, at a small part of the cost of a trial of the whole design.

A part of a design, offered words at the pace and never held up, is never slower than the whole. So depths at which it
does not keep the pace need no trial.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction

from hw_flows.accelerator import Accelerator
from hw_flows.fifo_sizing.least_interval import alone, parts_between
from hw_flows.fifo_sizing.timing_model import TimingModel

#: Parts between FIFOs, to each side of a FIFO, that are run with it.
DISTANCE = 3
#: Frames within which a few operators settle.
FRAMES = 8


class Neighbours:
    """Parts of a design around its FIFOs. `fixed`: FIFO depths that are given; `pace`: cycles per frame."""

    def __init__(self, accelerator: Accelerator, fixed: Mapping[str, int], pace: Fraction) -> None:
        self._accelerator = accelerator
        self._pace = pace
        streams = {s.name: s for s in accelerator.streams}
        part = {name: tuple(names) for names in parts_between(accelerator, fixed) for name in names}
        self._ends = {
            i.name: tuple(
                part[end]
                for end in (
                    streams[i.inputs[0].streams[0]].source.instance,
                    streams[i.outputs[0].streams[0]].sink.instance,
                )
                if end
            )
            for i in accelerator.instances
            if i.is_fifo and i.name not in fixed
        }

    def least(self, fifo: str, depths: Sequence[int], others: Mapping[str, int]) -> int:
        """The least of `depths` (ascending) at which the neighbours keep the pace, with `others` the depths of FIFOs
        between them; the last one if none does."""
        names = self._around(fifo)
        model = TimingModel(alone(self._accelerator, names))
        between = {name: others[name] for name in model.fifos}

        def keeps(depth: int) -> bool:
            run = model.steady({**between, fifo: depth}, pace=self._pace, frames=FRAMES)
            return run.cycles_per_frame == self._pace

        return depths[bisect_left(depths[:-1], True, key=keeps)]

    def _around(self, fifo: str) -> set[str]:
        parts = set(self._ends[fifo])
        for _ in range(DISTANCE - 1):
            parts |= {end for ends in self._ends.values() if parts & set(ends) for end in ends}
        names = {name for part in parts for name in part}
        return names | {name for name, ends in self._ends.items() if len(ends) == 2 and parts.issuperset(ends)} | {fifo}
