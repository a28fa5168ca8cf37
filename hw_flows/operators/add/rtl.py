# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of ScaledAdd."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hw_flows.accelerator import Role
from hw_flows.operators.add.hw import ScaledAdd
from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.shared.checks import element, place, require

_HERE = Path(__file__).parent
_MAX_BITS = 32


class OpenScaledAdd_rtl(RtlOperator, ScaledAdd):
    """One word of each input a cycle; the same number of lanes on all three streams."""

    role: ClassVar[Role] = Role.ADD
    module: ClassVar[str] = "qu_add"
    sources: ClassVar[tuple[Path, ...]] = (_HERE / "qu_times_constant.sv", _HERE / "qu_add.sv")

    def lanes_divide(self) -> int:
        return int(self.get_nodeattr("out_shape")[-1])

    def rtl_parameters(self) -> dict[str, int]:
        shapes = [list(self.get_nodeattr(name)) for name in ("lhs_shape", "rhs_shape", "out_shape")]
        require(
            shapes[0] == shapes[1] == shapes[2],
            self,
            f"lhs_shape, rhs_shape and out_shape are {shapes[0]}, {shapes[1]} and {shapes[2]}",
            "add two streams of one shape",
        )
        lanes, channels = int(self.get_nodeattr("PE")), self.lanes_divide()
        require(
            lanes >= 1 and channels % lanes == 0,
            self,
            f"PE = {lanes} does not divide the {channels} channels",
            f"set PE to a divisor of {channels}",
        )
        factors = self.factors()
        require(0 not in factors, self, f"factors are {list(factors)}", "leave out a branch that counts for nothing")
        bits_0, signed_0 = element(self, self.get_input_datatype(0))
        bits_1, signed_1 = element(self, self.get_input_datatype(1))
        out_bits, _ = element(self, self.get_output_datatype())
        require(out_bits <= _MAX_BITS, self, f"sums have {out_bits} bits, at most {_MAX_BITS} can be added", "narrow it")
        return {
            "LANES": lanes,
            "BITS_0": bits_0,
            "SIGNED_0": signed_0,
            "FACTOR_0": factors[0],
            "BITS_1": bits_1,
            "SIGNED_1": signed_1,
            "FACTOR_1": factors[1],
            "OUT_BITS": out_bits,
        }

    def input_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("s0_axis", (0,)), PortGroup("s1_axis", (1,)))

    def cost(self) -> Cost:
        """fitted to `benchmarks/cost_model.py`."""
        return Cost(lut=1, ff=1)
