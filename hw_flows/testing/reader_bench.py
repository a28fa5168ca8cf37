# SPDX-License-Identifier: BSD-3-Clause
"""A reader of weights in simulation: a model of the memory in front of it, units that take words behind it, an accelerator that
is too fast. Every figure is in cycles of the reader's clock.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hw_flows.memory_port import READ_SIGNALS
from hw_flows.simulate.board_memory import Faults, Memory, memory_settings
from hw_flows.testing.memory_bench import MOST_WORD_BITS, check_widths, compile_bench, run_bench
from hw_flows.weight_memory.image import Layout
from hw_flows.weight_memory.words import Bits
from hw_flows.weight_memory.write import MODULE, SOURCES, ReaderOptions, write_reader

HARNESS = Path(__file__).with_name("reader_bench.cpp")
BENCH = "weight_memory_bench"
OUTPUT_BITS = 16


@dataclass(frozen=True)
class Run:
    """One simulation."""

    memory: Memory = field(default_factory=Memory)
    faults: Faults = field(default_factory=Faults)
    frames: int = 2
    """Frames after which it ends."""
    cycles: int = 200_000
    """It ends then in any case."""
    stall: float = 0.0
    """Chance per cycle that a unit takes no word, and the outside no word of the accelerator's."""
    interval: int = 1
    """Cycles from one word that a unit takes to the next, at least."""
    blocked: int | None = None
    """Number of a unit that takes no word at all."""
    faithful: bool = True
    """The accelerator gives a frame only after all units have had its weights; else at once, verified or not."""
    stops: tuple[int, ...] = ()
    """Cycles at which `run_i` falls; it rises again once the reader is idle, and what was taken before is forgotten."""
    base: int = 0x1080
    seed: int = 1


@dataclass(frozen=True)
class Seen:
    """What came of it since the last start."""

    streams: tuple[Bits, ...]
    """Words that each unit took."""
    frames: int
    """Whole frames that left."""
    faults: int
    """Bits 7:4 of `status_o`."""
    fault_number: int
    cycles: int
    """From the start to the last word that a unit took."""
    beats: tuple[int, ...]
    """Of each port."""
    outstanding: tuple[int, ...]
    """Bursts under way at a time, at most."""
    longest_wait: tuple[int, ...]
    """Cycles that each unit waited for a word, at most, after its first."""
    outside: int
    """Bursts outside of the image, which were answered with DECERR."""
    idle: bool


def compile_reader(layout: Layout, output_words: int, options: ReaderOptions, *, jobs: int = 1) -> Path:
    """The executable. Raises UserError and ToolError as `build_executable`, and where a stream is too wide for the model."""
    check_widths(region.word_bits for region in layout.regions)
    sizes = f"enum {{ PORTS = {options.ports}, STREAMS = {len(layout.regions)}, OUTPUT_WORDS = {output_words} }};\n"
    written = {
        f"{MODULE}.sv": write_reader(layout, (OUTPUT_BITS, output_words), options),
        f"{BENCH}.sv": _bench(layout, options),
        "sizes.h": sizes,
    }
    return compile_bench(BENCH, SOURCES, written, HARNESS, jobs=jobs)


def simulate(binary: Path, layout: Layout, data: bytes, run: Run) -> Seen:
    """Run it over `data`, the memory from `run.base` on. Raises AssertionError where a rule of AXI or of a stream is broken."""
    with tempfile.TemporaryDirectory(prefix="hw_flows-weights-") as folder:
        work = Path(folder)
        (work / "memory.bin").write_bytes(data)
        told = run_bench(binary, work, _settings(layout, run))
        streams = []
        for region in layout.regions:
            raw = np.fromfile(work / f"stream_{region.number}.bin", np.uint8).reshape(-1, MOST_WORD_BITS // 8)
            streams.append(np.unpackbits(raw, axis=1, bitorder="little")[:, : region.word_bits])
    status = told["status"]
    return Seen(
        streams=tuple(streams),
        frames=told["frames"],
        faults=status >> 4 & 15,
        fault_number=status >> 16,
        cycles=told["cycles"],
        beats=tuple(told["beats"]),
        outstanding=tuple(told["outstanding"]),
        longest_wait=tuple(told["longest_wait"]),
        outside=told["outside"],
        idle=told["idle"],
    )


def _settings(layout: Layout, run: Run) -> dict[str, str]:
    values: dict[str, object] = {
        "seed": run.seed,
        "base": run.base,
        "frames": run.frames,
        "cycles": run.cycles,
        "stall": run.stall,
        "interval": run.interval,
        "blocked": -1 if run.blocked is None else run.blocked,
        "faithful": int(run.faithful),
        **memory_settings(run.memory, run.faults),
    }
    values |= {f"stop_{i}": cycle for i, cycle in enumerate(run.stops)}
    values |= {f"words_{region.number}": region.words * region.repeats for region in layout.regions}
    return {name: str(value) for name, value in values.items()}


def _bench(layout: Layout, options: ReaderOptions) -> str:
    """The reader with its ports in arrays, for the harness."""
    ports, streams = options.ports, len(layout.regions)
    lines = [
        f"module {BENCH} (",
        "  input logic clk_i, rst_i, run_i, output logic running_o, idle_o, input logic [31:0] base_i, output logic [31:0] status_o,",
        f"  output logic [31:0] araddr[{ports}], output logic [3:0] arlen[{ports}], output logic arvalid[{ports}],",
        f"  input logic arready[{ports}], input logic [63:0] rdata[{ports}], input logic [1:0] rresp[{ports}],",
        f"  input logic rlast[{ports}], rvalid[{ports}], output logic rready[{ports}],",
        f"  output logic [{MOST_WORD_BITS - 1}:0] tdata[{streams}], output logic tvalid[{streams}], input logic tready[{streams}],",
        f"  input logic [{OUTPUT_BITS - 1}:0] made_tdata, input logic made_tvalid, output logic made_tready,",
        f"  output logic [{OUTPUT_BITS - 1}:0] left_tdata, output logic left_tvalid, input logic left_tready",
        ");",
    ]
    for region in layout.regions:
        lines.append(f"  logic [{region.word_bits - 1}:0] word_{region.number};")
        lines.append(f"  assign tdata[{region.number}] = {MOST_WORD_BITS}'(word_{region.number});")
    lines += [
        f"  {MODULE} reader (",
        "    .clk_i, .rst_i, .run_i, .running_o, .idle_o, .base_i, .status_o,",
        *(f"    .m_axi_{p}_{name}({name}[{p}])," for p in range(ports) for name, _, _ in READ_SIGNALS),
        *(
            f"    .m_axis_{s}_tdata(word_{s}), .m_axis_{s}_tvalid(tvalid[{s}]), .m_axis_{s}_tready(tready[{s}]),"
            for s in range(streams)
        ),
        *(f"    .s_axis_{name}(made_{name}), .m_axis_{name}(left_{name})," for name in ("tdata", "tvalid")),
        "    .s_axis_tready(made_tready), .m_axis_tready(left_tready)",
        "  );",
        "endmodule",
        "",
    ]
    return "\n".join(lines)
