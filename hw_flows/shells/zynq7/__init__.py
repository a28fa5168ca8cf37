# SPDX-License-Identifier: BSD-3-Clause
"""The shell of Zynq-7000 boards: the accelerator behind an AXI3 slave on M_AXI_GP0 of the processing system.

The design has no pins; FCLK0 of the processing system is its clock, which the driver sets.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.boards import Board
from hw_flows.drivers.words import slot_bytes
from hw_flows.shells import (
    SIMULATION_GRACE_SECONDS,
    HostShell,
    Shell,
    board_memory_system,
    build_identity,
    only_streams,
)
from hw_flows.shells.zynq7 import address_map as m
from hw_flows.shells.zynq7.memory import with_memory
from quantunet_common.files import copy_atomically, write_text_atomically

if TYPE_CHECKING:
    from hw_flows.drivers.description import AcceleratorDescription
    from hw_flows.drivers.mmio import MmioBoard

TOP = "qu_zynq7_top"
PACKAGE = "qu_zynq7_map"
#: The net that the clock constraint names: the output of the clock buffer in the top module.
CLOCK_NET = "clk"
_HERE = Path(__file__).parent
#: For simulation, in place of the device's primitives.
#: The `pynq` package for a driver that talks to the simulated board.
PYNQ_STAND_IN = _HERE / "pynq_stand_in"
PS7_MODEL, BUFG_MODEL = _HERE / "ps7_model.sv", _HERE / "bufg_model.sv"
_OPERATORS = _HERE.parents[1] / "operators"
#: Sources shared with the operators; an accelerator's folder may have the same.
SHARED_RTL = (
    _OPERATORS / "shared" / "qu_simple_dual_port_ram.sv",
    _OPERATORS / "shared" / "qu_loop_counter.sv",
    *(
        _OPERATORS / "fifo" / f"{name}.sv"
        for name in ("qu_address_counter", "qu_fifo_shift", "qu_fifo_distributed", "qu_fifo_block", "qu_fifo")
    ),
)
RTL = tuple(
    _HERE / f"{name}.sv"
    for name in (
        "qu_axi3_slave",
        "qu_bus_fifo",
        "qu_slots_to_words",
        "qu_words_to_slots",
        "qu_registers",
        "qu_zynq7_shell",
        TOP,
    )
)


def write_shell(
    accelerator: Accelerator, rtl: Path, board: Board, wanted_mhz: float, folder: Path
) -> tuple[Shell, str]:
    """Write the shell of `accelerator`, whose sources are in `rtl`, into `folder`; the shell and its identity.

    Raises UserError where the accelerator has not one input and one output, or the board lacks the way to its weights.
    """
    assert board.ps_clock_mhz is not None, "a Zynq board has a processing system"
    clock_mhz = divided_clock(wanted_mhz, board.ps_clock_mhz)
    system = board_memory_system(accelerator, rtl, board)
    own = {path.name: path.read_text(encoding="utf-8") for path in RTL}
    link = m.link()
    if system is not None:
        own = {name: with_memory(text, system) for name, text in own.items()}
        link = m.link(system.ports, system.writers, {ring.name: ring.bytes for ring in system.rings})
    recipe = "".join([*own.values(), (_HERE / "address_map.py").read_text(encoding="utf-8")])
    identity = build_identity(accelerator, rtl, json.dumps([board.name, recipe]), system)
    write_text_atomically(folder / f"{PACKAGE}.sv", map_package(accelerator, identity))
    write_text_atomically(folder / f"{TOP}.xdc", constraints(clock_mhz))
    for source in SHARED_RTL:
        copy_atomically(source, folder / source.name)
    for name, text in own.items():
        write_text_atomically(folder / name, text)
    names = [f"{PACKAGE}.sv", *(source.name for source in SHARED_RTL), *own]
    sources = tuple(folder / name for name in names)
    inner = (system or accelerator).sources
    return Shell(TOP, inner, sources, folder / f"{TOP}.xdc", clock_mhz, (), link), identity


class Zynq7(HostShell):
    """The processing system of a Zynq-7000 is the host."""

    board_fields = ("ps_clock_mhz",)
    accelerator = f"{TOP}/shell/accelerator"
    deploy_needs = "the board with a PYNQ image (3.0 or newer), as root: sudo -E python3 run.py on the board itself."

    def write(
        self, accelerator: Accelerator, rtl: Path, board: Board, wanted_mhz: float, folder: Path
    ) -> tuple[Shell, str]:
        return write_shell(accelerator, rtl, board, wanted_mhz, folder)

    def clock_mhz(self, board: Board, wanted_mhz: float) -> float:
        assert board.ps_clock_mhz is not None, "a Zynq board has a processing system"
        return divided_clock(wanted_mhz, board.ps_clock_mhz)

    @contextmanager
    def simulated_netlist(
        self, netlist: Path, models: Path, board: Board, description: AcceleratorDescription, deploy: Path, jobs: int
    ) -> Iterator[MmioBoard]:
        from hw_flows.drivers.mmio import MmioBoard
        from hw_flows.drivers.weights import read_weights
        from hw_flows.shells.zynq7.simulated import SimulatedBus, compile_zynq7_netlist

        weights = read_weights(deploy, description.weights) if description.weights else None
        bus = SimulatedBus(compile_zynq7_netlist(netlist, models, jobs=jobs), netlist.parent, description.link)
        try:
            yield MmioBoard(description, bus, SIMULATION_GRACE_SECONDS, weights, bus.place_weights)
        finally:
            bus.close()

    def run_simulated(
        self,
        command: Sequence[str],
        accelerator: Accelerator,
        rtl: Path,
        board: Board,
        description: AcceleratorDescription,
        folder: Path,
        jobs: int,
    ) -> int:
        """The deployed driver talks to a stand-in for the `pynq` package, and that to the simulated bus."""
        from hw_flows.shells.zynq7.simulated import compile_zynq7_board

        shell, _ = write_shell(accelerator, rtl, board, description.clock_mhz, folder)
        binary = compile_zynq7_board(shell, rtl, jobs=jobs)
        named = {
            "binary": str(binary),
            "rtl": str(rtl.resolve()),
            "link": description.link,
            "ps_clock_mhz": board.ps_clock_mhz,
        }
        path = os.pathsep.join([str(PYNQ_STAND_IN), *filter(None, [os.environ.get("PYTHONPATH")])])
        return subprocess.call(command, env={**os.environ, "PYTHONPATH": path, "QU_SIMULATED_BOARD": json.dumps(named)})


SHELL = Zynq7()


def constraints(clock_mhz: float) -> str:
    """XDC of a design without pins: the clock."""
    return f"create_clock -period {1000 / clock_mhz:.3f} [get_nets {CLOCK_NET}]\n"


def divided_clock(limit_mhz: float, source_mhz: float) -> float:
    """The fastest FCLK0 up to `limit_mhz`: the I/O PLL divided by two divisors of 1 to 63 each (UG585, 25.6)."""
    products = sorted({a * b for a in range(1, 64) for b in range(1, 64)})
    return next((source_mhz / n for n in products if source_mhz / n <= limit_mhz), source_mhz / products[-1])


def map_package(accelerator: Accelerator, identity: str) -> str:
    """SystemVerilog package with the address map and this design's constants."""
    address_bits = m.SIZE.bit_length() - 1
    streams = only_streams(accelerator)
    registers = m.REGISTERS | m.MEMORY_REGISTERS
    lines = [
        "// Generated by qu-build from the address map of the shell and the accelerator's streams.",
        f"package {PACKAGE};",
        f"  localparam int unsigned ADDRESS_BITS = {address_bits};",
        f"  localparam int unsigned FIFO_DEPTH = {m.FIFO_DEPTH};",
        "  localparam int unsigned FIFO_LEVEL_BITS = $clog2(FIFO_DEPTH + 1);",
        *(f"  localparam logic [ADDRESS_BITS-1:0] {n} = {address_bits}'h{a:x};" for n, a in registers.items()),
        f"  localparam bit MEMORY = 1'b{int(bool(accelerator.memory))};",
        f"  localparam int unsigned WEIGHTS_ALIGNMENT_BITS = {m.WEIGHTS_ALIGNMENT.bit_length() - 1};",
        f"  localparam logic [ADDRESS_BITS-1:0] WINDOW = {address_bits}'h{m.WINDOW:x};",
        *(f"  localparam int unsigned {name} = {bit};" for name, bit in (m.BITS | m.MEMORY_BITS).items()),
        f"  localparam logic [31:0] MAGIC_VALUE = 32'h{m.MAGIC_VALUE:08x};",
        f"  localparam logic [31:0] VERSION_VALUE = {m.VERSION_VALUE};",
        f"  localparam logic [63:0] IDENTITY_VALUE = 64'h{identity};",
        *(line for name, stream in zip(("INPUT", "OUTPUT"), streams, strict=True) for line in _format(name, stream)),
    ]
    return "\n".join([*lines, "endpackage", ""])


def _format(name: str, stream: Stream) -> list[str]:
    return [
        f"  localparam int unsigned {name}_WORD_BITS = {stream.width};",
        f"  localparam int unsigned {name}_SLOT = {8 * slot_bytes(stream.width)};",
        f"  localparam int unsigned {name}_WORDS = {stream.words};",
    ]
