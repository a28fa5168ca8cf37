"""Fields of `report/resources.json`: what each operator takes and whether all of it fits the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hw_flows.boards import Board
from hw_flows.synthesize import OperatorResources, Resources, total_resources


def resources_report(operators: Sequence[OperatorResources], board: Board, source: str) -> dict[str, Any]:
    """`source` says where the figures come from: the tool and how it was used."""
    total = total_resources(operators)
    return {
        "source": source,
        "part": board.part,
        "total": _plain(total),
        "available": board.budget.model_dump(),
        "units": board.units,
        "fits": total.fits(board.budget),
        "operators": [
            {"name": o.name, "op_type": o.op_type, "layer": o.layer, **_plain(o.resources)} for o in operators
        ],
    }


def _plain(resources: Resources) -> dict[str, int | float]:
    """Whole numbers without a decimal point; blocks of memory and multipliers may come in halves."""
    return {name: int(value) if value == int(value) else value for name, value in asdict(resources).items()}
