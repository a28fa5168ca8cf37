# SPDX-License-Identifier: BSD-3-Clause
"""The address map of the shell: the one place that RTL (package `qu_zynq7_map`) and driver (the `link`) take it from.

`MEMORY_REGISTERS` and `MEMORY_BITS` are there where weights come from the board's memory, through the HP ports.

Offsets are bytes from `BASE_ADDRESS`, where the processing system's M_AXI_GP0 begins (UG585, table 4-1); the map repeats
every `SIZE` bytes. All accesses are aligned 32-bit words; others, and the places between, are answered with SLVERR.
"""

from __future__ import annotations

from collections.abc import Mapping

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

MEMORY_REGISTERS = {
    "WEIGHTS_BASE": 0x24,  # read and write: physical address of the weights; the lowest bits, up to WEIGHTS_ALIGNMENT, are 0
    "WEIGHTS_STATUS": 0x28,  # read: what reads the weights, see hw_flows/weight_memory/write.py
}

MEMORY_BITS = {
    "CONTROL_RUN": 1,  # 1, and no reset: weights are read; 0: that ends, and the accelerator is held in reset
}

#: Of WEIGHTS_STATUS, what a driver looks at.
STATUS_BITS = {
    "WEIGHTS_RUNNING": 0,
    "WEIGHTS_IDLE": 1,  # nothing is under way on the bus
    "STREAMS_FAULT": 2,  # two bits: 0, or 1 + the place in STREAMS_FAULTS
    "WEIGHTS_FAULT": 4,  # four bits, see WEIGHTS_FAULTS
    "WEIGHTS_LAYER": 16,  # sixteen bits: number of the layer, or else of the stream, with the first fault
}

#: Bits from WEIGHTS_FAULT on, the lowest first.
WEIGHTS_FAULTS = ("bus_error", "identity", "check_sum", "last")
STREAMS_FAULTS = ("write_error", "read_error", "protocol")
WEIGHTS_ALIGNMENT = 128

#: The processing system's HP ports in the order in which they are taken: 0 and 1 share a port of its memory controller, 2 and
#: 3 another (UG585, memory interconnect).
HP_PORTS = (0, 2, 1, 3)
#: AFI_RDCHAN_CTRL of HP port 0, from there to the next port's and to AFI_WRCHAN_CTRL, and the bit of both that makes the port 32
#: bits wide (UG585, register set axi_hp).
AFI_BASE, AFI_STRIDE, AFI_WRITE, AFI_32_BITS = 0xF800_8000, 0x1000, 0x14, 0

#: From here to SIZE: writes go into the input FIFO, reads come from the output FIFO, at any address. The upper half, so
#: that a block of FIFO_DEPTH words fits in it with one word in two addresses (see hw_flows/drivers/pynq.py).
WINDOW = 0x2000
#: Bus words in each of the two FIFOs: one RAMB36E1.
FIFO_DEPTH = 1024


def link(memory_ports: int = 0, writers: int = 0, streams: Mapping[str, int] | None = None) -> dict[str, object]:
    """What a driver must know of it: the `link` of `deploy/accelerator.json`. `memory_ports`: in all, of which the last `writers`
    also write; `streams`: that wait in memory, by name, with bytes of each."""
    known: dict[str, object] = {
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
    if memory_ports:
        known["registers"] = REGISTERS | MEMORY_REGISTERS
        known["bits"] = BITS | MEMORY_BITS | STATUS_BITS
        known["memory"] = {
            "alignment": WEIGHTS_ALIGNMENT,
            "faults": list(WEIGHTS_FAULTS),
            "stream_faults": list(STREAMS_FAULTS),
            "hp_ports": list(HP_PORTS[:memory_ports]),
            "writing_hp_ports": list(HP_PORTS[memory_ports - writers : memory_ports]),
            "streams": dict(streams or {}),
            "afi_base": AFI_BASE,
            "afi_stride": AFI_STRIDE,
            "afi_write": AFI_WRITE,
            "afi_32_bits": AFI_32_BITS,
        }
    return known
