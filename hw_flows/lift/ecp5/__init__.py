# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream of a Lattice ECP5 back to a netlist of vendor cells, from the .bit alone.

database.py       which bits of a tile are which switch or setting: Project Trellis' database
configuration.py  what ecpunpack found, tile by tile, as bits with their meanings, and which of them have been read
chip.py           wires and switches of a device: nextpnr's chip database; routing.py: from a wire back to its driver
device.py         the elements of a device, and who lifts each kind

slices.py         logic, carry chains, flip-flops, memories of LUTs; block_memory.py: DP16KD; multipliers.py: MULT18X18D
pins.py           pins; clocks.py: clock buffers and PLLs; idle.py: what may be on without effect

lift.py           the whole way; compare.py: against the netlist that place and route wrote; check.py: both, for a flow

Both databases come with the package that has nextpnr-ecp5. What is not understood ends with CheckFailed, never with a guess: a
bit without a meaning, a setting that nothing reads, a wire with two drivers, an input without one.
"""
