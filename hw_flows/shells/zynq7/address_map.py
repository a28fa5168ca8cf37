# SPDX-License-Identifier: BSD-3-Clause
"""The address map of the shell: the one place that RTL (package `qu_zynq7_map`) and driver (the `link`) take it from.

Offsets are bytes from `BASE_ADDRESS`, where the processing system's M_AXI_GP0 begins (UG585, table 4-1); the map repeats
every `SIZE` bytes. All accesses are aligned 32-bit words; others, and the places between, are answered with SLVERR.
"""

from __future__ import annotations

BASE_ADDRESS = 0x4000_0000
SIZE = 0x4000

#: "QNTU" as a little-endian word: there is a shell of ours at all.
MAGIC_VALUE = int.from_bytes(b"QNTU", "little")
#: Counts up when the meaning of a register changes.
VERSION_VALUE = 1

REGISTERS = {
    "MAGIC": 0x00,  # read: MAGIC_VALUE
    "VERSION": 0x04,  # read: VERSION_VALUE
    "IDENTITY_HIGH": 0x08,  # read: upper 32 bits of the build's identity
    "IDENTITY_LOW": 0x0C,  # read: lower 32 bits of it
    "CONTROL": 0x10,  # read and write: CONTROL_RESET
    "STATE": 0x14,  # read: STATE_DROPPED, STATE_STARVED; cleared by reset
    "INPUT_FREE": 0x18,  # read: bus words that the input FIFO can take
    "OUTPUT_LEVEL": 0x1C,  # read: bus words that wait in the output FIFO
    "CYCLES": 0x20,  # read: clock cycles since the bitstream was loaded, modulo 2**32
}

BITS = {
    "CONTROL_RESET": 0,  # 1: FIFOs and accelerator are held in reset
    "STATE_DROPPED": 0,  # a word was written to a full input FIFO, and lost
    "STATE_STARVED": 1,  # an empty output FIFO was read, which gave 0
}

#: From here to SIZE: writes go into the input FIFO, reads come from the output FIFO, at any address. The upper half, so
#: that a block of FIFO_DEPTH words fits in it with one word in two addresses (see hw_flows/drivers/pynq.py).
WINDOW = 0x2000
#: Bus words in each of the two FIFOs: one RAMB36E1.
FIFO_DEPTH = 1024


def link() -> dict[str, object]:
    """What a driver must know of it: the `link` of `deploy/accelerator.json`."""
    return {
        "driver": "pynq",
        "kind": "mmio",
        "base_address": BASE_ADDRESS,
        "size": SIZE,
        "window": WINDOW,
        "fifo_depth": FIFO_DEPTH,
        "magic": MAGIC_VALUE,
        "version": VERSION_VALUE,
        "registers": dict(REGISTERS),
        "bits": dict(BITS),
    }
