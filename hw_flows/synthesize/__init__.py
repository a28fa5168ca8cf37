# SPDX-License-Identifier: BSD-3-Clause
"""From RTL to what it costs on a device.

yosys.py      scripts for Yosys: operators to netlists, netlists into the top module
operators.py  every operator synthesized, with a cache
beside.py     what stands beside the accelerator on the board's memory, as operators
whole.py      the whole accelerator from its operators' netlists
cells.py      vendor cells counted into the resources of a device
"""

from hw_flows.synthesize.beside import beside, written_module
from hw_flows.synthesize.operators import OperatorResources, synthesize_operators, total_resources
from hw_flows.synthesize.whole import link_operators
from hw_flows.synthesize.yosys import SynthesizedNetlist, write_netlists, yosys_version

__all__ = [
    "OperatorResources",
    "SynthesizedNetlist",
    "beside",
    "link_operators",
    "synthesize_operators",
    "total_resources",
    "write_netlists",
    "written_module",
    "yosys_version",
]
