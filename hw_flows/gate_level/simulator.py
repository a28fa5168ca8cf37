# SPDX-License-Identifier: BSD-3-Clause
"""Netlists of vendor cells, run cycle by cycle: the accelerator's streams with their words, or single cells in tests.

`simulator.cpp` is compiled once for all netlists.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.families.family import Family
from hw_flows.families.netlist import Netlist
from hw_flows.families.program import Program
from hw_flows.machine.errors import UserError
from hw_flows.machine.native import load_library
from hw_flows.simulate.pack import bytes_per_word
from hw_flows.simulate.result import Mismatch, locate
from hw_flows.simulate.run import idle_limit
from hw_flows.stitch.write import port_prefixes

#: Stimuli that run at once; `words.h`.
LANES = 2
RESET_CYCLES = 16
_FOLDER = Path(__file__).parent
_SOURCE = _FOLDER / "simulator.cpp"
_STATUS = ("running", "finished", "stuck", "out of time")
#: Cycles without a change of any flip-flop after which nothing will change any more (memories may shift meanwhile).
_QUIET_LIMIT = 2000

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class NetlistRun:
    """What one stimulus showed. Cycles count clock edges from the end of reset."""

    status: str
    """`finished`, `stuck` (nothing moves any more) or `out of time`."""
    frames: int
    cycles: int
    words_compared: int
    mismatched_words: int
    mismatches: tuple[Mismatch, ...]
    """The first of each output that differs."""
    protocol_errors: int
    """Words that changed or went away while they waited."""
    first_frame_end: int
    """Cycle of the first frame's last word out; -1 where it did not come."""

    @property
    def exact(self) -> bool:
        return self.status == "finished" and not self.mismatched_words and not self.protocol_errors


