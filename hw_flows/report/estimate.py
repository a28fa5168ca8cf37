# SPDX-License-Identifier: BSD-3-Clause
"""Fields of `report/estimate.json`: the operators' own prediction of what they take, and how far off it was.

FINN writes such estimates as `report/estimate_layer_resources.json`; here synthesis puts its own figures beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.memory_system.cost import cost_beside

#: What is predicted. LUT includes LUTRAM, as boards count.
PREDICTED = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")


def estimate_report(accelerator: Accelerator) -> dict[str, Any]:
    """One row an operator, with the FIFO depths that the accelerator has now, rows of what works on memory for it, and their sum."""
    rows: list[dict[str, Any]] = [
        {"name": i.name, "op_type": i.op_type, "layer": i.layer, **predicted(i.cost)} for i in accelerator.instances
    ]
    rows += [
        {"name": name, "op_type": name, "layer": "board's memory", **predicted(asdict(cost))}
        for name, cost in cost_beside(accelerator).items()
    ]
    total = {key: round(sum(row[key] for row in rows), 1) for key in PREDICTED}
    return {"source": "the operators' cost models, 7-series", "total": total, "operators": rows}


def predicted(cost: Mapping[str, float]) -> dict[str, float]:
    values = (cost["lut"] + cost["lutram"], cost["ff"], cost["lutram"], cost["bram36"], cost["dsp"])
    return {key: round(value, 1) for key, value in zip(PREDICTED, values, strict=True)}


def deviation(estimate: Mapping[str, float], measured: Mapping[str, float]) -> dict[str, float | None]:
    """Estimate over measured, less 1, of each resource; None where nothing was measured but something predicted."""
    return {
        key: round(estimate[key] / measured[key] - 1, 4) if measured[key] else (None if estimate[key] else 0.0)
        for key in PREDICTED
    }
