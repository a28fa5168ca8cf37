# SPDX-License-Identifier: BSD-3-Clause
"""Rows of the page's table of operators: cycles and resources, grouped by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hw_flows.operators.names import finn_name
from hw_flows.report.data import ReportData
from hw_flows.report.names import OwnNames

RESOURCES = ("LUT", "FF", "LUTRAM", "SRL", "BRAM36", "DSP")


def layer_rows(data: ReportData, names: OwnNames) -> list[dict[str, Any]]:
    """Operators with cycles and resources, grouped by layer in the order of the dataflow."""
    timed = {o["name"]: o for o in (data.performance or {}).get("operators", [])}
    sized = {o["name"]: o for o in (data.resources or {}).get("operators", [])}
    slowest = max((o["cycles"] for o in timed.values()), default=0)
    bottleneck = (data.performance or {}).get("bottleneck")
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, operator in {**sized, **timed}.items():
        cycles = timed.get(name, {}).get("cycles", 0)
        groups.setdefault(names.home(name) or operator.get("layer") or name, []).append(
            {
                "name": name,
                "number": names.number(name),
                "type": finn_name(operator["op_type"]),
                "cycles": cycles,
                "share": cycles / slowest if slowest else 0,
                "mac_units": timed.get(name, {}).get("mac_units", 0),
                "resources": {key: sized.get(name, {}).get(key, 0) for key in RESOURCES},
                "bottleneck": name == bottleneck,
            }
        )
    order = {name: position for position, name in enumerate({**sized, **timed})}

    def place(item: tuple[str, list[dict[str, Any]]]) -> int:
        """Where the layer's products are: FIFOs of a skip connection stand far before the layer they belong to."""
        return min(order[o["name"]] for o in item[1] if o["mac_units"] or not any(p["mac_units"] for p in item[1]))

    return [_layer(names.layer(name), operators) for name, operators in sorted(groups.items(), key=place)]


def _layer(name: str, operators: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "operators": operators,
        "cycles": max(o["cycles"] for o in operators),
        "share": max(o["share"] for o in operators),
        "mac_units": sum(o["mac_units"] for o in operators),
        "resources": {key: sum(o["resources"][key] for o in operators) for key in RESOURCES},
        "bottleneck": any(o["bottleneck"] for o in operators),
    }
