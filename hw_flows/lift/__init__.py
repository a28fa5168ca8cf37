# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream of a 7-series device back to a netlist of vendor cells, from the .bit alone.

configuration.py  frames to features, none of whose bits is left unexplained, and which of them have been read
fabric.py         wires of tiles, joined to nodes, and the switches that can drive them
routing.py        from a pin of a site back to what drives it; gates.py: bits without which a switch passes nothing
netlist.py        the lifted netlist: cells at their places, and the JSON that `hw_flows.families.netlist` reads
tables.py         truth tables without what has no effect
device.py         the sites of a device, and who lifts each kind

slices.py         logic, flip-flops, carry chains; lut_memory.py: shift registers and memories of LUTs
block_memory.py   RAMB18E1, RAMB36E1; multipliers.py: DSP48E1
clocks.py         global clock buffers; processing_system.py: PS7

lift.py           the whole way; report.py: qu-lift
comparison.py     what comparing has in common, whatever the family; files.py: what qu-lift reads and writes
compare.py        against the netlist that place and route wrote; same_function.py: against the one that it was given
check.py          what a flow does with its own bitstream

What is not understood ends with CheckFailed, never with a guess: a bit that no feature has, a feature that nothing reads, a
node with two drivers, an input without one.
"""
