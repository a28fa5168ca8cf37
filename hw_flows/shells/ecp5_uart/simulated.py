# SPDX-License-Identifier: BSD-3-Clause
"""A simulated board with a serial line: the very shell of the bitstream, behind a pseudo terminal for the real driver."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, Pins
from hw_flows.machine.cache import cached
from hw_flows.machine.errors import UserError
from hw_flows.shells.ecp5_uart import BUSY, PLL, PLL_MODEL, TOP, pins_of, write_shell
from hw_flows.simulate.verilator import build_executable, recipe

HARNESS = Path(__file__).with_name("simulated.cpp")
#: Of the simulated line; the real one is slower, which only makes simulations longer.
CLOCKS_PER_BIT = 4
STOP_SECONDS = 10.0


def compile_serial_board(
    accelerator: Accelerator, rtl: Path, board: Board, clock_mhz: float, folder: Path, jobs: int = 1
) -> Path:
    """The executable of shell and accelerator; `folder` gets the shell's sources. To be started in `rtl`."""
    shell, _ = write_shell(accelerator, rtl, board, clock_mhz, folder, clocks_per_bit=CLOCKS_PER_BIT)
    sources = [*(rtl / name for name in accelerator.sources), *shell.sources]
    sources = [folder / PLL_MODEL if s.name == PLL else s for s in sources]
    return _compile(sources, pins_of(board), CLOCKS_PER_BIT, jobs)


def compile_netlist_board(
    netlist: Path, cell_models: Path, board: Board, clock_mhz: float, baud: int, jobs: int = 1
) -> Path:
    """The executable of a synthesized shell with accelerator (Verilog), whose line is as fast as on the board."""
    clocks_per_bit = round(clock_mhz * 1e6 / baud)
    return _compile([cell_models, netlist], pins_of(board), clocks_per_bit, jobs, optimization="-O1")


def board_header(pins: Pins, clocks_per_bit: int) -> str:
    """What the harness must know of the board: its line, and its button and LEDs where it has them."""
    release = f"top.reset_i = {int(pins.reset.inverted)};" if pins.reset is not None else "(void)top;"
    shown = len(pins.leds) > BUSY
    busy = f"((top.led_o >> {BUSY}) & 1) != {int(pins.leds[BUSY].inverted)}" if shown else "((void)top, true)"
    return (
        f'#include "V{TOP}.h"\nusing Top = V{TOP};\nconstexpr int CLOCKS_PER_BIT = {clocks_per_bit};\n'
        f"inline void release_button(Top& top) {{ {release} }}\n"
        "// Whether a frame is inside; always, where no LED shows it.\n"
        f"inline bool is_busy(const Top& top) {{ return {busy}; }}\n"
    )


def _compile(sources: list[Path], pins: Pins, clocks_per_bit: int, jobs: int, optimization: str = "-O2") -> Path:
    files = {"board.h": board_header(pins, clocks_per_bit), HARNESS.name: HARNESS.read_text(encoding="utf-8")}
    digest = hashlib.sha256()
    for text in (*(source.read_text(encoding="utf-8") for source in sources), *files.values(), recipe(), optimization):
        digest.update(text.encode() + b"\0")
    names = [*(str(source.resolve()) for source in sources), HARNESS.name]
    binary, _ = cached(
        "simulators",
        digest.hexdigest()[:40],
        ".exe",
        lambda made: build_executable(TOP, names, files, made, jobs=jobs, optimization=optimization),
    )
    return binary


@contextmanager
def running_board(binary: Path, rtl: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a simulated board; the name of its serial port, and the process."""
    process = subprocess.Popen(
        [binary], cwd=rtl, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        said = process.stdout.readline().split()
        if len(said) != 2 or said[0] != "port":
            raise UserError("the simulated board did not start", str(binary))
        yield said[1], process
    finally:
        process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
