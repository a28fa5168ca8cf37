# SPDX-License-Identifier: BSD-3-Clause
"""Lattice ECP5."""

from __future__ import annotations

from hw_flows.families.family import Family, Synthesis

FAMILY = Family(
    package=__name__,
    title="Lattice ECP5",
    synthesis=Synthesis(
        libraries="read_verilog -lib +/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v\n",
        timed_libraries="read_verilog -lib -specify +/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v\n",
        command="synth_lattice -family ecp5",
        # `-run` leaves out the step `begin`: it would keep only one top module. The elaborated modules are flat already.
        options="-noiopad -run coarse:",
        models=("lattice/cells_sim_ecp5.v", "lattice/cells_bb_ecp5.v"),
        # Without a target ABC makes every operator as fast as it gets, also those that no slow path leads through. With
        # wide multiplexers made of LUT4s that costs a sixth of the LUTs; 3 ns, of which 0.3 ns a wire, leave room at
        # 50 MHz. On 7-series it would save less than a hundredth.
        abc_delay_ps=3000,
        routable="check -assert\n",
    ),
    units={"LUT": "LUT4", "FF": "flip-flops", "LUTRAM": "LUT4 as memory", "BRAM36": "2 DP16KD", "DSP": "MULT18X18D"},
    shells=("ecp5_uart",),
    # A LUT4 holds a quarter of a LUT6. The trained demo network was predicted to take 13,392 LUT, 9,422 FF and 3,823 LUT
    # as memory, and synthesis took 40,386, 11,228 and 7,044.
    cost_scale={"LUT": 3.2, "FF": 1.3, "LUTRAM": 2},
    # There is no shift register: FPGA-DS-02012, a 16x4 memory takes six LUT4, registers of that size 64 flip-flops. Up to
    # here the addresses of a memory cost more than they save.
    deepest_shift_register=4,
)
