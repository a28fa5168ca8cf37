# SPDX-License-Identifier: BSD-3-Clause
"""Choose the folding of all operators for the wanted frame rate, or the fastest that fits the board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    Folding,
    Shortage,
    apply,
    budget_of,
    cheapest_for,
    current_folding,
    fastest,
    fold_from_memory,
    folding_problem,
    folding_report,
    frame_cycles,
    shortage_error,
    shortage_report,
)
from hw_flows.folding.network import amounts
from hw_flows.folding.problem import dram_of
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.operators import front_ends
from hw_flows.operators.alternatives import Alternative, complete
from hw_flows.report.files import write_report
from hw_flows.stitch.insert import is_fifo_name
from hw_flows.weight_memory.cost import reader_cost
from quantunet_common.files import read_json, write_atomically

#: Below the output folder: the graph in its smallest folding, where even that does not fit the board.
SMALLEST = "intermediate_models/smallest_folding.onnx"
#: Attributes that `final_hw_config.json` keeps, as in FINN's own builder.
HW_ATTRIBUTES = [
    *("PE", "SIMD", "parallel_window", "ram_style", "resType", "depth", "impl_style"),
    *("ParallelColumns", "BlockRows", "RowsAhead", "OutputBlocks", "StreamBytes"),
]


def step_apply_folding(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets the folding attributes; a `folding_config_file` has the last word.

    Weights that do not fit the chip come from the board's memory, if it has one: their convolutions become other nodes.
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
    given = _given(config.folding_config_file)
    folding, alternatives = _choose(model, board, config.weights, clock_mhz, target, given)
    output = config.output_dir
    if isinstance(folding, Shortage):
        layers = layers_by_node(model, alternatives)
        write_report(output, "folding", shortage_report(folding, clock_mhz, target, list(layers.values())))
        if folding.options:
            complete(model, apply(model, folding.options, alternatives))
            write_atomically(output / SMALLEST, lambda path: model.save(str(path)))
        raise shortage_error(folding, board, clock_mhz, target_fps, layers)
    taken = apply(model, folding.options, alternatives)
    extract_model_config_to_json(model, str(output / "auto_folding_config.json"), HW_ATTRIBUTES)
    if given:
        model = _apply_given(model, given, str(config.folding_config_file))
    current, options = current_folding(model, board_memory=bool(taken))
    cycles = frame_cycles(options, folding.budget)
    used = current.cost(tuple(option.at(cycles) for option in options))
    layers = layers_by_node(model)
    from_memory = [layers[alternative.nodes[0].name] for alternative in taken]
    write_report(output, "folding", folding_report(folding, clock_mhz, cycles, used, from_memory))
    complete(model, taken)
    return model


def _choose(
    model: ModelWrapper, board: Board, weights: str, clock_mhz: float, target: int | None, given: Mapping[str, Any]
) -> tuple[Folding | Shortage, tuple[Alternative, ...]]:
    """The folding, and the alternatives that its problem has. Raises UserError where the board has no memory that is asked for."""
    budget = budget_of(board, clock_mhz)
    if weights == "memory" and board.dram_mb_s is None:
        raise UserError(
            f"the weights are to come from the memory of {board.title}, which has none that is declared",
            "weights: memory",
            "choose a board whose file has `dram_mb_s`, or leave `weights` out",
        )
    on_chip: Folding | Shortage | None = None
    every = () if weights == "on_chip" or board.dram_mb_s is None else tuple(_alternatives(model))
    if named := tuple(a for a in every if any(node.name in given for node in a.nodes)):
        every, weights = named, "memory"
    if weights != "memory" or not every:
        problem = folding_problem(model)
        on_chip = fastest(problem, budget) if target is None else cheapest_for(problem, budget, target)
        if isinstance(on_chip, Folding) or not every:
            return on_chip, ()
    fixed = amounts(reader_cost(dram_of(budget), len(every)))
    from_memory = fold_from_memory(model, every, budget, target, fixed, forced=weights == "memory")
    assert not isinstance(on_chip, Folding)
    return _faster(on_chip, (), from_memory, every)


def _faster(
    one: Shortage | None, its: tuple[Alternative, ...], other: Folding | Shortage, others: tuple[Alternative, ...]
) -> tuple[Folding | Shortage, tuple[Alternative, ...]]:
    """Of two problems the one that has a folding, or else a faster one than what was asked for, or else what is known to be the
    smallest; `one` has no folding."""
    if one is None or isinstance(other, Folding):
        return other, others
    if one.fastest is None:
        return (other, others) if other.fastest or not one.options else (one, its)
    return (one, its) if other.fastest is None or one.fastest.cycles <= other.fastest.cycles else (other, others)


def _alternatives(model: ModelWrapper) -> Iterator[Alternative]:
    return (alternative for front_end in front_ends() for alternative in front_end.alternatives(model))


def layers_by_node(model: ModelWrapper, alternatives: Iterable[Alternative] = ()) -> dict[str, str]:
    """The author's name of the layer that each node works for, by the node's name; then of what may stand in its place."""
    layers = {node.name: layer_of(model, node) for node in model.graph.node}
    for alternative in alternatives:
        layers |= {node.name: layers[alternative.replaced[0]] for node in alternative.nodes}
    return layers


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


def _given(file: Path | None) -> dict[str, Any]:
    """A folding configuration, by node, without FIFOs: these do not exist yet; step_set_fifo_depths takes theirs."""
    if file is None:
        return {}
    try:
        config = read_json(file)
        assert isinstance(config, dict)
    except (OSError, ValueError, AssertionError) as error:
        raise UserError(f"the folding configuration cannot be read: {error}", str(file), "give FINN's JSON") from error
    return {name: attributes for name, attributes in config.items() if not is_fifo_name(name)}


def _apply_given(model: ModelWrapper, given: dict[str, Any], where: str) -> ModelWrapper:
    names = {node.name for node in model.graph.node}
    unknown = sorted(set(given) - names - {"Defaults"})
    if unknown:
        raise UserError(
            f"the folding configuration names nodes that the network lacks: {', '.join(unknown[:5])}",
            where,
            f"nodes of this network: {', '.join(sorted(names)[:200])}",
        )
    # no clean-up: constants of replaced operators are still needed
    return model.transform(ApplyConfig(given), cleanup=False)
