# SPDX-License-Identifier: BSD-3-Clause
"""What a run found: measurements, and the first word of each stream that was not as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.memory_system import MemorySystem, fault_of
from hw_flows.simulate.compile import Simulator
from hw_flows.simulate.pack import unpack
from hw_flows.stream_memory.ring import BURST_BYTES
from hw_flows.weight_memory.region import WORD_BYTES


@dataclass(frozen=True)
class Mismatch:
    """The first word of a stream that differs from the model, down to one element."""

    stream: str
    tensor: str
    frame: int
    index: tuple[int, ...]
    """Index into the tensor of one frame, NHWC for feature maps."""
    expected: int | None
    """None: a word too many."""
    got: int
    cycle: int
    words: int
    """How many words of the stream differ."""

    def __str__(self) -> str:
        names = ("batch", "row", "column", "channel") if len(self.index) == 4 else tuple(map(str, range(9)))
        place = ", ".join(f"{n} {i}" for n, i in zip(names, self.index, strict=False) if n != "batch")
        expected = "nothing more" if self.expected is None else self.expected
        return (
            f"tensor {self.tensor} on {self.stream}: frame {self.frame}, {place}: expected {expected}, got {self.got} "
            f"(cycle {self.cycle}; {self.words} words of this stream differ)"
        )


@dataclass(frozen=True)
class Deadlock:
    """Nothing moved any more: which FIFOs are full and which empty ones are waited for."""

    cycle: int
    full: tuple[str, ...]
    empty: tuple[str, ...]
    waiting: tuple[str, ...]
    """Streams with a word that nobody takes."""

    def __str__(self) -> str:
        full = ", ".join(self.full) or "none"
        empty = ", ".join(self.empty) or "none"
        waiting = ", ".join(self.waiting) or "none"
        return (
            f"deadlock at cycle {self.cycle}: full FIFOs: {full}; empty FIFOs that are waited for: {empty}; "
            f"streams that wait: {waiting}"
        )


@dataclass(frozen=True)
class MemoryTraffic:
    """What was seen of the memory that weights came from, and in which streams waited."""

    bytes_read: int
    """In the whole run, also weights that were read ahead."""
    bytes_written: int
    most_outstanding: tuple[int, ...]
    """Bursts under way at a time, of each port."""
    wanted: dict[str, int]
    """By stream of weights: cycles, after its first word, in which its unit could have taken a word and there was none."""
    longest_wanted: dict[str, int]
    """The same, of such cycles in a row."""
    fault: str | None
    """Why weights were refused, and of which layer, or why words are lost, and of which stream."""
    broken: str | None
    """A rule of AXI that was broken, and when."""

    @property
    def complaint(self) -> str | None:
        return self.fault or (f"what works on the memory breaks a rule of AXI: {self.broken}" if self.broken else None)


@dataclass(frozen=True)
class SimulationResult:
    """What a run measured. Cycles count clock edges from the start of the run."""

    frames: int
    cycles: int
    seconds: float
    """Seconds inside the simulation loop."""
    finished: bool
    deadlock: Deadlock | None
    frame_start: tuple[int, ...]
    """Cycle in which the first word of each frame entered (first input)."""
    frame_end: tuple[int, ...]
    """Cycle in which the last word of each frame left (first output)."""
    spans: dict[str, tuple[int, int]]
    """Cycles of the first and the last word of each stream."""
    fifo_peaks: dict[str, int]
    words_compared: int
    values_compared: int
    streams_compared: int
    mismatched_words: int
    mismatches: tuple[Mismatch, ...] = field(default=())
    """The first of each stream that differs, in the order of the dataflow."""
    incomplete: tuple[str, ...] = ()
    """Streams that did not carry whole frames although the outputs did."""
    protocol_errors: dict[str, int] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    """With `check_protocol`: cycles in which a word on the stream waited, by stream; the rules were checked in each."""
    memory: MemoryTraffic | None = None
    """Where weights come from memory."""
    activity: tuple[int, int] | None = None
    """Where switching activity was recorded: first cycle, and number of cycles."""
    first_frame: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Cycles of the first and the last word of the first frame on each stream, with frames behind it."""

    @property
    def exact(self) -> bool:
        """Every compared word equal, every stream whole, nothing stuck, no weights refused."""
        wrong = (
            self.mismatched_words or self.incomplete or self.protocol_errors or (self.memory and self.memory.complaint)
        )
        return self.finished and not wrong

    @property
    def latency_cycles(self) -> int:
        """From the first word of the first frame in to its last word out."""
        return self.frame_end[0] - self.frame_start[0] + 1

    @property
    def cycles_per_frame(self) -> int:
        """Mean distance between the ends of frames; with one frame the latency."""
        if self.frames == 1:
            return self.latency_cycles
        return round((self.frame_end[-1] - self.frame_end[0]) / (self.frames - 1))


