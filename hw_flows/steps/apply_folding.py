# SPDX-License-Identifier: BSD-3-Clause
"""Choose the folding of all operators for the wanted frame rate, or the fastest that fits the board."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from finn.transformation.general import ApplyConfig
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.config import extract_model_config_to_json

from hw_flows.boards import Board, load_board
from hw_flows.config import settings
from hw_flows.drivers.words import slot_bytes
from hw_flows.flows import usable_board
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
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.report.files import write_report
from hw_flows.stitch.insert import is_fifo_name
from quantunet_common.files import read_json, write_atomically

#: Below the output folder: the graph in its smallest folding, where even that does not fit the board.
SMALLEST = "intermediate_models/smallest_folding.onnx"
#: Attributes that `final_hw_config.json` keeps, as in FINN's own builder.
HW_ATTRIBUTES = ["PE", "SIMD", "parallel_window", "ram_style", "resType", "depth", "impl_style"]


def step_apply_folding(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets the folding attributes; a `folding_config_file` has the last word.

    Writes `auto_folding_config.json` and `report/folding.json`. Raises CheckFailed, after writing the report, where the
    board is too small for the network or for the frame rate; where nothing fits at any rate, after writing the smallest
    folding, too (SMALLEST). Without a frame rate asked for, the folding fills the board, or follows the way to the host
    where that is slower (`Board.host_bytes_per_second`).
    """
    config = settings(cfg)
    board = usable_board(load_board(config.board), config.flow)
    target_fps = config.target_fps or host_rate(model, board)
    clock_mhz = 1000.0 / config.synth_clk_period
    target = None if target_fps is None else int(clock_mhz * 1e6 / target_fps)
    problem, budget = folding_problem(model), budget_of(board)
    folding = fastest(problem, budget) if target is None else cheapest_for(problem, budget, target)
    output = config.output_dir
    if isinstance(folding, Shortage):
        layers = layers_by_node(model)
        write_report(output, "folding", shortage_report(folding, clock_mhz, target, list(layers.values())))
        if folding.options:
            apply(model, folding.options)
            write_atomically(output / SMALLEST, lambda path: model.save(str(path)))
        raise shortage_error(folding, board, clock_mhz, target_fps, layers)
    apply(model, folding.options)
    extract_model_config_to_json(model, str(output / "auto_folding_config.json"), HW_ATTRIBUTES)
    file = config.folding_config_file
    if file is not None:
        model = _apply_file(model, Path(file))
    current, options = current_folding(model)
    cycles = max(option.cycles for option in options)
    write_report(output, "folding", folding_report(folding, clock_mhz, cycles, current.cost(options)))
    return model


def layers_by_node(model: ModelWrapper) -> dict[str, str]:
    """The author's name of the layer that each node works for, by the node's name."""
    return {node.name: layer_of(model, node) for node in model.graph.node}


def host_rate(model: ModelWrapper, board: Board) -> float | None:
    """Frames a second that the way to the host carries; None where it does not limit the board. Faster would be in vain."""
    if board.host_bytes_per_second is None:
        return None
    most = 0
    weights = {initializer.name for initializer in model.graph.initializer}
    for tensor in (t.name for t in (*model.graph.input, *model.graph.output) if t.name not in weights):
        bits = model.get_tensor_datatype(tensor).bitwidth()
        most = max(most, prod(model.get_tensor_shape(tensor)) * slot_bytes(bits))
    return board.host_bytes_per_second / most


def _apply_file(model: ModelWrapper, file: Path) -> ModelWrapper:
    try:
        config = read_json(file)
        assert isinstance(config, dict)
    except (OSError, ValueError, AssertionError) as error:
        raise UserError(f"the folding configuration cannot be read: {error}", str(file), "give FINN's JSON") from error
    # FIFOs do not exist yet; step_set_fifo_depths takes theirs.
    config = {name: attributes for name, attributes in config.items() if not is_fifo_name(name)}
    names = {node.name for node in model.graph.node}
    unknown = sorted(set(config) - names - {"Defaults"})
    if unknown:
        raise UserError(
            f"the folding configuration names nodes that the network lacks: {', '.join(unknown[:5])}",
            str(file),
            f"nodes of this network: {', '.join(sorted(names)[:200])}",
        )
    return model.transform(ApplyConfig(config))
