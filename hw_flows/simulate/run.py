# SPDX-License-Identifier: BSD-3-Clause
"""Run frames through a compiled simulator and read what it found."""

from __future__ import annotations

import errno
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.machine.errors import UserError
from hw_flows.simulate.compile import Simulator
from hw_flows.simulate.pack import pack_stream, unpack
from hw_flows.weight_memory.faults import fault_of
from hw_flows.weight_memory.region import BURST, WORD_BYTES
from hw_flows.weight_memory.simulated import ZYNQ_HP, Faults, Memory, memory_settings
from hw_flows.weight_memory.system import MemorySystem
from quantunet_common.files import read_json, require_input_file

LIMIT_SECONDS = 3600.0
PROGRESS = re.compile(r"progress (\d+) (\d+) (\d+)", re.ASCII)
"""A line of the simulator: cycle, words that have left, words that will."""


@dataclass(frozen=True)
class RunOptions:
    """One run: how many frames, how the outside behaves, when to give up."""

    stall_probability: float = 0.0
    """Chance per cycle that an input offers nothing, an output takes nothing, or a port of the memory does neither."""
    seed: int = 1
    memory: Memory = ZYNQ_HP
    """The memory, where weights come from one."""
    faults: Faults = field(default_factory=Faults)
    """What goes wrong in it."""
    frame_interval: int = 0
    """Cycles over which the words of a frame are spread evenly; 0: as fast as they are taken."""
    reset_at: tuple[int, ...] = ()
    """Cycles at which reset is asserted (where weights come from memory, the reader stopped) and the stimulus begins anew."""
    hold_outputs: int = 0
    """Cycles from reset in which no output takes a word."""
    max_cycles: int | None = None
    """End after so many cycles, whatever has been reached."""
    check_protocol: bool = False
    """Check on every stream that a word that waits neither changes nor goes away, and that none is offered in reset."""
    capture: Path | None = None
    """Folder for the words that leave, `<stream>.bin` for each output."""
    trace: Path | None = None
    trace_from: int = 0
    trace_to: int | None = None
    limit_seconds: float = field(default_factory=lambda: LIMIT_SECONDS)


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
    """What was seen of the memory that weights came from."""

    bytes_read: int
    """In the whole run, also what was read ahead."""
    most_outstanding: tuple[int, ...]
    """Bursts under way at a time, of each port."""
    wanted: dict[str, int]
    """By stream of weights: cycles, after its first word, in which its unit could have taken a word and there was none."""
    longest_wanted: dict[str, int]
    """The same, of such cycles in a row."""
    fault: str | None
    """Why the reader refused what it read, and of which layer."""
    broken: str | None
    """A rule of AXI that the reader broke, and when."""

    @property
    def complaint(self) -> str | None:
        return self.fault or (f"the reader of weights breaks a rule of AXI: {self.broken}" if self.broken else None)


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


Progress = Callable[[float, str], None]


def run(
    simulator: Simulator,
    tensors: Mapping[str, np.ndarray],
    options: RunOptions | None = None,
    progress: Progress | None = None,
) -> SimulationResult:
    """Drive the frames in `tensors` through the design and compare every stream whose tensor is given.

    `tensors`: integers (frames, *shape) by tensor name; those of the inputs are the stimulus.
    Raises UserError where an input tensor is missing or the simulator fails.
    """
    with tempfile.TemporaryDirectory(prefix="qu-sim-") as temporary:
        folder = Path(temporary)
        frames = write_words(simulator.accelerator, tensors, folder)
        return run_words(simulator, folder, frames, options, progress)