def result_of(simulator: Simulator, folder: Path, frames: int, raw: dict) -> SimulationResult:
    """From what the simulator wrote; the words expected are in `folder`."""
    accelerator = simulator.accelerator
    streams = {row["name"]: row for row in raw["streams"]}
    mismatches = []
    values = 0
    for stream in accelerator.streams:
        row = streams[stream.name]
        values += row["compared"] * stream.lanes
        if row["mismatches"]:
            mismatches.append(locate(stream, folder, row, accelerator.block_words(stream)))
    deadlock = None
    if raw["deadlock"]:
        fifos = [i for i in accelerator.instances if i.is_fifo]
        full = [i.name for i in fifos if _is(streams[i.inputs[0].streams[0]], valid=1, ready=0)]
        empty = [i.name for i in fifos if _is(streams[i.outputs[0].streams[0]], valid=0, ready=1)]
        waiting = [name for name, row in streams.items() if _is(row, valid=1, ready=0)]
        deadlock = Deadlock(raw["cycles"], tuple(full), tuple(empty), tuple(waiting))
    incomplete = [s.name for s in accelerator.streams if not streams[s.name]["whole"]]
    return SimulationResult(
        frames=frames,
        cycles=raw["cycles"],
        seconds=raw["seconds"],
        finished=raw["done"],
        deadlock=deadlock,
        frame_start=tuple(raw["frame_start"]),
        frame_end=tuple(raw["frame_end"]),
        spans={name: (row["begin"], row["end"]) for name, row in streams.items()},
        fifo_peaks={row["name"]: row["peak"] for row in raw["fifos"]},
        words_compared=sum(row["compared"] for row in streams.values()),
        values_compared=values,
        streams_compared=sum(1 for row in streams.values() if row["compared"]),
        mismatched_words=sum(row["mismatches"] for row in streams.values()),
        mismatches=tuple(mismatches),
        incomplete=tuple(incomplete) if raw["done"] else (),
        protocol_errors={n: row["protocol_errors"] for n, row in streams.items() if row["protocol_errors"]},
        waits={name: row["waits"] for name, row in streams.items()},
        memory=None if simulator.system is None else _traffic(accelerator, simulator.system, raw["memory"], streams),
        activity=_window(raw.get("activity")),
        first_frame={name: (row["begin"], row["first_frame_end"]) for name, row in streams.items()},
    )


def _window(raw: dict | None) -> tuple[int, int] | None:
    return (raw["first_cycle"], raw["cycles"]) if raw and raw["cycles"] else None


def _traffic(accelerator: Accelerator, system: MemorySystem, seen: dict, streams: dict[str, dict]) -> MemoryTraffic:
    return MemoryTraffic(
        bytes_read=WORD_BYTES * sum(seen["beats"]),
        bytes_written=BURST_BYTES * seen["written_bursts"],
        most_outstanding=tuple(seen["outstanding"]),
        wanted={name: streams[name]["wanted"] for name in accelerator.memory},
        longest_wanted={name: streams[name]["longest_wanted"] for name in accelerator.memory},
        fault=fault_of(seen["status"], system),
        broken=seen["broken"] or None,
    )


def _is(row: dict, valid: int, ready: int) -> bool:
    return bool(row["valid"] == valid and row["ready"] == ready)


def locate(stream: Stream, folder: Path, row: dict, block: int = 0) -> Mismatch:
    """The first word that differs, as a simulator reports it (`got`, `first_word`, `first_cycle`, `mismatches`), by its
    place in the tensor; the words expected are in `folder`, of weights the `block` that repeats.
    """
    got = unpack(bytes.fromhex(row["got"]), stream.element, stream.lanes)[0]
    word = row["first_word"]
    size = len(row["got"]) // 2
    first = (word % block if block else word) * size
    data = (folder / f"{stream.name}.bin").read_bytes()[first : first + size]
    frame, within = divmod(word, stream.words)
    lane = 0
    expected = None
    if len(data) == size:
        wanted = unpack(data, stream.element, stream.lanes)[0]
        lane = int(np.flatnonzero(wanted != got)[0]) if (wanted != got).any() else 0
        expected = int(wanted[lane])
    index = tuple(int(i) for i in np.unravel_index(within * stream.lanes + lane, stream.shape))
    return Mismatch(
        stream.name, stream.tensor, frame, index, expected, int(got[lane]), row["first_cycle"], row["mismatches"]
    )
