# SPDX-License-Identifier: BSD-3-Clause
"""The least FIFO depths, in memory, that neither stop a design nor slow its steady state.

The rate to keep is that of FIFOs that never fill (`least_interval`). A trial offers frames at that pace: either the state
at a frame's start comes back, and the design goes on like this for ever, or frames fall further and further behind.
A trial begins in the steady state of deeper FIFOs, where no word is later than it will be, so it settles within a few
frames (for the theory see Baccelli et al., Synchronization and Linearity, 1992: a dataflow design is an event graph, whose
rate never falls when a FIFO gets deeper).

Skip connections, where the memory is, come first, all other FIFOs being as deep as it takes. The others then begin at
what they hold in that steady state. Only depths at which memory gets cheaper are tried; what is built is rounded up to
what the same memory holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hw_flows.accelerator import Accelerator
from hw_flows.fifo_sizing.certificate import Certificate, certify
from hw_flows.fifo_sizing.least_interval import Bottleneck, least_interval
from hw_flows.fifo_sizing.memory_steps import LEAST_DEPTH, free_depth, memory_steps
from hw_flows.fifo_sizing.neighbours import Neighbours
from hw_flows.fifo_sizing.skips import Skip, find_skips
from hw_flows.fifo_sizing.trials import Steady, Trials
from hw_flows.machine.errors import UserError
from hw_flows.operators.fifo.rtl import fifo_luts
from hw_flows.stream_memory.worth import worth_memory

#: Frames of a stream that a FIFO that never fills holds: no replay has more.
UNLIMITED_FRAMES = 8
Say = Callable[[float, str], None]


@dataclass(frozen=True)
class Sizing:
    """Depths by FIFO instance."""

    depths: dict[str, int]
    """To build: `least`, rounded up where memory holds more at no cost."""
    in_memory: tuple[str, ...]
    """Those whose words wait in the board's memory."""
    least: dict[str, int]
    """The least depths of those at which memory gets cheaper."""
    paced: dict[str, int]
    """The most words held when no FIFO ever fills and frames are offered at the pace of the design."""
    skips: tuple[Skip, ...]
    slowest: Bottleneck
    """What sets the interval of frames with FIFOs that never fill (and with the given depths, if any)."""
    peaks: dict[str, int]
    """The most words held at `depths` from reset to the steady state."""
    trials: int
    cycles: int
    """Simulated, the certificate included."""
    seconds: float
    certificate: Certificate


def least_depths(
    accelerator: Accelerator, fixed: Mapping[str, int] | None = None, say: Say | None = None, board_memory: bool = False
) -> Sizing:
    """Search depths for all FIFOs but those in `fixed`. Raises UserError where the given depths stop the design.

    `board_memory`: skip connections may wait in the board's memory, which is taken to give a word back as soon as a FIFO in block
    memory does.
    """
    started = time.monotonic()
    say = say or (lambda done, words: None)
    say(0.0, "timing the operators on their own")
    slowest = least_interval(accelerator, fixed)
    with Trials(accelerator, slowest.cycles_per_frame, lambda words: say(0.5, words)) as trials:
        return _Search(accelerator, dict(fixed or {}), slowest, trials, say).result(started, board_memory)


