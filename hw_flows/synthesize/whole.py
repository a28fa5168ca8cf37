# SPDX-License-Identifier: BSD-3-Clause
"""The whole accelerator's netlist, linked from those of its operators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.families.family import Family
from hw_flows.families.resources import Resources
from hw_flows.synthesize import yosys
from hw_flows.synthesize.cells import count_resources
from hw_flows.synthesize.operators import OperatorResources, read_netlist
from quantunet_common.files import write_bytes_atomically


def link_operators(
    accelerator: Accelerator,
    operators: Sequence[OperatorResources],
    rtl: Path,
    family: Family,
    *,
    destination: Path,
    log: Path,
) -> Resources:
    """What the accelerator takes as a whole; its flat netlist goes to `destination` (Yosys JSON, as nextpnr reads it).

    `operators` as `synthesize_operators` returned them, `rtl` the folder with the top module. The netlist has no buffers
    on clock and pins: place and route adds what a board needs around it. Raises ToolError where the netlists do not go
    together, UserError where the top module in `rtl` is not this accelerator's, KeyError for cells the device lacks.
    """
    texts = {path: read_netlist(path) for path in {operator.netlist for operator in operators}}
    linked = yosys.link(accelerator, {o.name: texts[o.netlist] for o in operators}, rtl, family, log)
    resources = count_resources(linked.cells, family)
    write_bytes_atomically(destination, linked.json)
    return resources
