"""Step 9: choose PE and SIMD of every operator for the wanted frame rate, or the fastest that fits the board."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from finn.transformation.general import ApplyConfig
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.config import extract_model_config_to_json

from hw_flows.boards import load_board
from hw_flows.errors import UserError
from hw_flows.folding import fold_for_budget, fold_for_cycles
from hw_flows.streams import is_fifo_name

#: Attributes that `final_hw_config.json` keeps, as in FINN's own builder.
HW_ATTRIBUTES = ["PE", "SIMD", "parallel_window", "ram_style", "resType", "depth", "impl_style"]


def step_apply_folding(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets the folding attributes; a `folding_config_file` has the last word. Writes `auto_folding_config.json`."""
    target_fps = getattr(cfg, "target_fps", None)
    if target_fps is not None:
        fold_for_cycles(model, max(1, int(1e9 / cfg.synth_clk_period_ns / target_fps)))
    else:
        board = load_board(cfg.board)
        available = board.budget
        budget = {
            "lut": available.LUT, "ff": available.FF, "lutram": available.LUTRAM, "bram36": available.BRAM36,
            "dsp": available.DSP,
        }  # fmt: skip
        fold_for_budget(model, budget)
    extract_model_config_to_json(model, str(Path(cfg.output_dir) / "auto_folding_config.json"), HW_ATTRIBUTES)
    file = getattr(cfg, "folding_config_file", None)
    if file is not None:
        model = _apply_file(model, Path(file))
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
