# SPDX-License-Identifier: BSD-3-Clause
"""Cycle-accurate timing of an `Accelerator` without its data, orders of magnitude faster than its RTL.

The control of all operators is independent of the data, so every handshake follows from parameters. `network.cpp`
puts together the operators' own models (`hw_flows/operators/*/timing.h`); it is compiled once for all networks. Tests
hold it against the RTL, cycle by cycle, and every build's verification runs the RTL at the depths found with it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np

from hw_flows import operators
from hw_flows.accelerator import Accelerator, Instance
from hw_flows.machine.errors import UserError
from hw_flows.machine.native import load_library
from hw_flows.operators.fifo.rtl import BLOCK, BOARD, fifo_style
from hw_flows.simulate.result import Deadlock
from hw_flows.simulate.run import idle_limit

_SOURCE = Path(__file__).with_name("network.cpp")
_OPERATORS = Path(operators.__file__).parent
_STATUS = ("finished", "periodic", "deadlock", "slow", "unsettled")
#: Most frames until a design must repeat itself: coarse levels of a U-Net work a few frames behind the fine ones.
MOST_FRAMES = 32


@dataclass(frozen=True)
class FrameTiming:
    """What a run showed. Cycles count from the first clock edge after reset."""

    status: str
    """`finished`, `periodic` (the state at a frame's start came back: it goes on like this for ever), `deadlock`,
    `slow` or `unsettled` (no state came back within the frames)."""
    cycles: int
    cycles_per_frame: Fraction | None
    """With `periodic` the exact steady interval of frames; with `finished` the mean interval between their ends."""
    frame_start: tuple[int, ...]
    frame_end: tuple[int, ...]
    peaks: dict[str, int]
    """Most words in each FIFO, by instance."""
    spans: dict[str, tuple[int, int]]
    """Cycles of the first and the last word of each stream (with `spans`)."""
    words: dict[str, int]
    deadlock: Deadlock | None
    state: np.ndarray = field(repr=False, compare=False)
    """Of the last frame's start, after `steady`."""


class TimingModel:
    """One accelerator's timing; `run` takes the FIFO depths, so one model serves every trial."""

    def __init__(self, accelerator: Accelerator) -> None:
        """Raises UserError where no C++ compiler is there or an operator has no timing."""
        self.accelerator = accelerator
        self.fifos = {i.name: i for i in accelerator.instances if i.is_fifo}
        self._library = _library()
        error = ctypes.create_string_buffer(500)
        self._handle = self._library.network_open(_text(accelerator).encode(), error, len(error))
        if not self._handle:
            raise UserError(f"the accelerator has no timing model: {error.value.decode()}", accelerator.name)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._library.network_close(self._handle)

    def steady(
        self,
        depths: Mapping[str, int],
        *,
        pace: Fraction | None = None,
        state: np.ndarray | None = None,
        give_up: bool = False,
        frames: int = MOST_FRAMES,
    ) -> FrameTiming:
        """Run until the state at a frame's start comes back.

        `pace`: cycles a frame in which the input offers its words, evenly spread; without one it always offers a word.
        `state`: of an earlier run with the same pace, to go on from instead of from reset. `give_up`: end, `slow`, once
        two of four frames fell further behind the pace.
        """
        assert pace is not None or not give_up
        request = _Request(
            frames=frames,
            find_period=1,
            give_up=int(give_up),
            pace_cycles=pace.numerator if pace else 0,
            pace_frames=pace.denominator if pace else 1,
        )
        return self._run(request, depths, state)

    def run(
        self,
        depths: Mapping[str, int],
        frames: int,
        *,
        pace: int = 0,
        stall_probability: float = 0.0,
        seed: int = 1,
        spans: bool = False,
        storage: Mapping[str, int] | None = None,
    ) -> FrameTiming:
        """Drive `frames` frames through; `pace` is the `frame_interval` of `hw_flows.simulate.RunOptions`.

        `storage`: depths by which FIFOs are registers, LUT memory or block memory, if not `depths`.
        """
        request = _Request(
            frames=frames, pace_cycles=pace, pace_frames=1, stall=stall_probability, seed=seed, spans=int(spans)
        )
        return self._run(request, depths, None, storage)

    def _run(
        self,
        request: _Request,
        depths: Mapping[str, int],
        state: np.ndarray | None,
        storage: Mapping[str, int] | None = None,
    ) -> FrameTiming:
        request.idle_limit = idle_limit(self.accelerator)
        result = _Result()
        if state is None:
            state = np.full(self._library.network_state_size(self._handle), -1, np.int64)
        state = state.copy()
        names = [s.name for s in self.accelerator.streams]
        wanted = np.array([depths[name] for name in self.fifos], np.int64)
        storage = storage or depths
        blocks = np.array([self.style(name, int(storage[name])) in (BLOCK, BOARD) for name in self.fifos], np.uint8)
        frame_start, frame_end = np.zeros(request.frames, np.int64), np.zeros(request.frames, np.int64)
        peaks = np.zeros(len(self.fifos), np.int64)
        begin, end, words = (np.zeros(len(names), np.int64) for _ in range(3))
        valid, ready = (np.zeros(len(names), np.uint8) for _ in range(2))
        self._library.network_run(
            self._handle,
            ctypes.byref(request),
            ctypes.byref(result),
            *(
                a.ctypes.data
                for a in (wanted, blocks, state, frame_start, frame_end, peaks, begin, end, words, valid, ready)
            ),
        )
        status = _STATUS[result.status]
        ends = frame_end[: result.frames_ended]
        per_frame: Fraction | None = None
        if status == "periodic":
            per_frame = Fraction(result.period_cycles, result.period_frames)
        elif status == "finished":
            per_frame = Fraction(int(ends[-1] - ends[0]), len(ends) - 1) if len(ends) > 1 else Fraction(int(ends[0]))
        return FrameTiming(
            status=status,
            cycles=result.cycles,
            cycles_per_frame=per_frame,
            frame_start=tuple(frame_start[: result.frames_started].tolist()),
            frame_end=tuple(ends.tolist()),
            peaks=dict(zip(self.fifos, peaks.tolist(), strict=True)),
            spans={n: (int(b), int(e)) for n, b, e in zip(names, begin, end, strict=True)} if request.spans else {},
            words=dict(zip(names, words.tolist(), strict=True)) if request.spans else {},
            deadlock=self._deadlock(result.cycles, valid, ready) if status == "deadlock" else None,
            state=state,
        )

    def style(self, fifo: str, depth: int) -> int:
        """Storage that the FIFO would have at that depth. Block memory hands a word out one cycle later; so does the board's, where
        it finds nothing else inside."""
        given = self.fifos[fifo].parameters
        if given["STYLE"] != fifo_style(given["WORD_BITS"], given["DEPTH"]):
            return given["STYLE"]  # asked for by attribute ram_style
        return fifo_style(given["WORD_BITS"], depth)

    def _deadlock(self, cycle: int, valid: np.ndarray, ready: np.ndarray) -> Deadlock:
        state = {s.name: (bool(v), bool(r)) for s, v, r in zip(self.accelerator.streams, valid, ready, strict=True)}
        full = tuple(n for n, i in self.fifos.items() if state[i.inputs[0].streams[0]] == (True, False))
        empty = tuple(n for n, i in self.fifos.items() if state[i.outputs[0].streams[0]] == (False, True))
        return Deadlock(cycle, full, empty, tuple(n for n, pair in state.items() if pair == (True, False)))


class _Request(ctypes.Structure):
    _fields_ = (
        *(
            (n, ctypes.c_int64)
            for n in ("frames", "pace_cycles", "pace_frames", "idle_limit", "find_period", "give_up", "spans")
        ),
        ("seed", ctypes.c_uint64),
        ("stall", ctypes.c_double),
    )
    frames: int
    idle_limit: int
    spans: int


class _Result(ctypes.Structure):
    _fields_ = tuple(
        (n, ctypes.c_int64)
        for n in ("status", "cycles", "period_cycles", "period_frames", "frames_started", "frames_ended")
    )
    status: int
    cycles: int
    period_cycles: int
    period_frames: int
    frames_started: int
    frames_ended: int


def _text(accelerator: Accelerator) -> str:
    """The network as `network.cpp` reads it, instances in the order of the dataflow."""
    number = {s.name: i for i, s in enumerate(accelerator.streams)}
    order: TopologicalSorter[str] = TopologicalSorter({i.name: () for i in accelerator.instances})
    for stream in accelerator.streams:
        if stream.source.instance and stream.sink.instance:
            order.add(stream.sink.instance, stream.source.instance)
    lines = [f"streams {len(number)}"]
    for kind, names in (
        ("input", accelerator.inputs),
        ("memory", accelerator.memory),
        ("output", accelerator.outputs),
    ):
        lines += [f"{kind} {number[name]} {accelerator.stream(name).words}" for name in names]
    by_name = {i.name: i for i in accelerator.instances}
    # FIFOs in their own order, so that arrays by FIFO agree on both sides.
    sorted_names = list(order.static_order())
    operators = [by_name[n] for n in sorted_names if not by_name[n].is_fifo]
    fifos = [i for i in accelerator.instances if i.is_fifo]
    for instance in [*operators, *fifos]:
        lines.append(_instance(instance, number))
    return "\n".join(lines) + "\n"


def _instance(instance: Instance, number: Mapping[str, int]) -> str:
    words = ["fifo" if instance.is_fifo else "instance", instance.module, str(len(instance.parameters))]
    words += [f"{name} {value}" for name, value in instance.parameters.items()]
    for ports in (instance.inputs, instance.outputs):
        streams = [number[s] for port in ports for s in port.streams]
        words += [str(len(streams)), *map(str, streams)]
    return " ".join(words)


def words_needed(instance: Instance, words_in: int, words_out: int) -> np.ndarray:
    """For each of the `words_out` words of a frame out of an operator (one output), how many of the words of its first input it
    depends on: its data dependence alone, whatever the timing. Other inputs are always there.
    """
    library = _library()
    error = ctypes.create_string_buffer(500)
    number = {port.streams[0]: i for i, port in enumerate((*instance.inputs, *instance.outputs))}
    text = f"streams {len(number)}\n{_instance(instance, number)}"
    handle = library.network_open(text.encode(), error, len(error))
    if not handle:
        raise UserError(f"operator {instance.name} has no timing model: {error.value.decode()}", instance.name)
    needed = np.zeros(words_out, np.int64)
    try:
        given = library.network_needs(handle, words_in, needed.ctypes.data, words_out)
    finally:
        library.network_close(handle)
    assert given == words_out, f"{instance.name}: {given} words out of a frame, not {words_out}"
    return needed


def _library() -> ctypes.CDLL:
    return _compiled(tuple(folder.path / "timing.h" for folder in operators.folders()))


@cache
def _compiled(timings: tuple[Path, ...]) -> ctypes.CDLL:
    """`network.cpp` with the operators' timings, compiled once per content."""
    included = [file for file in timings if file.is_file()]
    shared = _OPERATORS / "shared" / "timing.h"
    library = load_library(
        "timing", _SOURCE, [shared, *included], "FIFO sizing is compiled with it", include=_OPERATORS, before=included
    )
    library.network_open.restype = ctypes.c_void_p
    library.network_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64]
    library.network_needs.restype = ctypes.c_int64
    library.network_needs.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64]
    library.network_state_size.restype = ctypes.c_int64
    library.network_state_size.argtypes = [ctypes.c_void_p]
    library.network_close.restype = None
    library.network_close.argtypes = [ctypes.c_void_p]
    library.network_run.restype = None
    library.network_run.argtypes = [ctypes.c_void_p] * 14
    return library
