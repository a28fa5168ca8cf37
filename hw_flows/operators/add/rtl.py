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
_MAX_BITS = 48
#: Of a factor: SystemVerilog's int.
_MAX_FACTOR = 2**31 - 1
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
        require(
            max(map(abs, factors)) <= _MAX_FACTOR,
            self,
            f"factors are {list(factors)}, at most {_MAX_FACTOR} has hardware",
            "use smaller ones",
        )
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
        first, second = sorted(products, key=lambda product: not product.shifts)  # wires first
        high = max(first.high, second.high)
        overlap = min(high if product.signed else product.high for product in products) - max(first.low, second.low)
        overlap = max(0, overlap)
        merged = min(second.mergeable, overlap)
        lut = first.luts + second.luts - merged + overlap
        return Cost(lut=4 + p["LANES"] * lut, ff=1 + p["LANES"] * p["OUT_BITS"])


class _Product:
    """`luts` that make one element times its factor (`qu_times_constant.sv`), `mergeable` of which the LUTs of the adder behind
    it take in if it is the second operand; the product has bits from `low` up to `high`, zeros below, its sign above."""

    def __init__(self, bits: int, signed: bool, factor: int) -> None:
        self.low = (factor & -factor).bit_length() - 1
        odd = abs(factor) >> self.low
        self.signed = signed or factor < 0
        self.luts = self.mergeable = 0
        self.shifts = factor > 0 and odd == 1
        if self.shifts:
            self.high = self.low + bits
            return
        parts = ceil(bits / _PART_BITS)
        part = ceil(bits / parts)
        last = bits - part * (parts - 1)
        widths = [(odd * ((1 << part) - 1)).bit_length()] * (parts - 1)
        widths.append((odd * ((1 << last) - 1)).bit_length())
        self.high = self.low + part * (parts - 1) + widths[-1]
        first = last if parts == 1 else part
        self.luts = _functions(odd, first, widths[0]) + sum(widths[1:])
        if parts == 1:
            self.mergeable = self.luts if bits < _PART_BITS else min(self.luts, _PART_BITS - 2)


def _functions(factor: int, bits: int, width: int) -> int:
    """How many of the `width` bits of factor * v, v of so many bits, are functions that need a LUT of their own: those that
    are no bit of v, each once."""
    values = range(1 << bits)
    inputs = {tuple(v >> i & 1 for v in values) for i in range(bits)}
    outputs = {tuple(factor * v >> i & 1 for v in values) for i in range(width)}
    return len(outputs - inputs)
