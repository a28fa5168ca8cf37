# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that place and route wrote, as a user gives it."""

from __future__ import annotations

from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json, require_input_file

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
