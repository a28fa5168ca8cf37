# SPDX-License-Identifier: BSD-3-Clause
"""The reader of one memory image as SystemVerilog: module `qu_weight_memory`, made of the modules beside this file.

`run_i` high: read from the schedule's start on; low: finish. `running_o`: what the streams feed is held in reset while it is
low. `idle_o`: nothing is under way, the next run may begin. `base_i`: where the image lies, in bytes, a multiple of 128, steady
while not `idle_o`.

`status_o`: bit 0 running, 1 idle, 7:4 faults {RLAST at a wrong beat, check sum, identity, bus error}, 15:8 frames that have
left, modulo, 31:16 number of the layer with the first fault, of the lowest port that has one.

`m_axi_<port>_ar*` and `_r*`: each port's read addresses and data; the shell adds what is constant: INCR, whole words, one ID.
`m_axis_<number>_*`: each region's stream. `s_axis_*`: the accelerator's output; `m_axis_*`: what leaves of it, of which a
frame's last word waits until its weights are verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.memory_port import ADDRESS_BITS, BURST, READ_SIGNALS, control_ports, port_declarations
from hw_flows.operators import fifo, shared, width_converter
from hw_flows.weight_memory.image import Layout, Region
from hw_flows.weight_memory.ports import share
from hw_flows.weight_memory.region import BLOCK_BYTES

MODULE = "qu_weight_memory"
_HERE = Path(__file__).parent
#: Frames that a layer may be before the accelerator's output: 2**FRAME_BITS - 1, the one that is read included.
FRAME_BITS = 5
#: Words in the two block memories of the 7-series that hold a 64-bit word and a mark in four columns (`qu_weight_store.sv`).
STORE_WORDS = 1024
#: Bits of the frame counter in `status_o`.
STATUS_FRAME_BITS = 8

SOURCES = (
    *shared.SHARED,
    *(
        Path(fifo.__file__).with_name(f"{name}.sv")
        for name in ("qu_address_counter", "qu_fifo_shift", "qu_fifo_distributed", "qu_fifo_block", "qu_fifo")
    ),
    *(
        Path(width_converter.__file__).with_name(f"{name}.sv")
        for name in ("qu_narrow", "qu_widen", "qu_regroup", "qu_width_converter")
    ),
    *(_HERE / f"qu_weight_{name}.sv" for name in ("requests", "check", "frames", "store", "unpack", "gate", "port")),
)
"""In compile order; the written module comes behind them."""


@dataclass(frozen=True)
class ReaderOptions:
    """What is free to choose of a reader."""

    ports: int = 1
    """Read ports, 1 to 4."""
    depth: int | None = None
    """64-bit words of each stream's buffer, a power of two from 16 on, all of a port in one memory. None: see `depth_of`."""
    outstanding: int = 8
    """Bursts of a port that are asked for and have not come; a Zynq-7000's HP port takes 8 (UG585, AFI_RDCHAN_ISSUINGCAP)."""


