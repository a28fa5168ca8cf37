# SPDX-License-Identifier: BSD-3-Clause
"""Does the network fit, and how fast would it be: the first steps of a build, in a folder that is thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hw_flows.boards import Board
from hw_flows.config import BuildConfig
from hw_flows.folding.report import FILL
from hw_flows.machine.errors import UserError
from hw_flows.network.large_constants import LeanModel
from hw_flows.network.read import ReadNetwork
from hw_flows.network.transform import repeatable_names
from hw_flows.report.files import read_report
from hw_flows.steps import STEP_NAMES, load_step
from hw_flows.steps.apply_folding import layers_by_node

_LAST = "step_apply_folding"
_MOST_LIMITS = 4


def predict(read: ReadNetwork, cfg: BuildConfig, board: Board, folder: Path) -> list[str]:
    """What a build of `cfg` would choose, in lines for people. Works in `folder`.

    Raises CheckFailed where the board is too small, and UserError where a step refuses the network.
    """
    cfg = cfg.model_copy(
        update={"output_dir": folder, "synth_clk_period_ns": cfg.synth_clk_period_ns or 1000.0 / board.clock_mhz}
    )
    model = LeanModel.of(read.parts.body)
    for name in STEP_NAMES[: STEP_NAMES.index(_LAST) + 1]:
        try:
            with repeatable_names(name):
                model = load_step(name)(model, cfg)
        except (UserError, MemoryError, ImportError):
            raise
        except Exception as error:  # transformations of QONNX and FINN refuse with errors of many types
            raise UserError(
                "the network cannot be converted to hardware: it passes our checks, but a later conversion refuses it "
                f"({type(error).__name__})",
                str(read.path),
                "compare the network with the limits in the README; where it is within them, report this with the log of "
                "a build",
            ) from error
    folding = read_report(folder, "folding")
    assert folding is not None, "the step has written it"
    return _words(folding, board, 1000.0 / cfg.synth_clk_period, layers_by_node(model))


def _words(folding: dict[str, Any], board: Board, clock_mhz: float, layers: dict[str, str]) -> list[str]:
    parts = []
    for name, used in folding["predicted"].items():
        available = getattr(board.budget, name)
        if used or name == "LUT":
            share = f", {used / available:.0%}" if available else ""
            parts.append(f"{used:,.0f} {name} of {available:,}{share}")
    asked = folding["target_cycles"] is not None
    least = (
        f", the least that is fast enough for {folding['target_cycles']:,} cycles"
        if asked
        else ", the fastest that fits"
    )
    lines = [
        f"predicted: fits {board.title}: {'; '.join(parts)}",
        f"predicted: {folding['cycles_per_frame']:,} cycles a frame, {folding['fps']:g} frames/s at {clock_mhz:g} MHz{least}",
    ]
    if from_memory := folding.get("weights_from_memory"):
        lines.append(
            f"predicted: the weights of {len(from_memory)} layers do not fit the chip and come from the board's memory, where skip "
            f"connections wait, too: {folding['dram_mb_s']:,.0f} MB/s of {folding['dram_budget_mb_s']:,.0f}"
        )
    if folding["limited_by"] and not asked:
        limits = list(dict.fromkeys(layers.get(name, name) for name in folding["limited_by"]))
        more = f" and {len(limits) - _MOST_LIMITS} more" if len(limits) > _MOST_LIMITS else ""
        lines.append(f"limited by: {', '.join(limits[:_MOST_LIMITS])}{more}")
    lines.append(
        "nothing was built; of LUT and FF a prediction may use "
        f"{FILL['LUT']:.0%}, of block RAM and DSPs {FILL['DSP']:.0%}, because routing needs air"
    )
    return lines
