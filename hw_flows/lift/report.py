# SPDX-License-Identifier: BSD-3-Clause
"""`qu-lift`: a bitstream to a file with its netlist, and what there is to say about it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.lift.compare import compare
from hw_flows.lift.lift import Lifted, lift_bitstream
from hw_flows.machine.errors import UserError
from hw_flows.place_route.debian_tools import require_tools
from hw_flows.place_route.xray import Database
from quantunet_common.files import write_text_atomically

SHOWN = 5


def lift_to_file(bitstream: Path, part: str, destination: Path, routed: Path | None = None) -> str:
    """Write the netlist of a .bit as JSON; returns what was found, in lines.

    `routed`: the netlist that place and route wrote, to compare with. Raises UserError for files or parts that there are not,
    CheckFailed for bits that are not understood and for a netlist that is another one.
    """
    for path in (bitstream, *((routed,) if routed is not None else ())):
        if not path.is_file():
            raise UserError("there is no such file", str(path))
    tools = require_tools()
    with TemporaryDirectory(prefix="qu-lift-") as logs:
        lifted = lift_bitstream(bitstream, part, tools, Path(logs))
    write_text_atomically(destination, json.dumps(lifted.netlist.as_json()))
    lines = [describe(lifted), f"netlist: {destination}"]
    if routed is not None:
        comparison = compare(lifted.netlist, routed, Database(tools.xray_database("zynq7"), part))
        comparison.require_equal()
        lines.append(
            f"the same as {routed}: {sum(comparison.cells.values()):,} cells, {comparison.pins:,} pins, {comparison.nets:,} nets"
        )
    return "\n".join(lines)


def describe(lifted: Lifted) -> str:
    """Cells by type, features, and what is on without effect."""
    cells = ", ".join(f"{number:,} {kind}" for kind, number in lifted.netlist.count().items())
    text = f"{lifted.features:,} features are on; cells: {cells or 'none'}"
    if lifted.unused:
        shown = ", ".join(map(str, lifted.unused[:SHOWN]))
        text += f"\n{len(lifted.unused):,} features are on without effect: {shown}{' ...' if len(lifted.unused) > SHOWN else ''}"
    return text
