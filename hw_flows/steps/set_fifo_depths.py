# SPDX-License-Identifier: BSD-3-Clause
"""The least FIFO depths that neither stop the design nor slow it, skip connections included.

Depths given for FIFO nodes in `folding_config_file` are kept; all others are searched on the timing of the operators
(`hw_flows.fifo_sizing`). The verification of the RTL checks the rate at the depths set here.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.config import extract_model_config_to_json

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.families import find_family
from hw_flows.fifo_sizing import fifo_report, least_depths
from hw_flows.machine.errors import UserError
from hw_flows.machine.progress import step_progress
from hw_flows.operators.fifo.rtl import IN_MEMORY, SHIFT
from hw_flows.report.estimate import estimate_report
from hw_flows.report.files import write_report
from hw_flows.steps.apply_folding import HW_ATTRIBUTES
from hw_flows.stitch import describe
from hw_flows.stitch.insert import is_fifo_name
from hw_flows.weight_memory.ports import MOST_PORTS
from quantunet_common.files import read_json


def step_set_fifo_depths(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets `depth` of every FIFO node; the depths go to `final_hw_config.json`. Where weights come from the board's memory, skip
    connections that are cheaper there wait there (`ram_style` "memory").

    Writes `report/fifo_sizing.json` and, now that all is chosen, `report/estimate.json`: what each operator should take.

    Raises UserError where given depths stop the design, naming the FIFOs.
    """
    config = settings(cfg)
    started = time.monotonic()
    output = config.output_dir
    board = load_board(config.board)
    accelerator = describe(model)
    nodes = {instance: node for node, instance in _fifos(model, accelerator)}
    file = config.folding_config_file
    board_memory = bool(accelerator.memory) and (board.dram_ports or MOST_PORTS) > 1
    given, in_memory = _given_depths(Path(file), nodes, board_memory) if file is not None else ({}, set())
    sizing = least_depths(accelerator, given, step_progress(), board_memory)
    in_memory |= set(sizing.in_memory)
    for name, node in nodes.items():
        getCustomOp(node).set_nodeattr("depth", sizing.depths[name])
        if name in in_memory:
            getCustomOp(node).set_nodeattr("ram_style", IN_MEMORY)
    deepest = find_family(board.family).deepest_shift_register
    if deepest is not None:
        _avoid_shift_registers(list(nodes.values()), deepest)
    sized = describe(model)
    write_report(output, "fifo_sizing", fifo_report(sized, sizing.peaks, time.monotonic() - started, sizing))
    write_report(output, "estimate", estimate_report(sized))
    extract_model_config_to_json(model, str(output / "final_hw_config.json"), HW_ATTRIBUTES)
    return model


def _avoid_shift_registers(nodes: list[Any], deepest: int) -> None:
    """Distributed memory in place of deeper shift registers, for families that make these of flip-flops. Both have the
    same timing.
    """
    for node in nodes:
        fifo = getCustomOp(node)
        if fifo.storage() == SHIFT and fifo.get_nodeattr("depth") > deepest:
            fifo.set_nodeattr("ram_style", "distributed")


def _given_depths(file: Path, nodes: dict[str, Any], board_memory: bool) -> tuple[dict[str, int], set[str]]:
    """Depths by instance that the folding configuration gives for FIFO nodes, and which of these are in the board's memory.
    Raises UserError naming wrong ones."""
    config = {n: c for n, c in read_json(file).items() if is_fifo_name(n)}
    instances = {node.name: instance for instance, node in nodes.items()}
    unknown = sorted(set(config) - set(instances))
    if unknown:
        raise UserError(
            f"the folding configuration names FIFOs that the design lacks: {', '.join(unknown[:5])}",
            str(file),
            f"FIFOs of this design: {', '.join(list(instances)[:100])}",
        )
    depths = {instances[name]: content["depth"] for name, content in config.items() if "depth" in content}
    wrong = [name for name, depth in depths.items() if not isinstance(depth, int) or depth < 1]
    if wrong:
        raise UserError(f"FIFO depths must be whole numbers from 1 on: {', '.join(wrong)}", str(file))
    in_memory = {instances[name] for name, content in config.items() if content.get("ram_style") == IN_MEMORY}
    if in_memory and not board_memory:
        raise UserError(
            f"FIFOs are to wait in the board's memory, and nothing else of this design uses it: {', '.join(in_memory)}",
            str(file),
            "take their `ram_style` and `depth` out",
        )
    return depths, in_memory & set(depths)


def _fifos(model: ModelWrapper, accelerator: Accelerator) -> list[tuple[Any, str]]:
    pairs = zip(model.graph.node, accelerator.instances, strict=True)
    return [(node, instance.name) for node, instance in pairs if is_fifo_name(node.op_type)]
