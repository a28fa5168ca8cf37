# SPDX-License-Identifier: BSD-3-Clause
"""The synthesized netlist, run cycle by cycle with the programs of its cells (`hw_flows.families`).

simulator.py     runs the table that the cells' programs make
simulator.cpp    the runner, with a header for each kind of cell
remembered.py    runs that ended well, by content
"""

from hw_flows.gate_level.simulator import NetlistRun, NetlistSimulator

__all__ = ["NetlistRun", "NetlistSimulator"]
