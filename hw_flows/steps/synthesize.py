"""Step 14: every operator synthesized for the board's device, and the sum against what the board has."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.errors import CheckFailed
from hw_flows.progress import step_progress
from hw_flows.report_files import write_report
from hw_flows.synthesize.operators import synthesize_operators, total_resources
from hw_flows.tools import package_version


def step_synthesize(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/resources.json`. Raises CheckFailed, after writing it, where the board is too small."""
    output = Path(cfg.output_dir)
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    board = load_board(cfg.board)
    say = step_progress(cfg)
    operators = synthesize_operators(
        accelerator, output / "rtl", board.family, jobs=cfg.jobs, logs=output / "logs" / "synthesis",
        progress=lambda done, total: say(done / total, f"{done} of {total} operators synthesized"),
    )  # fmt: skip
    total = asdict(total_resources(operators))
    available = board.budget.model_dump()
    over = {key: value for key, value in total.items() if key in available and value > available[key]}
    write_report(
        output,
        "resources",
        {
            "source": f"synthesis, operator by operator (Yosys, pyosys {package_version('pyosys')}, {board.family})",
            "total": total,
            "available": available,
            "fits": not over,
            "operators": [
                {"name": o.name, "op_type": o.op_type, "layer": o.layer, **asdict(o.resources)} for o in operators
            ],
        },
    )
    if over:
        needs = ", ".join(f"{value:g} {key} of {available[key]}" for key, value in over.items())
        raise CheckFailed(
            f"the design does not fit {board.title}: it needs {needs}", "step_synthesize",
            "give a lower --target-fps, train with fewer channels or bits, or choose a larger board",
        )  # fmt: skip
    return model
