# SPDX-License-Identifier: BSD-3-Clause
"""The streams that wait in memory as SystemVerilog: module `qu_stream_memory`, made of the modules beside this file.

`run_i` high: work, with all rings empty at the start; low: finish. `running_o`: what the streams connect is held in reset while
it is low. `idle_o`: nothing is under way, the next run may begin. `base_i`: where the rings lie, in bytes, a multiple of 128,
steady while not `idle_o`. The memory's contents do not matter.

`status_o`: bit 0 running, 1 idle, 6:4 faults {a response that nobody asked for or RLAST at a wrong beat, error of a read, error
of a write}, 31:16 number of the stream with the first fault.

`m_axi_*`: the memory's port; the shell adds what is constant: INCR, whole rows with all bytes, one ID.
`s_axis_<number>_*`, `m_axis_<number>_*`: each stream, in the order given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.memory_port import (
    ADDRESS_BITS,
    BURST,
    BUS_BITS,
    READ_SIGNALS,
    WRITE_SIGNALS,
    control_ports,
    port_declarations,
)
from hw_flows.operators import fifo, shared, width_converter
from hw_flows.stream_memory.ring import BURST_BYTES, Ring, lay_out

MODULE = "qu_stream_memory"
#: Streams of one port.
MOST_STREAMS = 8
_HERE = Path(__file__).parent

SOURCES = (
    *shared.SHARED,
    *(
        Path(fifo.__file__).with_name(f"{name}.sv")
        for name in ("qu_address_counter", "qu_fifo_shift", "qu_fifo_distributed", "qu_fifo_block", "qu_fifo")
    ),
    *(Path(width_converter.__file__).with_name(f"{name}.sv") for name in ("qu_narrow", "qu_widen")),
    *(_HERE / f"qu_ring_{name}.sv" for name in ("turn", "words", "rows", "stream", "port")),
)
"""In compile order; the written module comes behind them."""

#: Of the memory's port.
AXI_SIGNALS = (*WRITE_SIGNALS, *READ_SIGNALS)


@dataclass(frozen=True)
class RingOptions:
    """What is free to choose."""

    depth: int = 32
    """Rows of each buffer, a power of two from 16 on; two for each stream, in LUTs. 32 take no more LUTs than 16."""
    outstanding: int = 8
    """Bursts that are begun and not complete, of writes and of reads each; a Zynq-7000's HP port takes 8 (UG585)."""