class _Search:
    def __init__(
        self, accelerator: Accelerator, fixed: dict[str, int], slowest: Bottleneck, trials: Trials, say: Say
    ) -> None:
        self.accelerator = accelerator
        self.fixed = fixed
        self.slowest = slowest
        self.trials = trials
        self.say = say
        self.fifos = {i.name: i for i in accelerator.instances if i.is_fifo}
        self.words = {n: accelerator.stream(i.inputs[0].streams[0]).words for n, i in self.fifos.items()}
        self.width = {n: i.parameters["WORD_BITS"] for n, i in self.fifos.items()}
        self.skips = find_skips(accelerator)
        self.neighbours = Neighbours(accelerator, fixed, slowest.cycles_per_frame)

    def result(self, started: float, board_memory: bool) -> Sizing:
        steady = self._unlimited()
        paced = self._held(steady)
        on_skips = {f: paced[f] for s in self.skips for f in s.fifos if f not in self.fixed}
        in_memory = worth_memory(self.width, on_skips) if board_memory else {}
        self.fixed |= in_memory
        steady = Steady({**steady.depths, **in_memory}, steady.state)
        skip_fifos = [f for s in self.skips for f in s.fifos if f not in self.fixed]
        skip_fifos.sort(key=lambda f: -fifo_luts(self.width[f], paced[f]))
        held = {**paced, **in_memory}
        before = {f: held[f] for s in self.skips for f in s.before}
        steady = Steady({**steady.depths, **before}, steady.state)
        for fifo in skip_fifos:
            if smaller := self._shrink(steady, fifo, self._steps(fifo, held[fifo])):
                steady, held = smaller, self._held(smaller)
            else:
                steady = Steady({**steady.depths, fifo: held[fifo]}, steady.state)
        steady = self._begin_at(steady, held, skip_fifos)
        steady = self._shrink_all(steady, [f for f in steady.depths if f not in self.fixed and f not in skip_fifos])
        least = steady.depths
        depths = {f: d if f in self.fixed else free_depth(self.width[f], d) for f, d in least.items()}
        self.say(0.9, "replaying the depths with random stalls")
        trials = self.trials.count
        certificate, peaks = certify(self.trials, depths, {**self._never_full(), **self.fixed})
        return Sizing(
            depths=depths,
            in_memory=tuple(in_memory),
            least=least,
            paced=paced,
            skips=self.skips,
            slowest=self.slowest,
            peaks=peaks,
            trials=trials,
            cycles=self.trials.cycles,
            seconds=time.monotonic() - started,
            certificate=certificate,
        )

    # --- where the search begins --------------------------------------------------------------------------------------
    def _never_full(self) -> dict[str, int]:
        return {n: (UNLIMITED_FRAMES + self.trials.late) * words for n, words in self.words.items()}

    def _unlimited(self) -> Steady:
        depths = {**self._never_full(), **self.fixed}
        run = self.trials.settle(depths, None)
        if run.status != "periodic":
            given = f" and the given depths {self.fixed}" if self.fixed else ""
            raise UserError(
                f"with FIFOs that never fill{given} the design is {run.status} at "
                f"{float(self.slowest.cycles_per_frame):g} cycles a frame: {run.deadlock}",
                "FIFO depths",
                "give deeper FIFOs in the folding configuration, or none" if self.fixed else "",
            )
        return Steady(depths, run.state)

    def _held(self, steady: Steady) -> dict[str, int]:
        """Depths that change nothing: one more than ever held, so that no FIFO is ever full."""
        run = self.trials.settle(steady.depths, steady)
        assert run.status == "periodic"
        return {n: self.fixed.get(n, max(LEAST_DEPTH, peak + 1)) for n, peak in run.peaks.items()}

    def _begin_at(self, steady: Steady, held: Mapping[str, int], skip_fifos: Sequence[str]) -> Steady:
        """Depths as held, skip connections as they are. Storage of another kind hands words out a cycle sooner or later,
        so there may have to be some more."""
        extra = 0
        while extra < 1 << 16:
            depths = {f: d if f in self.fixed or f in skip_fifos else d + extra for f, d in held.items()}
            depths.update((f, steady.depths[f]) for f in skip_fifos)
            run = self.trials.settle(depths, steady)
            if run.status == "periodic" and run.cycles_per_frame == self.trials.pace:
                return Steady(depths, run.state)
            extra = 2 * extra or 2
        raise UserError(
            f"no FIFO depths reach {float(self.trials.pace):g} cycles a frame: the last trial ended {run.status}",
            "FIFO depths",
        )

    # --- trials -------------------------------------------------------------------------------------------------------
    def _steps(self, fifo: str, most: int) -> list[int]:
        return memory_steps(self.width[fifo], most)

    def _shrink(self, start: Steady, fifo: str, depths: Sequence[int]) -> Steady | None:
        """The least of `depths` (ascending) that keeps the rate, the last one being known to; None where no other does.

        From the top in strides that double, since most FIFOs need nearly all that they held; then by bisection.
        """
        found: dict[int, Steady | None] = {}

        def fits(i: int) -> bool:
            found[i] = self.trials.keeps(start, {fifo: depths[i]})
            return found[i] is not None

        high = len(depths) - 1
        low, stride = high - 1, 1
        while low >= 0 and fits(low):
            high, stride = low, 2 * stride
            low -= stride
        low = max(low, -1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(middle) else (middle, high)
        return found.get(high)

    def _shrink_all(self, start: Steady, fifos: Sequence[str]) -> Steady:
        """All FIFOs at their bounds, which no search can go below, where that does; else each on its own first, then as many of
        them at once as can be, then the rest one by one."""
        fifos = [f for f in fifos if len(self._steps(f, start.depths[f])) > 1]
        fifos.sort(key=lambda f: -self._saving(f, start.depths[f]))

        if not fifos:
            return start

        def least_of(fifo: str) -> int:
            return self.neighbours.least(fifo, self._steps(fifo, start.depths[fifo]), start.depths)

        bounds = dict(zip(fifos, self.trials.each(least_of, fifos), strict=True))
        if steady := self.trials.keeps(start, bounds):
            return steady

        def alone(fifo: str) -> int:
            bound = bounds[fifo]
            depths = [d for d in self._steps(fifo, start.depths[fifo]) if d >= bound]
            if len(depths) > 2 and self.trials.keeps(start, {fifo: bound}):
                return bound
            smaller = self._shrink(start, fifo, depths[1:] if len(depths) > 2 else depths)
            return (smaller or start).depths[fifo]

        least = dict(zip(fifos, self.trials.each(alone, fifos), strict=True))
        wanted = [f for f in fifos if least[f] < start.depths[f]]
        steady, rest = self._at_once(start, wanted, least)
        for fifo in rest:
            steps = [d for d in self._steps(fifo, steady.depths[fifo]) if d > least[fifo]]
            steady = self._shrink(steady, fifo, steps) or steady
        return steady

    def _at_once(
        self, start: Steady, fifos: list[str], least: Mapping[str, int], fails: bool = False
    ) -> tuple[Steady, list[str]]:
        """As many of `fifos` as can be to their `least`, all or half by half; and the rest.

        `fails`: all at once is known not to do, since all of them and others did not, and the others did.
        """
        if not fifos:
            return start, []
        if not fails and (steady := self.trials.keeps(start, {f: least[f] for f in fifos})):
            return steady, []
        if len(fifos) == 1:
            return start, fifos
        half = len(fifos) // 2
        steady, rest = self._at_once(start, fifos[:half], least)
        steady, more = self._at_once(steady, fifos[half:], least, fails=not rest)
        return steady, [*rest, *more]

    def _saving(self, fifo: str, depth: int) -> float:
        """Memory that the FIFO could lose."""
        return fifo_luts(self.width[fifo], depth) - fifo_luts(self.width[fifo], self._steps(fifo, depth)[0])