def write_words(accelerator: Accelerator, tensors: Mapping[str, np.ndarray], folder: Path) -> int:
    """Write the packed words of every stream whose tensor is given; return the number of frames.

    Of weights in memory, (1, 1, bytes) is given, and written once: what a frame repeats.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = 0
    for stream in accelerator.streams:
        tensor = tensors.get(stream.tensor)
        if tensor is None:
            if stream.name in accelerator.driven:
                raise UserError(f"no values are given for the input tensor {stream.tensor}", accelerator.name)
            continue
        if not accelerator.block_words(stream):
            frames = len(tensor)
        try:
            (folder / f"{stream.name}.bin").write_bytes(pack_stream(tensor, stream))
        except ValueError as error:
            raise UserError(f"the tensor {stream.tensor} does not fit its stream: {error}", stream.name) from error
    return frames


def run_words(
    simulator: Simulator,
    folder: Path,
    frames: int,
    options: RunOptions | None = None,
    progress: Progress | None = None,
) -> SimulationResult:
    """`run` on words already written by `write_words`."""
    options = options or RunOptions()
    accelerator = simulator.accelerator
    with tempfile.TemporaryDirectory(prefix="qu-run-") as temporary:
        result_file = Path(temporary) / "result.json"
        command = [str(simulator.binary.resolve()), "--data", str(folder.resolve()), "--result", str(result_file)]
        command += ["--frames", str(frames), "--seed", str(options.seed), "--stall", str(options.stall_probability)]
        limit = idle_limit(accelerator)
        if simulator.system is not None and simulator.image is not None:
            memory = replace(options.memory, stall=max(options.memory.stall, options.stall_probability))
            settings = Path(temporary) / "memory"
            lines = [f"{name} {value}\n" for name, value in memory_settings(memory, options.faults).items()]
            settings.write_text("".join(lines), encoding="utf-8")
            require_input_file(simulator.image)
            command += ["--memory", str(settings), "--image", str(simulator.image.resolve())]
            limit += _memory_patience(memory, simulator.system)
        command += ["--frame-interval", str(options.frame_interval), "--idle-limit", str(limit)]
        command += ["--check-protocol", str(int(options.check_protocol))]
        command += ["--hold-outputs", str(options.hold_outputs)]
        if options.max_cycles is not None:
            command += ["--max-cycles", str(options.max_cycles)]
        if options.reset_at:
            command += ["--reset-at", ",".join(map(str, options.reset_at))]
        if options.capture is not None:
            options.capture.mkdir(parents=True, exist_ok=True)
            command += ["--capture", str(options.capture.resolve())]
        if options.trace is not None:
            command += ["--trace", str(options.trace.resolve()), "--trace-from", str(options.trace_from)]
            if options.trace_to is not None:
                command += ["--trace-to", str(options.trace_to)]
        _execute(command, simulator.rtl, options.limit_seconds, progress)
        raw = _read_result(result_file, command[0])
    return _result(simulator, folder, frames, raw)


def idle_limit(accelerator: Accelerator) -> int:
    """Cycles without any transfer after which a design is stuck: no operator works that long on one word."""
    longest = 0
    for instance in accelerator.instances:
        words = min(accelerator.stream(s).words for port in (*instance.inputs, *instance.outputs) for s in port.streams)
        longest = max(longest, instance.expected_cycles // max(1, words))
    return 2000 + 4 * longest


def _memory_patience(memory: Memory, system: MemorySystem) -> int:
    """Cycles more, where all bursts that can be under way come before the one that is waited for, twice over."""
    bursts = memory.accepts * system.ports
    words = BURST * WORD_BYTES / memory.bytes_per_cycle if memory.bytes_per_cycle else 0
    return round(2 * bursts * words / (1 - memory.stall)) + memory.accepts * (memory.latency_limit + memory.refresh)


def _execute(command: list[str], cwd: Path, limit_seconds: float, progress: Progress | None) -> None:
    """Raises UserError where the simulator cannot be started, fails, or says or does nothing until the limit."""
    with tempfile.TemporaryFile("w+") as errors:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace"
            )
        except OSError as error:
            fix = "delete this file and try again"
            if error.errno == errno.ENOEXEC:  # whatever it is, no compiler made it
                Path(command[0]).unlink(missing_ok=True)
                fix = "try again: the file was removed, and a simulator is compiled in its place"
            raise UserError(f"the compiled simulator cannot be started: {error.strerror}", command[0], fix) from error
        assert process.stdout is not None
        watchdog = threading.Timer(limit_seconds, process.kill)  # a silent one is waited for line by line
        watchdog.start()
        try:
            for line in process.stdout:
                if progress is not None and (said := PROGRESS.fullmatch(line.rstrip())):
                    cycle, done, total = map(int, said.groups())
                    progress(done / max(1, total), f"{cycle:,} cycles")
            status = process.wait()
        finally:
            late = not watchdog.is_alive()
            watchdog.cancel()
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
        if late and status == -signal.SIGKILL:
            raise UserError(f"the simulation exceeded its time limit of {limit_seconds:.0f} s", str(cwd))
        if status != 0:
            errors.seek(0)
            words = errors.read()[-2000:]
            raise UserError(f"the simulator exited with status {status}; its last output:\n{words}", command[0])


def _read_result(path: Path, binary: str) -> dict:
    """What the simulator wrote. Raises UserError where that is no result."""
    try:
        raw = read_json(path)
        if isinstance(raw, dict) and isinstance(raw.get("streams"), list):
            return raw
    except (OSError, ValueError):
        pass
    raise UserError("the simulator left no result that can be read", binary, "delete this file and try again")


def _result(simulator: Simulator, folder: Path, frames: int, raw: dict) -> SimulationResult:
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
    )


def _traffic(accelerator: Accelerator, system: MemorySystem, seen: dict, streams: dict[str, dict]) -> MemoryTraffic:
    return MemoryTraffic(
        bytes_read=WORD_BYTES * sum(seen["beats"]),
        most_outstanding=tuple(seen["outstanding"]),
        wanted={name: streams[name]["wanted"] for name in accelerator.memory},
        longest_wanted={name: streams[name]["longest_wanted"] for name in accelerator.memory},
        fault=fault_of(seen["status"], system.layout),
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
