# SPDX-License-Identifier: BSD-3-Clause
"""Streams that wait in memory, in simulation: a model of the memory, producers and consumers around them, every word compared.

Every figure is in cycles of their clock.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw_flows.memory_port import bit_range
from hw_flows.simulate.board_memory import WRITE_MODEL, Faults, Memory, memory_settings
from hw_flows.stream_memory.ring import BURST_BYTES, Ring, lay_out
from hw_flows.stream_memory.write import AXI_SIGNALS, MODULE, SOURCES, RingOptions, write_rings
from hw_flows.testing.memory_bench import MOST_WORD_BITS, check_widths, compile_bench, run_bench

HARNESS = Path(__file__).with_name("ring_bench.cpp")
BENCH = "stream_memory_bench"


@dataclass(frozen=True)
class Traffic:
    """What comes and goes of one stream."""

    words: int = 1000
    offered: float = 1.0
    """Chance per cycle that the next word is offered."""
    taken: float = 1.0
    """Chance per cycle that a word is taken."""
    taken_from: int = 0
    """Cycle after the start before which none is taken."""
    pause: float = 0.0
    """Mean cycles between two pauses of the consumer, each of at most twice as many; 0: none."""
    inside: int = 1 << 40
    """A word is offered only while fewer than so many have come in and not gone out."""


@dataclass(frozen=True)
class Run:
    """One simulation; it ends when all words have come out."""

    traffic: tuple[Traffic, ...]
    memory: Memory = field(default_factory=Memory)
    faults: Faults = field(default_factory=Faults)
    """Port 0. A beat that is answered with an error is wrong as well."""
    serial: bool = False
    """The consumers take words of one stream at a time: 1 to 300, of a stream chosen at random."""
    cycles: int = 400_000
    """It ends then in any case."""
    stops: tuple[int, ...] = ()
    """Cycles at which `run_i` falls; it rises again once all is idle, and everything begins anew, with other words."""
    base: int = 0x1F80
    bytes: int | None = None
    """Of the memory; None: as the rings take."""
    seed: int = 1


@dataclass(frozen=True)
class Seen:
    """What came of it since the last start; for each stream where there are several figures."""

    went_in: tuple[int, ...]
    came_out: tuple[int, ...]
    """Words, every one of which was the right one."""
    most_inside: tuple[int, ...]
    longest_wait: tuple[int, ...]
    """From one word that is taken to the next."""
    longest_way: tuple[int, ...]
    """Of a word, from in to out."""
    faults: int
    """Bits 6:4 of `status_o`."""
    fault_stream: int
    cycles: int
    """From the start to the last word."""
    written: int
    """Bursts, in the whole simulation."""
    read: int
    """Beats, in the whole simulation."""
    outstanding: tuple[int, int]
    """Bursts under way at a time: writes, reads."""
    idle: bool


def compile_rings(rings: Sequence[Ring], options: RingOptions | None = None, *, jobs: int = 1) -> Path:
    """The executable. Raises UserError and ToolError as `build_executable`, and where a stream is too wide for the harness."""
    check_widths(ring.word_bits for ring in rings)
    bits = ", ".join(str(ring.word_bits) for ring in rings)
    written = {
        f"{MODULE}.sv": write_rings(rings, options),
        f"{BENCH}.sv": _bench(rings),
        "sizes.h": f"enum {{ STREAMS = {len(rings)} }};\nconstexpr int WORD_BITS[] = {{{bits}}};\n",
    }
    return compile_bench(BENCH, SOURCES, written, HARNESS, WRITE_MODEL, jobs=jobs)


def simulate(binary: Path, rings: Sequence[Ring], run: Run) -> Seen:
    """Raises AssertionError where a word is wrong, or a rule of AXI, of the ring or of a stream is broken."""
    with tempfile.TemporaryDirectory(prefix="hw_flows-streams-") as folder:
        told = run_bench(binary, Path(folder), _settings(rings, run))
    status = told.pop("status")
    idle = told.pop("idle")
    figures: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Seen(**figures, faults=status >> 4 & 7, fault_stream=status >> 16, idle=idle)


def _settings(rings: Sequence[Ring], run: Run) -> dict[str, float]:
    values: dict[str, float] = {
        "seed": run.seed,
        "base": run.base,
        "bytes": lay_out(rings)[1] * BURST_BYTES if run.bytes is None else run.bytes,
        "cycles": run.cycles,
        "serial": int(run.serial),
        "garbles": 1,
        **memory_settings(run.memory, run.faults),
    }
    values |= {f"stop_{i}": cycle for i, cycle in enumerate(run.stops)}
    for i, traffic in enumerate(run.traffic):
        values |= {
            f"words_{i}": traffic.words,
            f"in_{i}": traffic.offered,
            f"out_{i}": traffic.taken,
            f"from_{i}": traffic.taken_from,
            f"pause_{i}": traffic.pause,
            f"inside_{i}": traffic.inside,
        }
    return values


def _bench(rings: Sequence[Ring]) -> str:
    """The module with its streams in arrays, for the harness."""
    count = len(rings)
    lines = [
        f"module {BENCH} (",
        "  input logic clk_i, rst_i, run_i, output logic running_o, idle_o, input logic [31:0] base_i, output logic [31:0] status_o,",
        *(f"  {'output' if driven else 'input'} logic {bit_range(bits)}{name}," for name, bits, driven in AXI_SIGNALS),
        f"  input logic [{MOST_WORD_BITS - 1}:0] s_tdata[{count}], input logic s_tvalid[{count}], output logic s_tready[{count}],",
        f"  output logic [{MOST_WORD_BITS - 1}:0] m_tdata[{count}], output logic m_tvalid[{count}], input logic m_tready[{count}]",
        ");",
    ]
    for i, ring in enumerate(rings):
        lines.append(f"  logic [{ring.word_bits - 1}:0] word_{i};")
        lines.append(f"  assign m_tdata[{i}] = {MOST_WORD_BITS}'(word_{i});")
    lines += [
        f"  {MODULE} dut (",
        "    .clk_i, .rst_i, .run_i, .running_o, .idle_o, .base_i, .status_o,",
        *(f"    .m_axi_{name}({name})," for name, _, _ in AXI_SIGNALS),
        ",\n".join(
            f"    .s_axis_{i}_tdata(s_tdata[{i}][{ring.word_bits - 1}:0]), .s_axis_{i}_tvalid(s_tvalid[{i}]), "
            f".s_axis_{i}_tready(s_tready[{i}]), .m_axis_{i}_tdata(word_{i}), .m_axis_{i}_tvalid(m_tvalid[{i}]), "
            f".m_axis_{i}_tready(m_tready[{i}])"
            for i, ring in enumerate(rings)
        ),
        "  );",
        "endmodule",
        "",
    ]
    return "\n".join(lines)
