# SPDX-License-Identifier: BSD-3-Clause
"""The RTL of AbsoluteValue: module, parameters, cycles and cost."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.shared.checks import element, require, require_divides

from .hw import AbsoluteValue


class OpenAbsoluteValue_rtl(RtlOperator, AbsoluteValue):
    """PE elements a word, one word a cycle."""

    module = "qu_absolute_value"
    sources = (Path(__file__).with_name("qu_absolute_value.sv"),)

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "PE", "NumChannels")
        bits, signed = element(self, self.get_input_datatype())
        require(
            signed == 1 and bits >= 2,
            self,
            f"inputDataType is {self.get_input_datatype().name}, which has no sign",
            "leave the operator out: unsigned values are their own",
        )
        return {"ELEMENT_BITS": bits, "LANES": self.get_nodeattr("PE")}

    def cost(self) -> Cost:
        """What Yosys counts for 7-series devices over `cases.synthesized`: a LUT for each bit below the sign."""
        p = self.rtl_parameters()
        bits, lanes = p["ELEMENT_BITS"], p["LANES"]
        return Cost(lut=1 + lanes * max(2, bits - 1), ff=1 + lanes * bits)
