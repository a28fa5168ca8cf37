# SPDX-License-Identifier: BSD-3-Clause
"""AMD UltraScale+: the programmable logic of Zynq UltraScale+ MPSoCs and Kria modules, Artix, Kintex and Virtex UltraScale+."""

from __future__ import annotations

from hw_flows.families.family import Family, Synthesis
from hw_flows.families.xcup import mapping

FAMILY = Family(
    package=__name__,
    title="AMD UltraScale+",
    synthesis=Synthesis(
        libraries="read_verilog -lib +/xilinx/cells_sim.v\nread_verilog -lib +/xilinx/cells_xtra.v\n",
        timed_libraries="read_verilog -lib -specify +/xilinx/cells_sim.v\nread_verilog -lib +/xilinx/cells_xtra.v\n",
        # Without -uram: the operators' RTL asks for block memories by name, so that not one of the demo's would become an UltraRAM.
        command=mapping.COMMAND,
        options=mapping.OPTIONS,
        models=("xilinx/cells_sim.v", "xilinx/cells_xtra.v"),
    ),
    units={
        "LUT": "LUT6",
        "FF": "flip-flops",
        "LUTRAM": "LUT6 as memory or shift register",
        "BRAM36": "RAMB36E2",
        "URAM": "URAM288",
        "DSP": "DSP48E2",
    },
    shells=(),
    # LUTs as memory come in eights (RAM64M8, RAM32M16), on 7-series in fours. The trained demo network was predicted to take
    # 14,826 LUT, 12,050 FF and 3,094 LUT as memory, and synthesis took 14,883, 11,729 and 3,434.
    cost_scale={"LUTRAM": 1.11},
    no_open_tools="there is no open place and route for UltraScale+ devices",
)
