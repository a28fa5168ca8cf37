# SPDX-License-Identifier: BSD-3-Clause
"""What every `--flow open` does, whatever its tools: shell, its synthesis, place and route, and the netlist as a board."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hw_flows.families import find_family
from hw_flows.flows.flow import Flow, how_to_load
from hw_flows.machine.tools import package_version
from hw_flows.shells import Shell, find_shell

if TYPE_CHECKING:
    from hw_flows.boards import Board
    from hw_flows.drivers.description import AcceleratorDescription
    from hw_flows.drivers.segmenter import BoardLink
    from hw_flows.flows.bitstream import Bitstream, BitstreamJob

T = TypeVar("T")


class Stages:
    """Runs the stages of a flow one after the other, says each and takes its time."""

    def __init__(self, say: Callable[[float, str], None]) -> None:
        self._say = say
        self.seconds: dict[str, float] = {}

    def run(self, what: str, share: float, work: Callable[[], T]) -> T:
        """`share` of all the work is done when this stage begins."""
        self._say(share, what)
        started = time.monotonic()
        result = work()
        self.seconds[what] = time.monotonic() - started
        return result


@dataclass(frozen=True)
class Implemented:
    """What tools made of a netlist; fields as in `Bitstream`."""

    files: tuple[Path, ...]
    clock_mhz: float
    fmax_mhz: float
    utilization: dict[str, tuple[int, int]]
    tools: dict[str, str]
    checks: tuple[str, ...]
    notes: dict[str, Any] = field(default_factory=dict)


class OpenFlow(Flow):
    """Yosys, and the place and route that a subclass knows."""

    shells: ClassVar[tuple[str, ...]]
    """Shells that it can implement."""
    experimental: ClassVar[str | None] = None
    """Why nobody should rely on its bitstreams yet, if so."""
    simulates = True

    def suits(self, board: Board) -> bool:
        return super().suits(board) and board.shell in self.shells

    @abstractmethod
    def implement(self, job: BitstreamJob, shell: Shell, netlist: Path, folder: Path, stages: Stages) -> Implemented:
        """Place and route `netlist` (Yosys JSON) in `folder`, write the bitstream and read it back.

        Raises CheckFailed, ToolError.
        """

    def make_bitstream(self, job: BitstreamJob) -> Bitstream:
        from hw_flows.flows.bitstream import Bitstream
        from hw_flows.synthesize.shell import netlist_with_shell

        stages = Stages(job.say)
        family = find_family(job.board.family)
        shell, identity = find_shell(job.board).write(job.accelerator, job.rtl, job.board, job.clock_mhz, job.shell)
        folder = job.output / "place_route"
        linked = job.output / "synthesis" / f"{job.accelerator.name}.json"
        netlist = stages.run(
            "synthesis of the shell",
            0.0,
            lambda: netlist_with_shell(shell, family, job.accelerator, job.rtl, linked, folder, job.logs),
        )
        made = self.implement(job, shell, netlist, folder, stages)
        return Bitstream(
            flow=self.name,
            files=made.files,
            identity=identity,
            link=shell.link,
            clock_mhz=made.clock_mhz,
            fmax_mhz=made.fmax_mhz,
            utilization=made.utilization,
            tools={"Yosys": package_version("pyosys"), **made.tools},
            seconds=stages.seconds,
            checks=made.checks,
            experimental=self.experimental,
            notes={**made.notes, "load": how_to_load(job.board, made.files[0].name)},
        )

    def simulated_netlist(self, folder: Path) -> Path:
        """The Verilog file, in the folder of `implement`, that stands for the board: what is nearest to the bitstream."""
        return folder / "netlist.v"

    def simulated_board(
        self, job: BitstreamJob, description: AcceleratorDescription
    ) -> AbstractContextManager[BoardLink]:
        folder = job.output / "place_route"
        models = find_family(job.board.family).write_cell_models(folder / "cells.v")
        return find_shell(job.board).simulated_netlist(
            self.simulated_netlist(folder), models, job.board, description, job.output / "deploy", job.jobs
        )
