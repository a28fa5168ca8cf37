# SPDX-License-Identifier: BSD-3-Clause
"""How generated modules work on the board's memory: the size of a port, and what a shell starts and stops them with."""

from __future__ import annotations

#: Of a port, in bits: addresses, of bytes, and what it carries in a cycle.
ADDRESS_BITS, BUS_BITS = 32, 64
#: Words in a burst, the most that AXI3 allows (ARM IHI 0022), so that every burst that begins on a multiple is within 4 KiB.
BURST = 16


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