def write_rings(rings: Sequence[Ring], options: RingOptions | None = None) -> str:
    """The module's text. Raises UserError where there are too many streams, or the options or so much memory cannot be had."""
    options = options or RingOptions()
    if options.depth < BURST or options.depth & (options.depth - 1) or options.outstanding < 1:
        raise UserError(
            f"buffers of {options.depth} rows and {options.outstanding} bursts under way",
            "streams in memory",
            f"choose a power of two from {BURST} on, and at least 1",
        )
    if not 1 <= len(rings) <= MOST_STREAMS:
        raise UserError(f"{len(rings)} streams of one port", "streams in memory", f"choose 1 to {MOST_STREAMS}")
    first, bursts = lay_out(rings)
    if bursts * BURST_BYTES > 1 << (ADDRESS_BITS - 1):
        raise UserError(
            f"the rings take {bursts * BURST_BYTES} bytes", "streams in memory", "use smaller or fewer rings"
        )
    block_bits = (bursts - 1).bit_length()
    count = len(rings)
    lines = [
        f"// {count} streams wait in {bursts * BURST_BYTES} bytes of memory.",
        "`default_nettype none",
        f"module {MODULE} (",
        ",\n".join(f"  {port}" for port in _ports(rings)),
        ");",
        f"  logic [{count - 1}:0] want_write, write, write_take, written, want_read, read, row_valid, whole;",
        f"  logic [{count * block_bits - 1}:0] write_block, read_block;",
        f"  logic [{count * BUS_BITS - 1}:0] write_row;",
        f"  logic [{BUS_BITS - 1}:0] row;",
        "  logic [2:0] fault;",
        f"  logic [{max(1, (count - 1).bit_length()) - 1}:0] fault_stream;",
        "  wire stopped = rst_i || !running_o;",
        "  assign status_o = {16'(fault_stream), 9'd0, fault, 2'b00, idle_o, running_o};",
        f"  qu_ring_port #(.STREAMS({count}), .BUS_BITS({BUS_BITS}), .BURST({BURST}), .OUTSTANDING({options.outstanding}),",
        f"    .ADDRESS_BITS({ADDRESS_BITS}), .BLOCK_BITS({block_bits})) port (",
        "    .clk_i, .rst_i, .run_i, .running_o, .idle_o, .base_i, .fault_o(fault), .fault_stream_o(fault_stream),",
        *(f"    .m_axi_{name}," for name, _, _ in AXI_SIGNALS),
        "    .want_write_i(want_write), .write_o(write), .write_block_i(write_block), .write_row_i(write_row),",
        "    .write_take_o(write_take), .written_o(written), .want_read_i(want_read), .read_o(read),",
        "    .read_block_i(read_block), .row_o(row), .row_valid_o(row_valid), .whole_o(whole)",
        "  );",
    ]
    for i, (ring, start) in enumerate(zip(rings, first, strict=True)):
        lines += _stream(i, ring, start, block_bits, options)
    return "\n".join([*lines, "endmodule", "`default_nettype wire", ""])


def memory_ports() -> list[str]:
    """Declarations of the memory's port."""
    return port_declarations("m_axi_", AXI_SIGNALS)


def _ports(rings: Sequence[Ring]) -> list[str]:
    ports = [*control_ports(), *memory_ports()]
    for i, ring in enumerate(rings):
        for side, data, ready in (
            ("s", "input  wire logic", "output      logic"),
            ("m", "output      logic", "input  wire logic"),
        ):
            ports += [
                f"{data} [{ring.word_bits - 1}:0] {side}_axis_{i}_tdata",
                f"{data} {side}_axis_{i}_tvalid",
                f"{ready} {side}_axis_{i}_tready",
            ]
    return ports


def _stream(number: int, ring: Ring, first: int, block_bits: int, options: RingOptions) -> list[str]:
    parameters = {
        "WORD_BITS": str(ring.word_bits),
        "BUS_BITS": str(BUS_BITS),
        "BURST": str(BURST),
        "DEPTH": str(options.depth),
        "RING_BITS": str((ring.bursts - 1).bit_length()),
        "BLOCK_BITS": str(block_bits),
        "FIRST": f"{block_bits}'d{first}",
    }
    own = {
        name + ("_o" if name in ("want_write", "want_read") else "_i"): f"{name}[{number}]"
        for name in ("want_write", "write", "write_take", "written", "want_read", "read", "row_valid", "whole")
    }
    blocks = f"[{number * block_bits}+:{block_bits}]"
    axes = [f"{s}_axis_{w}({s}_axis_{number}_{w})" for s in ("s", "m") for w in ("tdata", "tvalid", "tready")]
    return [
        "",
        f"  // {ring.name}: words of {ring.word_bits} bits, {ring.bytes} bytes from {first * BURST_BYTES} on",
        f"  qu_ring_stream #({', '.join(f'.{name}({value})' for name, value in parameters.items())}) stream_{number} (",
        "    .clk_i, .rst_i(stopped),",
        f"    {', '.join(f'.{axis}' for axis in axes)},",
        f"    {', '.join(f'.{name}({wire})' for name, wire in own.items())},",
        f"    .write_block_o(write_block{blocks}), .read_block_o(read_block{blocks}),",
        f"    .write_row_o(write_row[{number * BUS_BITS}+:{BUS_BITS}]), .row_i(row)",
        "  );",
    ]
