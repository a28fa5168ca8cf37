# SPDX-License-Identifier: BSD-3-Clause
"""Run frames through a compiled simulator and read what it found."""

from __future__ import annotations

import errno
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.machine.errors import UserError
from hw_flows.memory_port import BURST
from hw_flows.memory_system import MemorySystem
from hw_flows.simulate.board_memory import ZYNQ_HP, Faults, Memory, memory_settings
from hw_flows.simulate.compile import Simulator
from hw_flows.simulate.pack import pack_stream
from hw_flows.simulate.result import SimulationResult, result_of
from hw_flows.weight_memory.region import WORD_BYTES
from quantunet_common.files import read_json, require_input_file

#: A simulation that is stuck ends itself; one of a very wide network takes an hour or two.
LIMIT_SECONDS = 6 * 3600.0
PROGRESS = re.compile(r"progress (\d+) (\d+) (\d+)", re.ASCII)
"""A line of the simulator: cycle, words that have left, words that will."""


@dataclass(frozen=True)
class RunOptions:
    """One run: how many frames, how the outside behaves, when to give up."""

    stall_probability: float = 0.0
    """Chance per cycle that an input offers nothing, an output takes nothing, or a port of the memory does neither."""
    seed: int = 1
    memory: Memory = ZYNQ_HP
    """The memory, where the design works on one."""
    faults: Faults = field(default_factory=Faults)
    """What goes wrong in it."""
    frame_interval: int = 0
    """Cycles over which the words of a frame are spread evenly; 0: as fast as they are taken."""
    reset_at: tuple[int, ...] = ()
    """Cycles at which reset is asserted (where the design works on memory, that stopped) and the stimulus begins anew."""
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
    saif: Path | None = None
    """File for the switching activity of `saif_frames` frames, after `saif_after` (at least 1) have left: see activity.py."""
    saif_after: int = 1
    saif_frames: int = 1
    limit_seconds: float = field(default_factory=lambda: LIMIT_SECONDS)


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
            command += ["--more-memory", str(simulator.system.ring_bytes)]
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
        if options.saif is not None:
            command += ["--saif", str(options.saif.resolve())]
            command += ["--saif-after", str(options.saif_after), "--saif-frames", str(options.saif_frames)]
        _execute(command, simulator.rtl, options.limit_seconds, progress)
        raw = _read_result(result_file, command[0])
    return result_of(simulator, folder, frames, raw)


def run_side_by_side(
    simulator: Simulator,
    folder: Path,
    frames: int,
    runs: Sequence[RunOptions],
    jobs: int,
    progress: Progress | None = None,
) -> list[SimulationResult]:
    """`run_words` for each of `runs`, `jobs` at a time; the progress is that of the one that is behind."""
    done = [0.0] * len(runs)
    speaking = threading.Lock()

    def one(number: int) -> SimulationResult:
        def said(fraction: float, words: str) -> None:
            with speaking:
                done[number] = fraction
                if progress is not None and fraction == min(done):
                    progress(fraction, words)

        result = run_words(simulator, folder, frames, runs[number], said)
        done[number] = 1.0
        return result

    with ThreadPoolExecutor(max(1, min(jobs, len(runs)))) as pool:
        return list(pool.map(one, range(len(runs))))


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