class NetlistSimulator:
    """One netlist, ready to run."""

    def __init__(self, netlist: Netlist, family: Family) -> None:
        """Raises UserError where a cell or the value of one of its parameters has no model, where cells form a
        combinational loop or lack a driver, or where there is no C++ compiler.
        """
        programs = family.programs
        program = Program(netlist.nets)
        for cell in netlist.cells():
            if cell.type not in programs:
                raise cell.error("this type of cell has no model")
            programs[cell.type](cell, program)
            cell.finish()
        self.netlist = netlist
        self.table = program.table(netlist)
        self._library = _library()
        error = ctypes.create_string_buffer(500)
        values = self.table.values
        self._handle = self._library.gates_open(values.ctypes.data, len(values), error, len(error))
        assert self._handle, error.value.decode()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._library.gates_close(self._handle)

    def trace(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Start anew and apply `inputs`: bits (cycles, LANES, width) by port, all but the clock.

        Returns the outputs, (cycles, LANES, width), as they are before each rising edge.
        """
        sources = [p for p in self.netlist.ports.values() if p.is_input and p.name != self.table.clock]
        sinks = [p for p in self.netlist.ports.values() if not p.is_input]
        cycles = len(next(iter(inputs.values())))
        stimulus = np.concatenate([inputs[p.name] for p in sources], axis=2)
        stimulus = np.ascontiguousarray(stimulus.transpose(0, 2, 1), np.uint8)
        nets_in = np.concatenate([self.table.ports[p.name] for p in sources])
        nets_out = np.concatenate([self.table.ports[p.name] for p in sinks])
        assert stimulus.shape == (cycles, len(nets_in), LANES), stimulus.shape
        answer = np.zeros((cycles, len(nets_out), LANES), np.uint8)
        self._library.gates_trace(
            self._handle,
            cycles,
            nets_in.ctypes.data,
            len(nets_in),
            stimulus.ctypes.data,
            nets_out.ctypes.data,
            len(nets_out),
            answer.ctypes.data,
        )
        bounds = np.cumsum([len(p.nets) for p in sinks])[:-1]
        parts = np.split(answer.transpose(0, 2, 1), bounds, axis=2)
        return {p.name: part for p, part in zip(sinks, parts, strict=True)}

    def stream(
        self,
        accelerator: Accelerator,
        words: Path,
        frames: int,
        *,
        stall_probability: tuple[float, float] = (0.0, 0.3),
        seed: int = 1,
        limit_seconds: float = 3600.0,
        progress: Progress | None = None,
    ) -> tuple[NetlistRun, ...]:
        """Drive the first `frames` frames in `words` (as `simulate.run.write_words` leaves them) through, back to back,
        and compare what comes out; once for each stall probability, at once.

        Raises UserError where words are missing or the netlist's ports are not those of the accelerator.
        """
        names, prefixes = _port_names(accelerator), port_prefixes(accelerator)
        ports = (_Port * len(names))()
        kept: list[bytes | np.ndarray] = []
        for port, name in zip(ports, names, strict=True):
            stream = accelerator.stream(name)
            size = bytes_per_word(stream.width)
            data = self._net(f"{prefixes[name]}_tdata", stream.width)
            block = accelerator.block_words(stream)
            content = _content(words / f"{name}.bin", (block or frames * stream.words) * size)
            kept += [content, data]
            port.words = ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p)
            port.data = data.ctypes.data
            port.count, port.words_per_frame, port.block = frames * stream.words, stream.words, block
            port.bytes, port.width, port.is_input = size, stream.width, int(name in accelerator.driven)
            port.valid = self._net(f"{prefixes[name]}_tvalid", 1)[0]
            port.ready = self._net(f"{prefixes[name]}_tready", 1)[0]
        total = frames * accelerator.stream(accelerator.outputs[0]).words

        def said(cycle: int, done: int, seconds: float) -> None:
            if progress is not None:
                rate = f", {cycle / seconds:,.0f} cycles/s" if seconds > 1 else ""
                progress(done / total, f"{cycle:,} cycles of the netlist{rate}")

        callback = _Progress(said)
        request = _GateRequest(
            ports=len(names),
            reset_cycles=RESET_CYCLES,
            idle_limit=_idle_limit(accelerator),
            quiet_limit=_QUIET_LIMIT,
            stop_at=1 << 62,
            seed=seed,
            stall=(ctypes.c_double * LANES)(*stall_probability),
            limit_seconds=limit_seconds,
            progress=callback,
            reset=self._net("rst_i", 1)[0],
        )
        results = (_PortResult * (len(names) * LANES))()
        self._library.gates_stream(self._handle, ctypes.byref(request), ports, results)
        return tuple(
            _run(accelerator, words, frames, names, results[lane * len(names) : (lane + 1) * len(names)])
            for lane in range(LANES)
        )

    def digest(
        self, accelerator: Accelerator, words: Path, frames: int, *, stall_probability: tuple[float, float], seed: int
    ) -> str:
        """Of all that decides how `stream` with these arguments ends: netlist, simulator, words and stimuli. Names do not."""
        digest = hashlib.sha256(_source_digest())
        digest.update(self.table.values.tobytes())
        prefixes = port_prefixes(accelerator)
        for name in _port_names(accelerator):
            stream = accelerator.stream(name)
            size = bytes_per_word(stream.width)
            digest.update(f"{prefixes[name]} {stream.words} {stream.width} {name in accelerator.driven}\n".encode())
            count = accelerator.block_words(stream) or frames * stream.words
            digest.update(_content(words / f"{name}.bin", count * size))
        for name, nets in sorted(self.table.ports.items()):
            digest.update(f"{name} {nets.tolist()}\n".encode())
        settings = (frames, stall_probability, seed, RESET_CYCLES, _QUIET_LIMIT, _idle_limit(accelerator))
        digest.update(repr(settings).encode())
        return digest.hexdigest()

    def _net(self, port: str, width: int) -> np.ndarray:
        nets = self.table.ports.get(port)
        if nets is None or len(nets) != width:
            raise UserError(
                f"the netlist has no port {port} of {width} bits, so it is not this accelerator's",
                self.netlist.where,
                "run step_synthesize",
            )
        return nets


def _run(
    accelerator: Accelerator, words: Path, frames: int, names: list[str], results: list[_PortResult]
) -> NetlistRun:
    mismatches = []
    outputs = [(accelerator.stream(n), r) for n, r in zip(names, results, strict=True) if n in accelerator.taken]
    for stream, result in outputs:
        if result.mismatches:
            size = bytes_per_word(stream.width)
            row = {
                "got": bytes(result.first)[:size].hex(),
                "first_word": result.first_word,
                "first_cycle": result.first_cycle,
                "mismatches": result.mismatches,
            }
            mismatches.append(locate(stream, words, row))
    return NetlistRun(
        status=_STATUS[results[0].status],
        frames=frames,
        cycles=results[0].cycles,
        words_compared=sum(r.words for _, r in outputs),
        mismatched_words=sum(r.mismatches for _, r in outputs),
        mismatches=tuple(mismatches),
        protocol_errors=sum(r.protocol_errors for _, r in outputs),
        first_frame_end=outputs[0][1].first_frame_end,
    )


def _port_names(accelerator: Accelerator) -> list[str]:
    return [*accelerator.driven, *accelerator.taken]


def _idle_limit(accelerator: Accelerator) -> int:
    return idle_limit(accelerator) + 8 * max(i.expected_cycles for i in accelerator.instances)


def _content(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as handle:
            content = handle.read(size)
    except OSError as error:
        raise UserError(f"the words of a stream are missing: {error.strerror}", str(path), "run step_verify") from error
    if len(content) < size:
        raise UserError(f"there are {len(content)} bytes of words, not {size}", str(path), "run step_verify")
    return content


_Progress = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_double)


class _Port(ctypes.Structure):
    _fields_ = (
        ("words", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("words_per_frame", ctypes.c_int64),
        ("block", ctypes.c_int64),
        *((n, ctypes.c_int32) for n in ("bytes", "width", "is_input")),
        ("valid", ctypes.c_uint32),
        ("ready", ctypes.c_uint32),
    )


class _GateRequest(ctypes.Structure):
    _fields_ = (
        *((n, ctypes.c_int64) for n in ("ports", "reset_cycles", "idle_limit", "quiet_limit", "stop_at", "seed")),
        ("stall", ctypes.c_double * LANES),
        ("limit_seconds", ctypes.c_double),
        ("progress", _Progress),
        ("reset", ctypes.c_uint32),
    )


class _PortResult(ctypes.Structure):
    _fields_ = (
        *(
            (n, ctypes.c_int64)
            for n in (
                "words",
                "mismatches",
                "first_word",
                "first_cycle",
                "first_frame_end",
                "last_cycle",
                "protocol_errors",
                "status",
                "cycles",
            )
        ),
        ("first", ctypes.c_uint8 * 512),
    )
    words: int
    mismatches: int
    first_word: int
    first_cycle: int
    first_frame_end: int
    protocol_errors: int
    status: int
    cycles: int


@cache
def _source_digest() -> bytes:
    digest = hashlib.sha256(os.uname().machine.encode())
    for file in (_SOURCE, *sorted(_FOLDER.glob("*.h"))):
        digest.update(file.read_bytes())
    return digest.digest()


@cache
def _library() -> ctypes.CDLL:
    """`simulator.cpp`, compiled once per content."""
    library = load_library(
        "gate_level", _SOURCE, list(_FOLDER.glob("*.h")), "netlists are checked with it", optimization="-O3"
    )
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    library.gates_open.restype = pointer
    library.gates_open.argtypes = [pointer, number, ctypes.c_char_p, number]
    library.gates_close.restype = None
    library.gates_close.argtypes = [pointer]
    library.gates_trace.restype = None
    library.gates_trace.argtypes = [pointer, number, pointer, number, pointer, pointer, number, pointer]
    library.gates_stream.restype = None
    library.gates_stream.argtypes = [pointer, pointer, pointer, pointer]
    return library
