# SPDX-License-Identifier: BSD-3-Clause
"""A simulated Zynq-7000 board: the very shell of the bitstream, its processing system driven by the real driver.

MmioBoard(description, SimulatedBus(compile_zynq7_board(shell, rtl), rtl, shell.link))

Where weights come from memory, the bus also has that memory (`place`) and the registers of the HP ports (`read_register`).
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.weights import PlacedWeights, Weights, stream_bytes, widen_ports
from hw_flows.machine.cache import cached
from hw_flows.shells import Shell
from hw_flows.shells.zynq7 import BUFG_MODEL, PS7_MODEL, TOP
from hw_flows.simulate.board_memory import MODEL, SIGNALS, WRITE_MODEL, ZYNQ_HP, Faults, Memory, memory_settings
from hw_flows.simulate.verilator import build_executable, recipe

MASTER, HP_PORTS = (Path(__file__).with_name(name) for name in ("simulated.cpp", "hp_ports.h"))
#: Where the memory begins that programs may have a piece of.
DRAM_BASE = 0x1000_0000
PAUSE_CYCLES = 500
INCR, WORD = 1, 2


def compile_zynq7_board(shell: Shell, rtl: Path, *, jobs: int = 1) -> Path:
    """The executable of shell and accelerator, to be started in `rtl`. Raises UserError, ToolError as `build_executable`."""
    own = [source for source in shell.sources if source.name not in shell.inner]
    return _compile([*(rtl / name for name in shell.inner), PS7_MODEL, BUFG_MODEL, *own], jobs)


def compile_zynq7_netlist(netlist: Path, cell_models: Path, *, jobs: int = 1) -> Path:
    """The executable of a synthesized design (Verilog) with the vendor's cell models: what is placed and routed."""
    return _compile([cell_models, PS7_MODEL, netlist], jobs)


def _compile(sources: list[Path], jobs: int) -> Path:
    harness = {file.name: file.read_text(encoding="utf-8") for file in (MASTER, HP_PORTS, SIGNALS, MODEL, WRITE_MODEL)}
    digest = hashlib.sha256()
    for text in (*(source.read_text(encoding="utf-8") for source in sources), *harness.values(), recipe()):
        digest.update(text.encode() + b"\0")
    names = [*(str(source.resolve()) for source in sources), MASTER.name]
    binary, _ = cached(
        "simulators",
        digest.hexdigest()[:40],
        ".exe",
        lambda made: build_executable(TOP, names, harness, made, jobs=jobs, compiler_flags="-I.."),
    )
    return binary


class BusError(Exception):
    """The slave answered an access with an error; on a board SIGBUS would end the program."""


class SimulatedBus:
    """The bus of a simulated board, as `hw_flows.drivers.mmio.Bus`; `link` is the shell's.

    `stalls`: chance per cycle and channel that the master does not offer or take anything. Raises BoardError where the
    simulation ends: the slave broke the protocol, or did not answer. `memory` and `faults`: of what lies behind the HP ports;
    `afi_stuck`: the HP ports' registers do not change.
    """

    def __init__(
        self,
        binary: Path,
        rtl: Path,
        link: Mapping[str, Any],
        *,
        seed: int = 1,
        stalls: float = 0.0,
        memory: Memory = ZYNQ_HP,
        faults: Faults | None = None,
        afi_stuck: bool = False,
    ) -> None:
        self._base, self._window = int(link["base_address"]), int(link["window"])
        self._link = link
        settings = {**memory_settings(memory, faults or Faults()), "dram_base": DRAM_BASE, "afi_stuck": int(afi_stuck)}
        known = link.get("memory", {})
        settings |= {name: known.get(name, 0) for name in ("afi_base", "afi_stride", "afi_write")}
        settings |= {f"writes_{port}": 1 for port in known.get("writing_hp_ports", ())}
        told = " ".join(f"{name} {value}" for name, value in settings.items())
        ports = ",".join(map(str, known.get("hp_ports", ()))) or "none"
        self._process = subprocess.Popen(
            [str(binary), str(seed), str(stalls), ports, told],
            cwd=rtl,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def read(self, offset: int) -> int:
        return int(self.burst_read(offset, 1)[0])

    def write(self, offset: int, value: int) -> None:
        self.burst_write(offset, [value])

    def burst_read(self, offset: int, length: int, *, size: int = WORD, burst: int = INCR) -> np.ndarray:
        """One AXI burst of `length` beats. Raises BusError where a beat is answered with an error."""
        return self._access("a", (1, self._base + offset, length, size, burst, 0), length)

    def burst_write(
        self, offset: int, data: Sequence[int], *, size: int = WORD, burst: int = INCR, strobe: int = 15
    ) -> None:
        """One AXI burst. Raises BusError where it is answered with an error."""
        self._access("a", (0, self._base + offset, len(data), size, burst, strobe, *data), 0)

    def read_window(self, count: int) -> np.ndarray:
        return self._access("R", (self._base + self._window, count), count)

    def write_window(self, words: np.ndarray) -> None:
        self._access("W", (self._base + self._window, len(words), *map(int, words)), 0)

    def place(self, address: int, data: bytes) -> None:
        """Bytes into the memory behind the HP ports, from `DRAM_BASE` on, filled up to whole words."""
        words = np.frombuffer(data + bytes(-len(data) % 4), "<u4").astype(np.uint32)
        self._access("p", (address, len(words)), 0, words.tobytes())

    def place_weights(self, weights: Weights) -> PlacedWeights:
        """As the driver of the real board does."""
        widen_ports(self._link, self.read_register, self.write_register)
        self.place(DRAM_BASE, weights.data + bytes(stream_bytes(self._link)))
        return PlacedWeights(DRAM_BASE, lambda: None)

    def read_register(self, address: int) -> int:
        """Of the processing system: AFI_RDCHAN_CTRL or AFI_WRCHAN_CTRL of an HP port. Raises BusError where there is none."""
        return int(self._access("f", (address,), 1)[0])

    def write_register(self, address: int, value: int) -> None:
        self._access("g", (address, value), 0)

    def pause(self) -> None:
        self._access("t", (PAUSE_CYCLES,), 0)

    def hardware_reset(self, cycles: int = 16) -> None:
        """FCLK_RESET0_N low for some cycles."""
        self._access("z", (cycles,), 0)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _access(self, letter: str, words: Sequence[int], answers: int, more: bytes = b"") -> np.ndarray:
        process = self._process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: said below
            process.stdin.write(letter.encode() + struct.pack(f"={len(words)}I", *words) + more)
            process.stdin.flush()
        data = process.stdout.read(4 * (answers + 1))
        if len(data) != 4 * (answers + 1):
            raise BoardError(f"the simulated board has ended: {process.stderr.read().decode().strip()}")
        received = np.frombuffer(data, np.uint32)
        if received[-1] != 0:
            address = words[1] if letter == "a" else words[0]
            raise BusError(f"response {received[-1]} of an access at address 0x{address:08x}")
        return received[:-1].copy()
