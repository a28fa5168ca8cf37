# SPDX-License-Identifier: BSD-3-Clause
"""What a simulated memory is like, and what goes wrong in it on purpose; `axi_memory.h` has the model.

Every figure is in cycles of the design's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

_HERE = Path(__file__).parent
#: Headers: where a design's signals are; the memory behind read ports; and a port that also writes.
SIGNALS, MODEL, WRITE_MODEL = (_HERE / name for name in ("axi_signals.h", "axi_memory.h", "axi_writes.h"))


@dataclass(frozen=True)
class Memory:
    """How the memory behaves, in cycles of the design's clock."""

    latency: int = 20
    """From an accepted address to its first beat, at least."""
    jitter: float = 0.0
    """Mean of what comes on top of it, exponentially distributed."""
    latency_limit: int = 1000
    """The most of both."""
    accepts: int = 8
    """Bursts that a port holds; it takes no address beyond them."""
    bytes_per_cycle: float = 1000.0
    """What the memory gives to all ports together."""
    refresh_interval: int = 0
    """0: none."""
    refresh: int = 0
    """Cycles without data at the end of each interval."""
    stall: float = 0.0
    """Chance per cycle and port that an address is not taken, or a beat does not come."""
    title: str = ""
    """What memory it is, for people."""

    def at(self, clock_mhz: float, own_mhz: float = 100.0) -> Memory:
        """The same memory, described at `own_mhz`, with the design at another clock: all takes the same time, in other cycles."""
        factor = clock_mhz / own_mhz
        return replace(
            self,
            latency=round(self.latency * factor),
            jitter=self.jitter * factor,
            latency_limit=round(self.latency_limit * factor),
            bytes_per_cycle=self.bytes_per_cycle / factor,
            refresh_interval=round(self.refresh_interval * factor),
            refresh=round(self.refresh * factor),
        )


ZYNQ_HP = Memory(
    latency=18,
    jitter=3.0,
    latency_limit=69,
    accepts=8,
    bytes_per_cycle=15.75,
    refresh_interval=780,
    refresh=26,
    title="DDR3 of a PYNQ-Z2 behind the HP ports of its Zynq-7000, as others measured it",
)
"""The DDR3 memory of a PYNQ-Z2 (16 bit, 1,050 MT/s) behind the HP ports of its Zynq-7000, at 100 MHz.

Latency: github.com/ammrat13/pynqz2-ram-tester measured there, with one burst of 16 words of 64 bits at a time while the
processor made random accesses, 37.4 cycles a burst on average and 85 at most, its 16 beats included. Bursts that a port
takes: UG585, AFI_RDCHAN_ISSUINGCAP (its value after reset). Bandwidth: 75 % of 2,100 MB/s, which UG585 gives as the
controller's design aim ("DDR Efficiency"; it measured 92 to 97 % for reads alone). Refresh: 260 ns every 7.8 us, a 4 Gbit
DDR3 chip's tRFC and tREFI (JEDEC JESD79-3).
"""


@dataclass(frozen=True)
class Faults:
    """What goes wrong on purpose; bursts count per port from 0."""

    bus_error: tuple[int, int, int] | None = None
    """(port, burst, beat) that is answered with SLVERR."""
    wrong_last: tuple[int, int] | None = None
    """(port, burst) whose RLAST comes a beat early."""
    write_error: int | None = None
    """Burst that is answered with SLVERR and not written."""


def memory_settings(memory: Memory, faults: Faults) -> dict[str, float]:
    """What the model reads: a number for each name."""
    settings = {
        "latency": memory.latency,
        "jitter": memory.jitter,
        "latency_limit": memory.latency_limit,
        "accepts": memory.accepts,
        "bytes_per_cycle": memory.bytes_per_cycle,
        "refresh_interval": memory.refresh_interval,
        "refresh": memory.refresh,
        "memory_stall": memory.stall,
    }
    for name, numbers, size in (("bus_error", faults.bus_error, 3), ("wrong_last", faults.wrong_last, 2)):
        settings |= {f"{name}_{i}": -1 if numbers is None else numbers[i] for i in range(size)}
    return settings | {"write_error": -1 if faults.write_error is None else faults.write_error}
