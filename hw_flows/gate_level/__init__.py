# SPDX-License-Identifier: BSD-3-Clause
"""The synthesized netlist, run with models of the vendor's cells.

netlist.py       a flat netlist in Yosys' JSON
xc7_logic.py     models of the 7-series cells: logic, flip-flops, distributed memory
xc7_blocks.py    block memories and DSPs
ecp5.py          models of the ECP5 cells
program.py       what models are made of: few kinds of cells, sorted into the table that is run
simulator.py     runs the table
simulator.cpp    the runner, with a header for each kind of cell
"""

from hw_flows.gate_level.netlist import Netlist
from hw_flows.gate_level.simulator import NetlistRun, NetlistSimulator

__all__ = ["Netlist", "NetlistRun", "NetlistSimulator"]
