# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that place and route for 7-series gets: the same function with cells that a bitstream is known to hold rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from hw_flows.place_route.double_width import without_double_width
from hw_flows.place_route.pre_adder import without_pre_adders
from quantunet_common.files import read_json, write_text_atomically


def write_routable(netlist: Path, destination: Path) -> dict[str, int]:
    """Write a netlist (JSON of Yosys) anew; returns what was replaced, in words -> how often."""
    data = read_json(netlist)
    replaced = {"memories of double width": 0, "pre-adders": 0}
    for module in data["modules"].values():
        cells = module.get("cells", {})
        replaced["memories of double width"] += without_double_width(cells)
        replaced["pre-adders"] += without_pre_adders(cells, free_nets(module))
    write_text_atomically(destination, json.dumps(data))
    return replaced


def free_nets(module: dict[str, Any]) -> Iterator[int]:
    """Numbers of nets that a module does not use, looked for when the first one is asked for."""
    buses = [bus for cell in module.get("cells", {}).values() for bus in cell["connections"].values()]
    buses += [port["bits"] for port in module.get("ports", {}).values()]
    buses += [name["bits"] for name in module.get("netnames", {}).values()]
    yield from count(1 + max((net for bus in buses for net in bus if isinstance(net, int)), default=1))
