# SPDX-License-Identifier: BSD-3-Clause
"""What a written module takes of a device, synthesized by itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from hw_flows.families import find_family
from hw_flows.families.resources import Resources
from hw_flows.synthesize import written_module, yosys
from hw_flows.synthesize.cells import count_resources
from hw_flows.synthesize.operators import count_cells
from quantunet_common.files import copy_atomically, write_text_atomically


def module_resources(module: str, text: str, sources: Iterable[Path], family_name: str = "xc7") -> Resources:
    """Of `module`, whose `text` is SystemVerilog that uses `sources`. Raises ToolError where it cannot be synthesized."""
    family = find_family(family_name)
    with tempfile.TemporaryDirectory(prefix="hw_flows-synthesis-") as name:
        folder, names = Path(name), []
        for source in sources:
            copy_atomically(source, folder / source.name)
            names.append(source.name)
        write_text_atomically(folder / f"{module}.sv", text)
        instance = written_module("alone", "Alone", module, (*names, f"{module}.sv"))
        netlist = yosys.map_operators({"alone": instance}, folder, family, folder / "yosys.log")["alone"]
    return count_resources(count_cells(netlist), family)
