# SPDX-License-Identifier: BSD-3-Clause
"""Shells: what stands around the accelerator on a device, as plain RTL: one folder each, with `SHELL` in its `__init__.py`.

A shell brings clock and reset, the way to the host, and the registers by which the host knows which build it talks to. A
board names its shell; its family lists those that its devices can have.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.boards import NO_SHELL, Board
from hw_flows.machine.errors import UserError

if TYPE_CHECKING:
    from hw_flows.drivers.description import AcceleratorDescription
    from hw_flows.drivers.segmenter import BoardLink
    from hw_flows.memory_system import MemorySystem

#: A simulated board is some thousand times slower than the real one, and silent while the accelerator works.
SIMULATION_GRACE_SECONDS = 600


@dataclass(frozen=True)
class Shell:
    """A written shell. Its files lie beside each other; the accelerator's own are not among them."""

    top: str
    """Name of the top module, around `quantunet_accel` or, with weights in memory, `quantunet_system`."""
    inner: tuple[str, ...]
    """SystemVerilog in `rtl/` of what it stands around, in compile order: the accelerator, with what reads its weights."""
    sources: tuple[Path, ...]
    """SystemVerilog in compile order, the top module last."""
    constraints: Path
    """Pins and clocks in the language of the place-and-route tool."""
    clock_mhz: float
    """Clock of the accelerator, as near below the wanted one as the device can make it."""
    primitives: tuple[str, ...]
    """Primitives of the device that `sources` declare, for tools that have no library of them."""
    link: dict[str, Any]
    """How the host reaches it: the `link` of `deploy/accelerator.json`."""


class HostShell(ABC):
    """A kind of shell. What it simulates is loaded when it is asked for."""

    board_fields: ClassVar[tuple[str, ...]] = ()
    """Fields of a board's file that it cannot do without."""
    accelerator: ClassVar[str] = ""
    """Where the accelerator, or its system, stands, from the top module on, with slashes; empty: its netlist is not asked for power."""
    deploy_needs: ClassVar[str]
    """What the host must have to run `deploy/`, beside Python and numpy, in words."""

    @abstractmethod
    def write(
        self, accelerator: Accelerator, rtl: Path, board: Board, wanted_mhz: float, folder: Path
    ) -> tuple[Shell, str]:
        """Write the shell of `accelerator`, whose sources are in `rtl`, into `folder`; the shell and its identity.

        Raises UserError where the accelerator has not one input and one output, or the clock cannot be made.
        """

    def clock_mhz(self, board: Board, wanted_mhz: float) -> float:
        """The accelerator's clock, where `wanted_mhz` is asked for."""
        return wanted_mhz

    @abstractmethod
    def simulated_netlist(
        self, netlist: Path, models: Path, board: Board, description: AcceleratorDescription, deploy: Path, jobs: int
    ) -> AbstractContextManager[BoardLink]:
        """A routed netlist (Verilog) with its cells' models as a board, for the driver. `deploy`: folder of the description.

        Raises BoardError where it is not the description's build.
        """

    @abstractmethod
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
        """Run `command` (deploy/run.py) on the simulated board, whose shell is written to `folder`; its exit status."""


def find_shell(board: Board) -> HostShell:
    """The shell of a board. Raises UserError where the board has none, or its file lacks what the shell needs."""
    if board.shell == NO_SHELL:
        raise UserError(f"{board.title} has no shell, so no bitstream can be made for it", "--flow", "use --flow none")
    shell: HostShell = import_module(f"{__name__}.{board.shell}").SHELL
    lacks = [name for name in shell.board_fields if getattr(board, name) is None]
    if lacks:
        raise UserError(
            f"the board lacks {' and '.join(lacks)}, which the shell {board.shell} needs",
            f"board {board.name}",
            "add it to the board's file",
        )
    return shell


def place_of_accelerator(board: Board, wanted_mhz: float) -> tuple[str, float]:
    """Where the accelerator stands in the design for a board, from its top module on, and its clock in MHz; where no shell says so,
    its place in simulation."""
    shell = None if board.shell == NO_SHELL else find_shell(board)
    if shell is None or not shell.accelerator:
        return "sim_top/dut", wanted_mhz
    return shell.accelerator, shell.clock_mhz(board, wanted_mhz)


def build_identity(accelerator: Accelerator, rtl: Path, shell: str, system: MemorySystem | None = None) -> str:
    """Which accelerator in which shell, as 16 hexadecimal digits: a hash of every source and memory image.

    `shell`: all that decides on the shell, in any form. `system`: what reads the weights in memory, in whose sources their
    identity is. Two builds with the same identity compute the same.
    """
    digest = hashlib.sha256(shell.encode())
    memories = [memory for instance in accelerator.instances for memory in instance.memories]
    for name in [*(system or accelerator).sources, *memories]:
        digest.update(f"\0{name}\0".encode())
        digest.update((rtl / name).read_bytes())
    return digest.hexdigest()[:16]


def board_memory_system(accelerator: Accelerator, rtl: Path, board: Board) -> MemorySystem | None:
    """What works on the board's memory for the accelerator; None where it has all itself.

    Raises UserError where the board has no way to a memory, or too few ports.
    """
    # here, since it needs more than flows that are only asked what they need
    from hw_flows.memory_system import memory_system

    if not board.dram_ports:
        refuse_memory(accelerator, board)
    system = memory_system(accelerator, rtl)
    if system is not None and system.ports > board.dram_ports:
        raise UserError(
            f"weights and streams take {system.ports} ports of the memory, and {board.title} has {board.dram_ports}",
            f"board {board.name}",
            "build again for this board",
        )
    return system


def refuse_memory(accelerator: Accelerator, board: Board) -> None:
    """For boards, and shells, without a way to a memory. Raises UserError where weights would have to come from one."""
    if accelerator.memory:
        raise UserError(
            f"weights lie in memory (layers: {len(accelerator.memory)}), and this board has no way to the memory",
            f"{board.title} with the shell {board.shell}",
            "keep all weights on the chip, or choose a board whose file has dram_ports",
        )


def only_streams(accelerator: Accelerator) -> tuple[Stream, Stream]:
    """The accelerator's input and output. Raises UserError where it has several."""
    if len(accelerator.inputs) != 1 or len(accelerator.outputs) != 1:
        raise UserError(
            f"the accelerator has {len(accelerator.inputs)} inputs and {len(accelerator.outputs)} outputs, a board's "
            "shell takes one of each",
            accelerator.name,
            "use --flow none",
        )
    return accelerator.stream(accelerator.inputs[0]), accelerator.stream(accelerator.outputs[0])
