# SPDX-License-Identifier: BSD-3-Clause
"""How far a build goes after verification: the flows, what each needs on this machine, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hw_flows.boards import Board, load_board
from hw_flows.config import BuildConfig
from hw_flows.drivers.description import Description
from hw_flows.drivers.segmenter import Board as SegmenterBoard
from hw_flows.errors import UserError
from hw_flows.findings import Finding
from hw_flows.flows.bitstream import Bitstream, BitstreamJob
from hw_flows.steps import BITSTREAM_STEPS, STEP_NAMES


@dataclass(frozen=True)
class Flow:
    """One way to a bitstream on one family of devices.

    `module` in this package has `needs() -> list[Finding]`; where this version can make its bitstream,
    `make_bitstream(job: BitstreamJob) -> Bitstream`; and where what it routes can be simulated here,
    `simulated_board(job: BitstreamJob, description: Description) -> AbstractContextManager[drivers.segmenter.Board]`.
    """

    name: str
    family: str
    meaning: str
    module: str

    @property
    def _module(self) -> Any:
        return import_module(f"{__name__}.{self.module}")

    def needs(self) -> list[Finding]:
        """What it needs beside what every build needs."""
        found: list[Finding] = self._module.needs()
        return found

    def missing(self) -> list[Finding]:
        """What it cannot do without and does not find."""
        return [finding for finding in self.needs() if not finding.ok and not finding.optional]

    @property
    def available(self) -> bool:
        """Whether this version can make its bitstream, be it with packages that are not installed."""
        try:
            return hasattr(self._module, "make_bitstream")
        except ImportError:
            return True

    def make_bitstream(self, job: BitstreamJob) -> Bitstream:
        """Raises CheckFailed where a check of the implemented design fails, ToolError where a tool does."""
        made: Bitstream = self._module.make_bitstream(job)
        return made

    @property
    def simulates(self) -> bool:
        """Whether what it routes can be simulated here."""
        return hasattr(self._module, "simulated_board")

    def simulated_board(self, job: BitstreamJob, description: Description) -> AbstractContextManager[SegmenterBoard]:
        """The routed netlist as a board. Raises BoardError where it is not the description's build."""
        board: AbstractContextManager[SegmenterBoard] = self._module.simulated_board(job, description)
        return board


NONE_MEANING = "verified RTL and its resource report"
#: In the order in which `auto` prefers them.
FLOWS: tuple[Flow, ...] = (
    Flow("vivado", "xc7", "bitstream with AMD Vivado (not yet run against the real tool)", "vivado"),
    Flow("open", "ecp5", "bitstream with open tools, ECP5 boards", "open_ecp5"),
    Flow("open", "xc7", "bitstream with open tools, Zynq-7000 boards", "open_xc7"),
    Flow("finn", "xc7", "FINN's own build and driver (not yet run against the real tools)", "finn"),
)
#: Flows that `auto` never takes: they are for people who ask for them.
ONLY_ON_REQUEST = ("finn",)


@dataclass(frozen=True)
class Choice:
    """The flow of a build and, in words, why this one and what would bring more."""

    flow: str
    words: str


def flows_of(board: Board) -> list[Flow]:
    """Flows with a bitstream for a board, best first."""
    return [flow for flow in FLOWS if flow.family == board.family and flow.name in board.flows]


def find_flow(name: str, board: Board) -> Flow:
    """The flow of that name for a board. Raises UserError where the board has none."""
    for flow in flows_of(board):
        if flow.name == name:
            return flow
    raise UserError(
        f"there is no flow {name!r} for {board.title}", "--flow", "choose one of: none, " + _names(flows_of(board))
    )


def steps_of(flow: str) -> tuple[str, ...]:
    """Names of the build steps of a flow, in order."""
    left_out = {"none": BITSTREAM_STEPS, "finn": {"step_deploy"}}.get(
        flow, set()
    )  # FINN has a deployment package of its own
    return tuple(name for name in STEP_NAMES if name not in left_out)


def choose_flow(cfg: BuildConfig) -> Choice:
    """The flow that a build takes. Raises UserError where the one asked for is not possible here, with what it lacks."""
    board = load_board(cfg.board)
    if cfg.flow == "none":
        return Choice("none", "flow none: the build ends with the verified RTL and its resource report, as asked")
    if cfg.flow != "auto":
        flow = find_flow(cfg.flow, board)
        _require(flow, board)
        return Choice(flow.name, f"flow {flow.name}, as asked: {flow.meaning}")
    obstacles = []
    for flow in flows_of(board):
        if flow.name in ONLY_ON_REQUEST:
            continue
        if not flow.available:
            obstacles.append(f"flow {flow.name} is not in this version yet")
            continue
        missing = flow.missing()
        if not missing:
            reason = "its tools are installed" + (f" ({'; '.join(obstacles)})" if obstacles else "")
            return Choice(flow.name, f"flow {flow.name}: {flow.meaning}; {reason}")
        obstacles.append(f"flow {flow.name} would need {_and_how(missing)}")
    end = f"{cfg.output_dir}/rtl (filelist.f) is plain SystemVerilog that vendor tools can take further"
    return Choice("none", f"flow none, without a bitstream: {'; '.join(obstacles)}. {end}")


def _require(flow: Flow, board: Board) -> None:
    if not flow.available:
        raise UserError(
            f"flow {flow.name!r} makes a bitstream for {board.title}, which this version cannot do yet", "--flow",
            "use --flow none",
        )  # fmt: skip
    if missing := flow.missing():
        raise UserError(
            f"flow {flow.name} lacks {', '.join(finding.name for finding in missing)}", "this machine",
            "; ".join(dict.fromkeys(finding.fix for finding in missing)) + "; or --flow none",
        )  # fmt: skip


def _and_how(missing: Sequence[Finding]) -> str:
    return ", ".join(f"{finding.name} ({finding.fix})" for finding in missing)


def _names(flows: Sequence[Flow]) -> str:
    return ", ".join(dict.fromkeys(flow.name for flow in flows))
