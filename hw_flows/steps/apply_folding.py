"""Step 9: choose the folding of all operators for the wanted frame rate, or the fastest that fits the board."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from finn.transformation.general import ApplyConfig
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.config import extract_model_config_to_json

from hw_flows.boards import load_board
from hw_flows.errors import UserError
from hw_flows.folding import (
    Shortage,
    apply,
    budget_of,
    cheapest_for,
    current_folding,
    fastest,
    folding_problem,
    folding_report,
    shortage_error,
    shortage_report,
)
from hw_flows.report_files import write_report
from hw_flows.streams import is_fifo_name

#: Attributes that `final_hw_config.json` keeps, as in FINN's own builder.
HW_ATTRIBUTES = ["PE", "SIMD", "parallel_window", "ram_style", "resType", "depth", "impl_style"]


def step_apply_folding(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets the folding attributes; a `folding_config_file` has the last word.

    Writes `auto_folding_config.json` and `report/folding.json`. Raises CheckFailed, after writing the report, where the
    board is too small for the network or for the frame rate.
    """
    target_fps = getattr(cfg, "target_fps", None)
    clock_mhz = 1000.0 / cfg.synth_clk_period_ns
    target = None if target_fps is None else int(clock_mhz * 1e6 / target_fps)
    board = load_board(cfg.board).in_flow(getattr(cfg, "flow", "none"))
    problem, budget = folding_problem(model), budget_of(board)
    folding = fastest(problem, budget) if target is None else cheapest_for(problem, budget, target)
    output = Path(cfg.output_dir)
    if isinstance(folding, Shortage):
        write_report(output, "folding", shortage_report(folding, clock_mhz, target))
        raise shortage_error(folding, board, clock_mhz, target_fps)
    apply(model, folding.options)
    extract_model_config_to_json(model, str(output / "auto_folding_config.json"), HW_ATTRIBUTES)
    file = getattr(cfg, "folding_config_file", None)
    if file is not None:
        model = _apply_file(model, Path(file))
    current, options = current_folding(model)
    cycles = max(option.cycles for option in options)
    write_report(output, "folding", folding_report(folding, clock_mhz, cycles, current.cost(options)))
    return model


def _apply_file(model: ModelWrapper, file: Path) -> ModelWrapper:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        assert isinstance(config, dict)
    except (OSError, ValueError, AssertionError) as error:
        raise UserError(f"the folding configuration cannot be read: {error}", str(file), "give FINN's JSON") from error
    # FIFOs do not exist yet; step_set_fifo_depths takes theirs.
    config = {name: attributes for name, attributes in config.items() if not is_fifo_name(name)}
    names = {node.name for node in model.graph.node}
    unknown = sorted(set(config) - names - {"Defaults"})
    if unknown:
        raise UserError(
            f"the folding configuration names nodes that the network lacks: {', '.join(unknown[:5])}", str(file),
            f"nodes of this network: {', '.join(sorted(names)[:200])}",
        )  # fmt: skip
    return model.transform(ApplyConfig(config))
