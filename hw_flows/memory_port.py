# SPDX-License-Identifier: BSD-3-Clause
"""How generated modules work on the board's memory: the size of a port, and what a shell starts and stops them with."""

from __future__ import annotations

from collections.abc import Sequence

#: Of a port, in bits: addresses, of bytes, and what it carries in a cycle.
ADDRESS_BITS, BUS_BITS = 32, 64
#: Words in a burst, the most that AXI3 allows (ARM IHI 0022), so that every burst that begins on a multiple is within 4 KiB.
BURST = 16

Signals = Sequence[tuple[str, int, bool]]

#: AXI3 signals of a port: name, bits, and whether the module drives it. The shell adds what is constant.
READ_SIGNALS: Signals = (
    ("araddr", ADDRESS_BITS, True),
    ("arlen", 4, True),
    ("arvalid", 1, True),
    ("arready", 1, False),
    ("rdata", BUS_BITS, False),
    ("rresp", 2, False),
    ("rlast", 1, False),
    ("rvalid", 1, False),
    ("rready", 1, True),
)
WRITE_SIGNALS: Signals = (
    ("awaddr", ADDRESS_BITS, True),
    ("awlen", 4, True),
    ("awvalid", 1, True),
    ("awready", 1, False),
    ("wdata", BUS_BITS, True),
    ("wlast", 1, True),
    ("wvalid", 1, True),
    ("wready", 1, False),
    ("bresp", 2, False),
    ("bvalid", 1, False),
    ("bready", 1, True),
)


def bit_range(bits: int) -> str:
    """`[31:0] ` before a name; nothing of a single bit."""
    return f"[{bits - 1}:0] " if bits > 1 else ""


def port_declarations(prefix: str, signals: Signals) -> list[str]:
    """SystemVerilog declarations of `signals`, whose names begin with `prefix`."""
    return [
        f"{'output      logic' if driven else 'input  wire logic'} {bit_range(bits)}{prefix}{name}"
        for name, bits, driven in signals
    ]


def control_ports() -> list[str]:
    """SystemVerilog declarations of the ports for the shell, without those of the memory. `write.py` of a module says what they
    mean to it."""
    return [
        "input  wire logic clk_i",
        "input  wire logic rst_i",
        "input  wire logic run_i",
        "output      logic running_o",
        "output      logic idle_o",
        f"input  wire logic [{ADDRESS_BITS - 1}:0] base_i",
        "output      logic [31:0] status_o",
    ]
