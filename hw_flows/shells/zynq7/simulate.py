"""A Zynq-7000 board in simulation: shell and accelerator in Verilator, the processing system's bus driven by the real driver."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.cache import cache_folder
from hw_flows.drivers.errors import BoardError
from hw_flows.shells import Shell
from hw_flows.simulate.compile import keep_runtime, lend_runtime
from hw_flows.tools import package_folder, package_version, require_program, run_tool

_HERE = Path(__file__).parent
MODEL, MASTER = _HERE / "ps7_model.sv", _HERE / "axi_master.cpp"
LIMIT_SECONDS = 1800.0
PAUSE_CYCLES = 500
SET_UP = "run `make setup`"
INCR, WORD = 1, 2


class BusError(Exception):
    """The slave answered an access with an error; on a board the program is ended by SIGBUS."""


def compile_board(shell: Shell, accelerator: Accelerator, rtl: Path, *, jobs: int = 2) -> Path:
    """The simulator of a design, from the cache if it was compiled before; run it in folder `rtl`, for its memory images.

    Raises UserError where a compiler is missing, ToolError where Verilator refuses the design.
    """
    sources = [*(rtl / name for name in accelerator.sources), *shell.sources[:-1], MODEL, shell.sources[-1]]
    digest = hashlib.sha256(package_version("verilator").encode())
    for path in [*sources, MASTER, Path(__file__)]:
        digest.update(path.read_bytes() + b"\0")
    binary = cache_folder("simulators") / f"zynq7-{digest.hexdigest()[:32]}.exe"
    if binary.is_file():
        return binary
    verilator = package_folder("verilator", SET_UP)
    for program in ("g++", "make", "perl"):
        require_program(program, "the simulator is compiled with it", f"Debian: apt install {program}")
    binary.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=binary.parent))
    try:
        command = [
            str(verilator / "bin" / "verilator_bin"), "--cc", "--exe", "--top-module", shell.top, "--Mdir", "obj",
            "-O3", "--x-assign", "unique", "--x-initial", "unique", "--no-timing", "--assert",
            "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTITOP", "-CFLAGS", "-O2 -std=c++17",
            *(str(path.resolve()) for path in [*sources, MASTER]),
        ]  # fmt: skip
        environment = {"VERILATOR_ROOT": str(verilator)}
        run_tool("verilator", command, cwd=work, log=work / "verilator.log", limit_seconds=LIMIT_SECONDS,
                 environment=environment)  # fmt: skip
        make = [
            "make", "-C", "obj", "-f", f"V{shell.top}.mk", f"-j{jobs}", f"PYTHON3={sys.executable}",
            "CFG_CXXFLAGS_PCH_I=-include", "CFG_GCH_IF_CLANG=", "OPT_FAST=-O2", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2",
        ]  # fmt: skip
        lend_runtime(work / "obj", trace=False)
        run_tool("make (simulator)", make, cwd=work, log=work / "make.log", limit_seconds=LIMIT_SECONDS,
                 environment=environment)  # fmt: skip
        keep_runtime(work / "obj", trace=False)
        (work / "obj" / f"V{shell.top}").replace(binary)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return binary


class SimulatedBus:
    """The bus of a simulated board, as `hw_flows.drivers.mmio.Bus`; offsets are from `base`.

    `stalls`: chance per cycle and channel that the master does not offer or take anything. Raises BoardError where the
    simulation ends: the slave broke the protocol, or did not answer.
    """

    def __init__(self, binary: Path, rtl: Path, base: int, window: int, *, seed: int = 1, stalls: float = 0.0) -> None:
        self._base, self._window = base, window
        self._process = subprocess.Popen(
            [str(binary), str(seed), str(stalls)], cwd=rtl, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

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

    def _access(self, letter: str, words: Sequence[int], answers: int) -> np.ndarray:
        process = self._process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            process.stdin.write(letter.encode() + struct.pack(f"={len(words)}I", *words))
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: said below
        data = process.stdout.read(4 * (answers + 1))
        if len(data) != 4 * (answers + 1):
            raise BoardError(f"the simulated board has ended: {process.stderr.read().decode().strip()}")
        received = np.frombuffer(data, np.uint32)
        if received[-1] != 0:
            raise BusError(f"response {received[-1]} of an access at offset 0x{words[-1] if letter != 'a' else words[1] - self._base:x}")
        return received[:-1].copy()
