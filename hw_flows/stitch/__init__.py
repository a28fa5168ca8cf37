# SPDX-License-Identifier: BSD-3-Clause
"""From a graph of RTL operators to an `Accelerator` and its plain structural SystemVerilog."""

from hw_flows.stitch.describe import describe
from hw_flows.stitch.write import write_operators, write_top

__all__ = ["describe", "write_operators", "write_top"]
