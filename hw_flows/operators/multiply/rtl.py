# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of BranchProduct."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import ClassVar

from hw_flows.accelerator import Role
from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.memory import block_luts, multiplexer_luts, prefers_block, ramb18
from hw_flows.operators.multiply.factors import repeats
from hw_flows.operators.multiply.hw import BranchProduct
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require

_HERE = Path(__file__).parent
#: Of a factor: the narrower side of a DSP48E1 has 18 bits, with sign.
_MAX_BITS = 16
#: Products of fewer bits are left in LUTs by synthesis, whatever is asked for.
_LEAST_DSP_BITS = 9
#: LUTs for each bit of a kept word that select whether it was kept or comes in: the rest is merged with the products.
_MERGED = 0.3


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
            "BLOCK_RAM": int(pattern[0] > 1 and _prefers_block(pattern[0], (1 if single else lanes) * bits_1)),
        }

    def input_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("s0_axis", (0,)), PortGroup("s1_axis", (1,)))

    def cost(self) -> Cost:
        """Products, counters and what a block is kept in; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        lanes, kept = p["LANES"], p["KEPT"]
        word_0, word_1 = lanes * p["BITS_0"], (1 if p["SINGLE"] else lanes) * p["BITS_1"]
        counted = (p["USES"] - 1).bit_length() + (kept - 1).bit_length()
        total = Cost(lut=4 + 1.5 * counted, ff=2 + counted)
        if p["USE_DSP"]:
            total += Cost(dsp=lanes)  # with the registers before and behind the products
        else:
            total += Cost(
                lut=lanes * _product_luts(p["BITS_0"], p["BITS_1"], p["SIGNED_1"]),
                ff=word_0 + lanes * ((1 + p["BITS_0"] if p["BITS_1"] > 1 else 0) + p["OUT_BITS"]) + word_1,
            )
        if kept == 1:
            return total
        total += Cost(lut=(1 if p["USE_DSP"] else _MERGED) * word_1, ff=2 + (2 if p["USE_DSP"] else 1) * word_1)
        if p["BLOCK_RAM"]:
            return total + Cost(lut=block_luts(kept, word_1), ff=-word_1, bram36=ramb18(kept, word_1) / 2)
        memory, banks = _single_port_luts(kept, word_1)
        return total + Cost(lut=word_1 * multiplexer_luts(banks), lutram=memory)


def _prefers_block(depth: int, width: int) -> bool:
    memory, banks = _single_port_luts(depth, width)
    return prefers_block(memory + width * multiplexer_luts(banks), ramb18(depth, width))


def _product_luts(a_bits: int, b_bits: int, b_signed: int) -> float:
    """`qu_product.sv`, and the adder that makes three times its first factor."""
    if b_bits <= 2:  # no row is added to another
        return (a_bits if b_bits == 1 else 2 * a_bits + 1) + b_signed * a_bits
    digits, odd = divmod(b_bits, 2)
    return a_bits + 4 + digits * (a_bits + 2) + odd * (a_bits - 1) + b_signed * a_bits


def _single_port_luts(depth: int, width: int) -> tuple[int, int]:
    """(LUTs used as memory, banks) of a memory that is read or written at one address: Yosys takes four LUTs for 32 words of
    8 bits, 64 of 4, 128 of 2 or 256 of one."""
    words = min(256, max(32, 1 << (depth - 1).bit_length()))
    banks = ceil(depth / words)
    return 4 * banks * ceil(width * words / 256), banks
