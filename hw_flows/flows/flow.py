# SPDX-License-Identifier: BSD-3-Clause
"""What a flow is: one class, and its line in `hw_flows/flow_names.py`.

The modules of the classes are loaded to ask what is missing, also on machines that lack the packages of a build: they
import their tools in the methods that use them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar

from hw_flows.machine.findings import Finding

if TYPE_CHECKING:
    from hw_flows.boards import Board
    from hw_flows.drivers.description import AcceleratorDescription
    from hw_flows.drivers.segmenter import BoardLink
    from hw_flows.flows.bitstream import Bitstream, BitstreamJob

#: What comes to the steps of every build where it goes on to a bitstream.
BITSTREAM_STEPS = ("step_make_bitstream", "step_deploy", "step_simulate_routed")


def how_to_load(board: Board, file: str) -> str:
    """The command that loads a bitstream in `bitfile/`, for people."""
    if not board.loader:
        return f"bitfile/{file} with a programmer for {board.title}"
    return f"openFPGALoader -b {board.loader} bitfile/{file}"


class Flow(ABC):
    """One way to a bitstream, for the boards that it suits."""

    meaning: ClassVar[str]
    """What it makes, for `qu-doctor` and the choice."""
    families: ClassVar[tuple[str, ...]]
    """Device families that it can implement."""
    steps: ClassVar[tuple[str, ...]] = BITSTREAM_STEPS
    """Steps that it adds to those of every build."""
    image: ClassVar[str] = "open"
    """Stage of docker/Dockerfile with its tools."""
    only_on_request: ClassVar[bool] = False
    """Whether `auto` leaves it out: it is for people who ask for it."""
    limits: ClassVar[Mapping[str, int]] = {}
    """Resource -> how many of them it can use, where that may be less than the device has."""
    reads_activity: ClassVar[bool] = False
    """Whether it tells power from switching activity."""
    simulates: ClassVar[bool] = False
    """Whether what it routes can be simulated here."""

    def __init__(self, name: str) -> None:
        self.name = name

    def suits(self, board: Board) -> bool:
        """Whether it makes a bitstream for the board."""
        return board.family in self.families and (board.flows is None or self.name in board.flows)

    def usable(self, board: Board) -> Board:
        """The board with the budget that this flow can use."""
        left = {name: min(getattr(board.budget, name), most) for name, most in self.limits.items()}
        return board.model_copy(update={"budget": board.budget.model_copy(update=left)})

    @abstractmethod
    def needs(self) -> list[Finding]:
        """What it needs beside what every build needs."""

    def missing(self) -> list[Finding]:
        """What it cannot do without and does not find."""
        return [finding for finding in self.needs() if not finding.ok and not finding.optional]

    @abstractmethod
    def make_bitstream(self, job: BitstreamJob) -> Bitstream:
        """Raises CheckFailed where a check of the implemented design fails, ToolError where a tool does."""

    def simulated_board(
        self, job: BitstreamJob, description: AcceleratorDescription
    ) -> AbstractContextManager[BoardLink]:
        """The routed netlist as a board. Raises BoardError where it is not the description's build."""
        raise AssertionError(f"flow {self.name} says that it simulates nothing")
