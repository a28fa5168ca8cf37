# SPDX-License-Identifier: BSD-3-Clause
"""Fields of `report/resources.json`: what the design takes, whether it fits the board, and how well that was predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hw_flows.boards import Board
from hw_flows.families import find_family
from hw_flows.families.resources import Resources
from hw_flows.report.estimate import PREDICTED, deviation
from hw_flows.synthesize import OperatorResources


def resources_report(
    operators: Sequence[OperatorResources],
    total: Resources,
    board: Board,
    source: str,
    estimate: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`source` says where the figures come from: the tool and how it was used.

    `total` is of the whole design, which may be less than the operators' sum. `estimate`: what `estimate_report` made;
    its figures stand beside the synthesized ones, in all and for each operator, and `deviation` compares the totals.
    """
    available = board.budget.model_dump()
    report: dict[str, Any] = {
        "source": source,
        "part": board.part,
        "total": _plain(total, available),
        "available": available,
        "units": dict(find_family(board.family).units),
        "fits": total.fits(board.budget),
        "operators": [
            {"name": o.name, "op_type": o.op_type, "layer": o.layer, **_plain(o.resources, available)}
            for o in operators
        ],
    }
    if estimate is not None:
        rows = {row["name"]: {key: row[key] for key in PREDICTED} for row in estimate["operators"]}
        report["estimate"] = estimate["total"]
        report["deviation"] = deviation(estimate["total"], report["total"])
        for row in report["operators"]:
            if row["name"] in rows:
                row["estimate"] = rows[row["name"]]
    return report


def _plain(resources: Resources, available: Mapping[str, int]) -> dict[str, int | float]:
    """Whole numbers without a decimal point; blocks of memory and multipliers may come in halves. What the device lacks, and
    the design does not take, is left out; SRL is a part of LUTRAM.
    """
    named = {name: value for name, value in asdict(resources).items() if value or name == "SRL" or name in available}
    return {name: int(value) if value == int(value) else value for name, value in named.items()}
