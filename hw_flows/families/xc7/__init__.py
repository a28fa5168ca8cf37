# SPDX-License-Identifier: BSD-3-Clause
"""AMD 7-series: Spartan-7, Artix-7, Kintex-7 and the programmable logic of Zynq-7000."""

from __future__ import annotations

from hw_flows.families.family import Family, Synthesis

FAMILY = Family(
    package=__name__,
    title="AMD 7-series",
    synthesis=Synthesis(
        libraries="read_verilog -lib +/xilinx/cells_sim.v\nread_verilog -lib +/xilinx/cells_xtra.v\n",
        timed_libraries="read_verilog -lib -specify +/xilinx/cells_sim.v\nread_verilog -lib +/xilinx/cells_xtra.v\n",
        command="synth_xilinx -family xc7",
        # `-run` leaves out the step `begin`: it would keep only one top module. The elaborated modules are flat already.
        options="-noiopad -noclkbuf -run prepare:",
        models=("xilinx/cells_sim.v",),
        shell_options="-nodsp",
        routable="delete t:$scopeinfo t:$print t:$check\ncheck -assert\nsetundef -zero\n",
    ),
    units={
        "LUT": "LUT6",
        "FF": "flip-flops",
        "LUTRAM": "LUT6 as memory or shift register",
        "BRAM36": "RAMB36E1",
        "DSP": "DSP48E1",
    },
    shells=("zynq7",),
)
