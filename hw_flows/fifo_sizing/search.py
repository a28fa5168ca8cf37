"""The least FIFO depths, in memory, that neither stop a design nor slow its steady state.

Throughput never falls when a FIFO gets deeper (a dataflow design is a marked graph: Baccelli et al., Synchronization
and Linearity, 1992), so each FIFO's depth can be bisected with the others held. The start is depths with which no word
ever waits: the occupancy of FIFOs that never fill, the input paced to the steady rate. Skip connections, where the
memory is, go first to their least step of memory that keeps the rate, then the others, many at once where that holds.
Last, skip connections are bisected to the word. What is built is rounded up to what the same memory holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hw_flows.accelerator import Accelerator
from hw_flows.errors import UserError
from hw_flows.fifo_sizing.skips import Skip, find_skips
from hw_flows.fifo_sizing.timing_model import MOST_FRAMES, Timing, TimingModel
from hw_flows.operators.fifo.rtl import fifo_cost, fifo_style
from hw_flows.operators.memory import LUTS_PER_RAMB18

LEAST_DEPTH = 2
#: Frames for the steady rate with FIFOs that never fill: past the latency, for coarse levels work some frames behind.
FRAMES = 6
#: Memory, in LUTs, below which no other depth is tried.
WORTH_A_TRIAL = 16
#: Simulated cycles after which the search takes what it has: some 40 s of one core.
SEARCH_CYCLES = 60_000_000
Say = Callable[[float, str], None]


@dataclass(frozen=True)
class Certificate:
    """Evidence for a set of depths: a steady state that comes back exactly, and runs with random stalls."""

    cycles_per_frame: float
    """Exact interval of frames: from this state the design goes on like this for ever."""
    settled_after_frames: int
    frames: int
    stall_probability: float
    seeds: tuple[int, ...]
    stalled_cycles_per_frame: tuple[float, ...]
    periodic: bool
    """Whether the state came back; if not, the rate is that of the last DRIFTING_FRAMES frames."""
    unchanged: bool
    """Neither the steady interval nor that of a stalled run is longer, by more than STALLED_TOLERANCE, than that of FIFOs
    that never fill."""


@dataclass(frozen=True)
class Sizing:
    """Depths by FIFO instance."""

    depths: dict[str, int]
    """To build: `least`, rounded up where memory holds more at no cost."""
    least: dict[str, int]
    paced: dict[str, int]
    """Where the search began: the most words held when no FIFO ever fills and the input is paced."""
    skips: tuple[Skip, ...]
    cycles_per_frame: int
    """Steady interval of frames with FIFOs that never fill (and with the given depths, if any)."""
    peaks: dict[str, int]
    """The most words held in the steady state at `depths`."""
    trials: int
    certificate: Certificate


#: Frames, seeds and chance of the certificate's stalls at the accelerator's input and output, each cycle.
STALL_FRAMES, SEEDS, STALL_PROBABILITY = 8, (1, 2, 3), 0.3
#: Frames by which the rate is judged where the state does not come back: an operator that is a few cycles a frame
#: slower than those before it fills the FIFO between them for hundreds of frames.
DRIFTING_FRAMES = 8
#: A stall at the wrong moment shifts the end of a frame by a few words.
STALLED_TOLERANCE = 0.002


def least_depths(accelerator: Accelerator, fixed: Mapping[str, int] | None = None, say: Say | None = None) -> Sizing:
    """Search depths for all FIFOs but those in `fixed`. Raises UserError where the given depths stop the design."""
    search = _Search(accelerator, dict(fixed or {}), say or (lambda done, words: None))
    return search.result()


def memory(width: int, depth: int) -> float:
    """Cost of a FIFO as LUTs: block memory at the rate at which it replaces LUTs, registers at a quarter of one."""
    cost = fifo_cost(width, depth, fifo_style(width, depth))
    return cost.lut + cost.lutram + 2 * LUTS_PER_RAMB18 * cost.bram36 + cost.ff / 4


def free_depth(width: int, depth: int) -> int:
    """The largest depth that takes not one LUT or block more than `depth`."""
    cost = fifo_cost(width, depth, fifo_style(width, depth))

    def same(candidate: int) -> bool:
        other = fifo_cost(width, candidate, fifo_style(width, candidate))
        return other.lut + other.lutram <= cost.lut + cost.lutram and other.bram36 <= cost.bram36

    step = 1
    while same(depth + step):
        step *= 2
    low, high = depth, depth + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if same(middle) else (low, middle)
    return low


def memory_steps(width: int, most: int) -> list[int]:
    """Ascending depths up to `most`: the largest of each step of memory that saves WORTH_A_TRIAL against the next."""
    steps = []
    depth = LEAST_DEPTH
    while depth < most:
        depth = min(free_depth(width, depth), most)
        steps.append(depth)
        depth += 1
    steps = steps or [most]
    if steps[-1] != most:
        steps.append(most)
    kept: list[int] = []
    for step in reversed(steps):
        if not kept or memory(width, step) <= memory(width, kept[-1]) - WORTH_A_TRIAL:
            kept.append(step)
    return kept[::-1]


class _Search:
    def __init__(self, accelerator: Accelerator, fixed: dict[str, int], say: Say) -> None:
        self.model = TimingModel(accelerator)
        self.accelerator = accelerator
        self.fixed = fixed
        self.say = say
        self.trials = self.spent = 0
        self.drifts = False
        self.width = {n: i.parameters["WIDTH"] for n, i in self.model.fifos.items()}

    def result(self) -> Sizing:
        self.say(0.0, "timing the design with FIFOs that never fill")
        self.interval = self._unlimited_interval()
        paced = self._paced()
        self.depths = dict(paced)
        self._settle()
        skips = find_skips(self.accelerator)
        skip_fifos = [f for s in skips for f in s.fifos if f not in self.fixed]
        skip_fifos.sort(key=lambda f: -memory(self.width[f], self.depths[f]))
        for fifo in skip_fifos:
            self._shrink(fifo, self._steps(fifo))
            self.depths[fifo] = free_depth(self.width[fifo], self.depths[fifo])
        others = [f for f in self.depths if f not in self.fixed and f not in skip_fifos and len(self._steps(f)) > 1]
        # What stands beside an operator that works all the time needs its words; the rest goes down together.
        others.sort(key=self._load)
        needed = self._to_least(others)
        for fifo in sorted(needed, key=lambda f: -self._saving(f)):
            self._shrink(fifo, self._steps(fifo)[1:])
        for fifo in skip_fifos:
            self._shrink(fifo, range(LEAST_DEPTH, min(paced[fifo], self.depths[fifo]) + 1), reach=self.depths[fifo])
        least = dict(self.depths)
        self.depths = {f: d if f in self.fixed else free_depth(self.width[f], d) for f, d in least.items()}
        self.say(0.95, "replaying the depths with random stalls")
        certificate, peaks = certify(self.model, self.depths, self.interval)
        return Sizing(dict(self.depths), least, paced, skips, self.interval, peaks, self.trials, certificate)

    # --- where the search begins --------------------------------------------------------------------------------------
    def _unlimited(self) -> dict[str, int]:
        words = {n: self.accelerator.stream(i.inputs[0].streams[0]).words for n, i in self.model.fifos.items()}
        return {n: self.fixed.get(n, FRAMES * words[n]) for n in words}

    def _unlimited_interval(self) -> int:
        run = self.model.run(self._unlimited(), FRAMES)
        if run.deadlock is not None:
            given = f" and the given depths {self.fixed}" if self.fixed else ""
            raise UserError(
                f"the design stops with FIFOs that never fill{given}: {run.deadlock}", "FIFO depths",
                "give deeper FIFOs in the folding configuration, or none" if self.fixed else "",
            )  # fmt: skip
        return max(run.frame_end[-1] - run.frame_end[-2], 1)

    def _paced(self) -> dict[str, int]:
        run = self.model.run(self._unlimited(), FRAMES, frame_interval=self.interval)
        return {n: self.fixed.get(n, max(LEAST_DEPTH, peak)) for n, peak in run.peaks.items()}

    def _settle(self) -> None:
        """Make sure that the search begins at depths that keep the rate, and keep their steady state."""
        for _ in range(8):
            run = self.model.steady(self.depths, keep=True)
            self.trials += 1
            if run.cycles_per_frame is not None and run.cycles_per_frame <= self.interval:
                return
            if (interval := _late_interval(run)) is not None and interval <= self.interval:
                self.drifts, self.interval = True, interval
                return
            self.depths = {f: d if f in self.fixed else 2 * d for f, d in self.depths.items()}
        raise UserError(
            f"no FIFO depths reach {self.interval} cycles a frame: the last trial ended {run.status}", "FIFO depths"
        )

    # --- trials -------------------------------------------------------------------------------------------------------
    def _try(self, changes: Mapping[str, int]) -> bool:
        """Whether the steady state is as fast as ever with these changes; starts from a steady state that is.

        False, whatever they are, once the cycles of the search are spent.
        """
        if self.spent > SEARCH_CYCLES:
            return False
        self.trials += 1
        self.say(min(0.9, self.spent / SEARCH_CYCLES), f"{next(iter(changes))} (trial {self.trials})")
        frames = DRIFTING_FRAMES if self.drifts else MOST_FRAMES
        run = self.model.steady({**self.depths, **changes}, slower_than=self.interval, resume=True, frames=frames)
        self.spent += run.cycles
        if self.drifts and run.status == "unsettled":
            return True  # none of its frames but one in four was slower
        return run.status == "periodic" and run.cycles_per_frame is not None and run.cycles_per_frame <= self.interval

    def _saving(self, fifo: str) -> float:
        """Memory that the FIFO could lose."""
        return memory(self.width[fifo], self.depths[fifo]) - memory(self.width[fifo], self._steps(fifo)[0])

    def _steps(self, fifo: str) -> list[int]:
        return memory_steps(self.width[fifo], self.depths[fifo])

    def _shrink(self, fifo: str, depths: Sequence[int], reach: int | None = None) -> None:
        """The least of `depths` (ascending) that keeps the rate. The last one does, or else `reach`, the present depth.

        From the top in strides that double, since most FIFOs need nearly all that they held; then by bisection.
        """
        tried: dict[int, bool] = {}

        def fits(i: int) -> bool:
            if i not in tried:
                tried[i] = self._try({fifo: depths[i]})
            return tried[i]

        high = len(depths) - 1
        if reach is not None and depths[high] < reach and not fits(high):
            return
        low, stride = high - 1, 1
        while low >= 0 and fits(low):
            high, stride = low, 2 * stride
            low -= stride
        low = max(low, -1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(middle) else (middle, high)
        self.depths[fifo] = depths[high]

    def _to_least(self, fifos: list[str], fails: bool = False) -> list[str]:
        """Take as many of `fifos` as can be to their first step of memory, at once or half by half; return the rest.

        `fails`: all at once is known not to do, since all of them and others did not, and the others did.
        """
        if not fifos:
            return []
        changes = {f: self._steps(f)[0] for f in fifos}
        if not fails and self._try(changes):
            self.depths.update(changes)
            return []
        if len(fifos) == 1:
            return fifos
        half = len(fifos) // 2
        rest = self._to_least(fifos[:half])
        return [*rest, *self._to_least(fifos[half:], fails=not rest)]

    def _load(self, fifo: str) -> int:
        """Busy cycles a frame of the busier of the operators at both ends."""
        instance = self.model.fifos[fifo]
        streams = (self.accelerator.stream(p.streams[0]) for p in (*instance.inputs, *instance.outputs))
        ends = [e for s in streams for e in (s.source.instance, s.sink.instance) if e and e != fifo]
        return max((self.accelerator.instance(e).expected_cycles for e in ends), default=0)


def _late_interval(run: Timing) -> int | None:
    """The longest of the last frames of a run whose state did not come back; None for other runs."""
    if run.status != "unsettled" or len(run.frame_end) <= DRIFTING_FRAMES:
        return None
    ends = run.frame_end[-DRIFTING_FRAMES - 1 :]
    return max(later - earlier for earlier, later in pairwise(ends))


def certify(
    model: TimingModel, depths: Mapping[str, int], interval: int, seeds: Iterable[int] = SEEDS,
    frames: int = STALL_FRAMES,
) -> tuple[Certificate, dict[str, int]]:  # fmt: skip
    """Replay `depths` from reset: until the steady state comes back, then with random stalls at input and output.

    Also returns the most words that each FIFO held in the first.
   """
    steady = model.steady(depths)
    stalled = []
    for seed in seeds:
        run = model.run(depths, frames, stall_probability=STALL_PROBABILITY, seed=seed)
        stalled.append(float("inf") if run.cycles_per_frame is None else run.cycles_per_frame)
    late = steady.cycles_per_frame if steady.status == "periodic" else _late_interval(steady)
    exact = float("inf") if late is None else late
    allowed = (1 + STALLED_TOLERANCE) * interval
    certificate = Certificate(
        cycles_per_frame=exact,
        settled_after_frames=len(steady.frame_start),
        frames=frames,
        stall_probability=STALL_PROBABILITY,
        seeds=tuple(seeds),
        stalled_cycles_per_frame=tuple(stalled),
        periodic=steady.status == "periodic",
        unchanged=exact <= allowed and all(value <= allowed for value in stalled),
    )
    return certificate, steady.peaks
