# SPDX-License-Identifier: BSD-3-Clause
"""What `qu-lift` reads and writes for people, whatever the family."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from hw_flows.lift.comparison import SHOWN, Comparison
from hw_flows.lift.netlist import LiftedNetlist
from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json, require_input_file, write_text_atomically

#: Bytes of a netlist.
_MOST = 2**30


def require_netlist(path: Path) -> None:
    """Raises UserError where a file is not what nextpnr writes with `--write`: one module with cells."""
    require_input_file(path, _MOST)
    try:
        (module,) = (m for m in read_json(path)["modules"].values() if m.get("cells"))
        for cell in module["cells"].values():
            if not {"type", "parameters", "attributes", "port_directions", "connections"} <= cell.keys():
                raise ValueError("a cell lacks a field")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            "is no netlist of a routed design", str(path), "give the JSON file that nextpnr wrote with --write"
        ) from error


def write_lifted(
    netlist: LiftedNetlist,
    on: str,
    unused: tuple[str, Sequence[object]],
    destination: Path,
    routed: Path | None,
    compare: Callable[[Path], Comparison],
) -> str:
    """Write the netlist as JSON; returns what was found, in lines.

    `on`: how much is on in the bitstream, in words; `unused`: what is on without effect, its name and each; `routed`: a
    netlist to `compare` with. Raises CheckFailed where it is another one.
    """
    write_text_atomically(destination, json.dumps(netlist.as_json()))
    cells = ", ".join(f"{number:,} {kind}" for kind, number in netlist.count().items())
    lines = [f"{on}; cells: {cells or 'none'}"]
    name, without_effect = unused
    if without_effect:
        shown = ", ".join(map(str, without_effect[:SHOWN])) + (" ..." if len(without_effect) > SHOWN else "")
        lines.append(f"{len(without_effect):,} {name} are on without effect: {shown}")
    lines.append(f"netlist: {destination}")
    if routed is not None:
        comparison = compare(routed)
        comparison.require_equal()
        lines.append(f"the same as {routed}: {comparison}")
    return "\n".join(lines)
