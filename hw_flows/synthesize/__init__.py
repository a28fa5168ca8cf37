"""From RTL to what it costs on a device: one file a tool."""

from hw_flows.synthesize.cells import Resources
from hw_flows.synthesize.operators import OperatorResources, synthesize_operators, total_resources
from hw_flows.synthesize.yosys import Netlist, write_netlist, yosys_version

__all__ = [
    "Netlist",
    "OperatorResources",
    "Resources",
    "synthesize_operators",
    "total_resources",
    "write_netlist",
    "yosys_version",
]
