# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of BranchProduct."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hw_flows.accelerator import Role
from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.multiply.factors import repeats
from hw_flows.operators.multiply.hw import BranchProduct
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require
from hw_flows.operators.shared.ram import memory_cost, use_block_memory

_HERE = Path(__file__).parent
#: Of a factor: the narrower side of a DSP48E1 has 18 bits, with sign.
_MAX_BITS = 16
#: Products of fewer bits are left in LUTs by synthesis, whatever is asked for.
_LEAST_DSP_BITS = 9


class OpenBranchProduct_rtl(RtlOperator, BranchProduct):
    """One word of the larger input a cycle; each word of the other one as often as its shape says."""

    role: ClassVar[Role] = Role.ADD
    module: ClassVar[str] = "qu_multiply"
    sources: ClassVar[tuple[Path, ...]] = (
        LOOP_COUNTER,
        SIMPLE_DUAL_PORT_RAM,
        _HERE / "qu_product.sv",
        _HERE / "qu_multiply.sv",
    )

    def lanes_divide(self) -> int:
        return int(self.get_nodeattr("out_shape")[-1])

    def rtl_parameters(self) -> dict[str, int]:
        image, factor, out = (list(self.get_nodeattr(name)) for name in ("lhs_shape", "rhs_shape", "out_shape"))
        require(
            len(image) == len(factor) == 4 and image == out and image[0] == factor[0] == 1,
            self,
            f"lhs_shape, rhs_shape and out_shape are {image}, {factor} and {out}",
            "give the first input the shape of the output, (1, height, width, channels), and the second a value or 1 an axis",
        )
        lanes, channels = int(self.get_nodeattr("PE")), self.lanes_divide()
        require(
            lanes >= 1 and channels % lanes == 0,
            self,
            f"PE = {lanes} does not divide the {channels} channels",
            f"set PE to a divisor of {channels}",
        )
        single = factor[-1] == 1 < channels
        folded = [[*shape[1:-1], shape[-1] // lanes or 1] for shape in (factor, image)]
        pattern = repeats(*folded)
        require(
            pattern is not None,
            self,
            f"rhs_shape {factor} is not repeated in one piece along {image}",
            "multiply by a value for each channel or for each pixel",
        )
        assert pattern is not None
        bits_0, signed_0 = element(self, self.get_input_datatype(0))
        bits_1, signed_1 = element(self, self.get_input_datatype(1))
        out_bits, _ = element(self, self.get_output_datatype())
        require(
            max(bits_0, bits_1) <= _MAX_BITS,
            self,
            f"factors have {bits_0} and {bits_1} bits, at most {_MAX_BITS} can be multiplied",
            "quantize the wider one",
        )
        return {
            "LANES": lanes,
            "BITS_0": bits_0,
            "SIGNED_0": signed_0,
            "BITS_1": bits_1,
            "SIGNED_1": signed_1,
            "OUT_BITS": out_bits,
            "SINGLE": int(single),
            "KEPT": pattern[0],
            "USES": pattern[1],
            "USE_DSP": int(self.get_nodeattr("resType") == "dsp" and bits_0 + bits_1 >= _LEAST_DSP_BITS),
            "BLOCK_RAM": int(pattern[0] > 1 and use_block_memory(pattern[0], (1 if single else lanes) * bits_1)),
        }

    def input_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("s0_axis", (0,)), PortGroup("s1_axis", (1,)))

    def cost(self) -> Cost:
        """Fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        return Cost(lut=p["LANES"])
