# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of ScaledAdd."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import ClassVar

from hw_flows.accelerator import Role
from hw_flows.operators.add.hw import ScaledAdd
from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.shared.checks import element, require

_HERE = Path(__file__).parent
_MAX_BITS = 32
#: Bits of an element that a table in `qu_times_constant.sv` reads.
_PART_BITS = 6


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
        require(
            out_bits <= _MAX_BITS, self, f"sums have {out_bits} bits, at most {_MAX_BITS} can be added", "narrow it"
        )
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
        """Tables of the products, an adder for each part of an element but one, the register; fitted to
        `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        products = [_Product(p[f"BITS_{i}"], bool(p[f"SIGNED_{i}"]), p[f"FACTOR_{i}"]) for i in (0, 1)]
        lut = sum(product.luts for product in products)
        # The table of one of two products may lie in the LUTs of the adder: the wider one's, as far as it reads few bits.
        merged = max((product.mergeable for product in products), default=0)
        overlap = min(product.high for product in products) - max(product.low for product in products)
        beside = max(0, max(product.high for product in products if product.mergeable == merged) - max(0, overlap))
        lut += max(0, overlap) - merged + (min(beside, merged) if merged else 0)
        return Cost(lut=4 + p["LANES"] * lut, ff=1 + p["LANES"] * p["OUT_BITS"])


class _Product:
    """`luts` that make one element times its factor (`qu_times_constant.sv`), `mergeable` of which the adder behind it may
    take in; the product has bits from `low` up to `high`, and zeros below."""

    def __init__(self, bits: int, signed: bool, factor: int) -> None:
        self.low = (factor & -factor).bit_length() - 1
        odd = abs(factor) >> self.low
        self.luts = self.mergeable = 0
        if factor > 0 and odd == 1:
            self.high = self.low + bits
            return
        parts = ceil(bits / _PART_BITS)
        part = ceil(bits / parts)
        last = bits - part * (parts - 1)
        widths = [(odd * ((1 << part) - 1)).bit_length()] * (parts - 1)
        widths.append((odd * ((1 << last) - 1)).bit_length())
        self.high = self.low + part * (parts - 1) + widths[-1]
        self.luts = widths[0] - 1 + sum(widths[1:])  # the lowest bit is that of the element
        if parts == 1:
            self.mergeable = self.luts if bits < _PART_BITS else min(self.luts, _PART_BITS - 2)
