# SPDX-License-Identifier: BSD-3-Clause
"""The accelerator synthesized for the board's device: each operator by itself, then all of them linked.

What works on the board's memory is synthesized too and counts; it stands beside the linked accelerator.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.families import find_family
from hw_flows.flows import usable_board
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.progress import step_progress
from hw_flows.machine.tools import package_version
from hw_flows.report.files import read_report, write_report
from hw_flows.report.resources import resources_report
from hw_flows.shells import board_memory_system
from hw_flows.synthesize import beside, link_operators, synthesize_operators, total_resources


def step_synthesize(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/resources.json` and the netlist of the whole, `synthesis/quantunet_accel.json`.

    Raises CheckFailed, after writing them, where the board is too small; UserError where it has no way to the weights.
    """
    config = settings(cfg)
    output = config.output_dir
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    board = usable_board(load_board(config.board), config.flow)
    family = find_family(board.family)
    say = step_progress()
    logs = output / "logs" / "synthesis"
    system = board_memory_system(accelerator, output / "rtl", board)
    more = beside(system) if system else ()
    own = len(accelerator.built)
    operators = synthesize_operators(
        replace(accelerator, instances=(*accelerator.instances, *more)),
        output / "rtl",
        family,
        jobs=config.jobs,
        logs=logs,
        progress=lambda done, total: say(done / total, f"{done} of {total} operators synthesized"),
    )
    total = link_operators(
        accelerator,
        operators[:own],
        output / "rtl",
        family,
        destination=output / "synthesis" / f"{accelerator.name}.json",
        log=logs / "whole.log",
    ) + total_resources(operators[own:])
    source = (
        f"synthesis of the whole design, operators linked (Yosys, pyosys {package_version('pyosys')}, {board.family})"
    )
    report = resources_report(operators, total, board, source, read_report(output, "estimate"))
    write_report(output, "resources", report)
    if not report["fits"]:
        available = report["available"]
        needs = [
            f"{value:g} {key} of {available[key]}"
            for key, value in report["total"].items()
            if key in available and value > available[key]
        ]
        raise CheckFailed(
            f"the design does not fit {board.title}: it needs {', '.join(needs)}",
            "step_synthesize",
            "give a lower --target-fps, train with fewer channels or bits, or choose a larger board",
        )
    return model
