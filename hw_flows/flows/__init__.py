# SPDX-License-Identifier: BSD-3-Clause
"""How far a build goes after verification: the flows, what each needs on this machine, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from hw_flows.boards import Board, load_board
from hw_flows.families import find_family
from hw_flows.flow_names import AUTO, NONE, REGISTERED
from hw_flows.flows.flow import Flow
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding

if TYPE_CHECKING:
    from hw_flows.config import BuildConfig

NONE_MEANING = "verified RTL and its resource report"


@dataclass(frozen=True)
class FlowChoice:
    """The flow of a build and, in words, why this one and what would bring more."""

    flow: str
    words: str


@cache
def all_flows() -> tuple[Flow, ...]:
    """Every flow with a bitstream, in the order in which `auto` prefers them."""
    made = []
    for name, where in REGISTERED:
        module, _, kind = where.partition(":")
        made.append(getattr(import_module(module), kind)(name))
    return tuple(made)


def flows_of(board: Board) -> list[Flow]:
    """Flows with a bitstream for a board, best first."""
    return [flow for flow in all_flows() if flow.suits(board)]


def find_flow(name: str, board: Board) -> Flow:
    """The flow of that name for a board. Raises UserError where the board has none."""
    for flow in flows_of(board):
        if flow.name == name:
            return flow
    raise UserError(
        f"there is no flow {name!r} for {board.title}{_because(board) if name == 'open' else ''}",
        "--flow",
        "choose one of: none, " + _names(flows_of(board)),
    )


def usable_board(board: Board, name: str) -> Board:
    """The board with the budget that the flow of that name can use."""
    return board if name in (NONE, AUTO) else find_flow(name, board).usable(board)


def steps_added_by(name: str) -> tuple[str, ...]:
    """Names of the steps that a flow adds to those of every build."""
    return next((flow.steps for flow in all_flows() if flow.name == name), ())


def activity_wanted(name: str, asked: bool | None) -> bool:
    """Whether a build with the flow of that name records switching activity; `asked`: what its configuration says, if anything."""
    return any(flow.reads_activity for flow in all_flows() if flow.name == name) if asked is None else asked


def image_of(name: str) -> str:
    """Stage of docker/Dockerfile that has what a flow needs."""
    return next((flow.image for flow in all_flows() if flow.name == name), Flow.image)


def choose_flow(cfg: BuildConfig) -> FlowChoice:
    """The flow that a build takes. Raises UserError where the one asked for is not possible here, with what it lacks."""
    board = load_board(cfg.board)
    if cfg.flow == NONE:
        return FlowChoice(NONE, "flow none: the build ends with the verified RTL and its resource report, as asked")
    if cfg.flow != AUTO:
        flow = find_flow(cfg.flow, board)
        _require(flow)
        return FlowChoice(flow.name, f"flow {flow.name}, as asked: {flow.meaning}")
    obstacles: list[str] = []
    for flow in flows_of(board):
        if flow.only_on_request:
            continue
        missing = flow.missing()
        if not missing:
            reason = "its tools are installed" + (f" ({'; '.join(obstacles)})" if obstacles else "")
            return FlowChoice(flow.name, f"flow {flow.name}: {flow.meaning}; {reason}")
        obstacles.append(f"flow {flow.name} would need {_and_how(missing)}")
    end = f"{cfg.output_dir}/rtl (filelist.f) is plain SystemVerilog that vendor tools can take further"
    why = "; ".join(obstacles) or f"{board.title} has no other flow{_because(board)}"
    return FlowChoice(NONE, f"flow none, without a bitstream: {why}. {end}")


def _require(flow: Flow) -> None:
    if missing := flow.missing():
        raise UserError(
            f"flow {flow.name} lacks {', '.join(finding.name for finding in missing)}",
            "this machine",
            "; ".join(dict.fromkeys(finding.fix for finding in missing)) + "; or --flow none",
        )


def _because(board: Board) -> str:
    """Why open tools do not do it, where they cannot for any board of the family."""
    reason = find_family(board.family).no_open_tools
    return f": {reason}" if reason else ""


def _and_how(missing: Sequence[Finding]) -> str:
    return ", ".join(f"{finding.name} ({finding.fix})" for finding in missing)


def _names(flows: Sequence[Flow]) -> str:
    return ", ".join(dict.fromkeys(flow.name for flow in flows))