def depth_of(streams: int) -> int:
    """Words of each buffer of a port: what its two RAMB36 have for so many, two bursts at least."""
    return max(2 * BURST, 1 << max(0, (STORE_WORDS // streams).bit_length() - 1))


def write_reader(layout: Layout, output: tuple[int, int], options: ReaderOptions | None = None) -> str:
    """The module's text. `output`: bits of a word of the accelerator's output, and words of a frame.

    Raises UserError where the options cannot be had, or the image is too large.
    """
    options = options or ReaderOptions()
    depth = BURST if options.depth is None else options.depth
    if depth < BURST or depth & (depth - 1) or options.outstanding < 1:
        raise UserError(
            f"a buffer of {depth} words and {options.outstanding} bursts under way",
            "reader of weights",
            f"choose a power of two from {BURST} on, and at least 1",
        )
    if layout.size > 1 << (ADDRESS_BITS - 1):
        raise UserError(f"the weights take {layout.size} bytes", "weights in memory", "use fewer bits or layers")
    ports = share(layout.regions, options.ports)
    lines = [
        f"// Reads the weights of {len(layout.regions)} layers from memory, {layout.frame_bytes} bytes a frame.",
        "`default_nettype none",
        f"module {MODULE} (",
        ",\n".join(f"  {port}" for port in _module_ports(layout, output, options)),
        ");",
        f"  logic [{options.ports - 1}:0] running, idle;",
        f"  logic [{options.ports * FRAME_BITS - 1}:0] verified;",
        f"  logic [{FRAME_BITS - 1}:0] frames;",
        *(f"  logic [3:0] fault_{p};\n  logic [15:0] number_{p};" for p in range(options.ports)),
        "  wire stopped = rst_i || !running_o;",
        "  assign running_o = &running;",
        "  assign idle_o = &idle;",
    ]
    for p, regions in enumerate(ports):
        lines += _port(p, regions, layout, options)
    lines += _end(output, options)
    return "\n".join([*lines, "endmodule", "`default_nettype wire", ""])


def memory_ports(ports: int) -> list[str]:
    """Declarations of the read ports."""
    return [declaration for p in range(ports) for declaration in port_declarations(f"m_axi_{p}_", READ_SIGNALS)]


def _module_ports(layout: Layout, output: tuple[int, int], options: ReaderOptions) -> list[str]:
    ports = [*control_ports(), *memory_ports(options.ports)]
    for region in layout.regions:
        ports += [
            f"output      logic [{region.word_bits - 1}:0] m_axis_{region.number}_tdata",
            f"output      logic m_axis_{region.number}_tvalid",
            f"input  wire logic m_axis_{region.number}_tready",
        ]
    for side, data, ready in (
        ("s", "input  wire logic", "output      logic"),
        ("m", "output      logic", "input  wire logic"),
    ):
        ports += [
            f"{data} [{output[0] - 1}:0] {side}_axis_tdata",
            f"{data} {side}_axis_tvalid",
            f"{ready} {side}_axis_tready",
        ]
    return ports


def _port(p: int, regions: Sequence[Region], layout: Layout, options: ReaderOptions) -> list[str]:
    blocks = [-(-region.bus_words // BURST) for region in regions]
    first = [region.offset // BLOCK_BYTES for region in regions]
    block_bits = max(1, (layout.size // BLOCK_BYTES - 1).bit_length())
    repeat_bits = max(1, max(region.repeats - 1 for region in regions).bit_length())
    parameters = {
        "STREAMS": str(len(regions)),
        "BURST": str(BURST),
        "DEPTH": str(depth_of(len(regions)) if options.depth is None else options.depth),
        "OUTSTANDING": str(options.outstanding),
        "ADDRESS_BITS": str(ADDRESS_BITS),
        "BLOCK_BITS": str(block_bits),
        "REPEAT_BITS": str(repeat_bits),
        "FRAME_BITS": str(FRAME_BITS),
        "IDENTITY": f"48'h{layout.identity:x}",
        "NUMBER": _packed([region.number for region in regions], 16),
        "FIRST": _packed(first, block_bits),
        "LAST": _packed([f + b - 1 for f, b in zip(first, blocks, strict=True)], block_bits),
        "TAIL": _packed([(region.bus_words - 1) % BURST for region in regions], 4),
        "LAST_REPEAT": _packed([region.repeats - 1 for region in regions], repeat_bits),
    }
    lines = [
        "",
        f"  logic [{len(regions) - 1}:0] room_{p}, give_{p};",
        f"  logic [63:0] word_{p};",
        f"  logic last_{p};",
        "  qu_weight_port #(",
        ",\n".join(f"    .{name}({value})" for name, value in parameters.items()),
        f"  ) port_{p} (",
        "    .clk_i, .rst_i, .run_i,",
        f"    .running_o(running[{p}]), .idle_o(idle[{p}]), .base_i,",
        f"    .frames_i(frames), .verified_o(verified[{p * FRAME_BITS}+:{FRAME_BITS}]),",
        f"    .fault_o(fault_{p}), .fault_number_o(number_{p}),",
        *(f"    .m_axi_{name}(m_axi_{p}_{name})," for name, _, _ in READ_SIGNALS),
        f"    .room_i(room_{p}), .give_o(give_{p}), .word_o(word_{p}), .last_o(last_{p})",
        "  );",
    ]
    for s, region in enumerate(regions):
        axis = f"m_axis_{region.number}"
        lines += [
            f"  // {region.name}: {region.words} words of {region.word_bits} bits, {region.repeats} times a frame",
            f"  qu_weight_unpack #(.WORD_BITS(64), .STREAM_BITS({region.word_bits}), .WORDS({region.words})) "
            f"stream_{region.number} (",
            f"    .clk_i, .rst_i(stopped), .room_o(room_{p}[{s}]), .give_i(give_{p}[{s}]), .word_i(word_{p}), .last_i(last_{p}),",
            f"    .m_axis_tdata({axis}_tdata), .m_axis_tvalid({axis}_tvalid), .m_axis_tready({axis}_tready)",
            "  );",
        ]
    return lines


def _end(output: tuple[int, int], options: ReaderOptions) -> list[str]:
    ports = range(options.ports)
    number = "16'd0"
    for p in reversed(ports):
        number = f"fault_{p} != '0 ? number_{p} : {number}"
    return [
        "",
        f"  qu_weight_gate #(.WORD_BITS({output[0]}), .WORDS({output[1]}), .PORTS({options.ports}), "
        f".FRAME_BITS({FRAME_BITS})) gate (",
        "    .clk_i, .rst_i(stopped), .verified_i(verified), .frames_o(frames),",
        "    .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .m_axis_tdata, .m_axis_tvalid, .m_axis_tready",
        "  );",
        "",
        f"  logic [{STATUS_FRAME_BITS - 1}:0] left;  // frames, with more bits",
        f"  logic [{FRAME_BITS - 1}:0] previous;",
        "  always_ff @(posedge clk_i) begin",
        "    previous <= stopped ? '0 : frames;",
        f"    left <= stopped ? '0 : left + {STATUS_FRAME_BITS}'(previous != frames);",
        "  end",
        f"  assign status_o = {{{number}, left, {' | '.join(f'fault_{p}' for p in ports)}, 2'b00, idle_o, running_o}};",
    ]


def _packed(values: Sequence[int], bits: int) -> str:
    """A vector of numbers, the first in the lowest bits."""
    total = sum(value << (bits * i) for i, value in enumerate(values))
    return f"{bits * len(values)}'h{total:x}"
