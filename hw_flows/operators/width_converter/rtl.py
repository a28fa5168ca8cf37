# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FINN's StreamingDataWidthConverter."""

from __future__ import annotations

from math import lcm
from pathlib import Path
from typing import ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.streamingdatawidthconverter import StreamingDataWidthConverter

from hw_flows.accelerator import Role
from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import multiplexer_luts
from hw_flows.operators.shared.checks import require

_HERE = Path(__file__).parent


def converter_cost(in_width: int, out_width: int) -> Cost:
    """Resources of one converter, widths in bits.

    A shift register has no LUTs, narrowing is a multiplexer; the rest is fitted to `benchmarks/cost_model.py`.
    """
    if in_width == out_width:
        return Cost()
    if out_width % in_width == 0:
        bits = (out_width // in_width - 1).bit_length()
        return Cost(lut=bits + 4, ff=out_width + bits + 1)
    if in_width % out_width == 0:
        ratio = in_width // out_width
        bits = (ratio - 1).bit_length()
        return Cost(lut=out_width * multiplexer_luts(ratio) + bits + 3, ff=in_width + bits + 1)
    ring = lcm(in_width, out_width)
    words_in, words_out = ring // in_width, ring // out_width
    bits = (words_in - 1).bit_length() + (words_out - 1).bit_length()
    return Cost(lut=out_width * multiplexer_luts(words_out) + 2 * words_in + 9, ff=ring + bits + 3)


class OpenStreamingDataWidthConverter_rtl(RtlOperator, StreamingDataWidthConverter):
    """The tensor's elements in words of `outWidth` bits instead of `inWidth` bits; any two multiples of the element."""

    role: ClassVar[Role] = Role.CONVERTER
    module: ClassVar[str] = "qu_width_converter"
    sources: ClassVar[tuple[Path, ...]] = tuple(
        _HERE / name for name in ("qu_widen.sv", "qu_narrow.sv", "qu_regroup.sv", "qu_width_converter.sv")
    )

    def rtl_parameters(self) -> dict[str, int]:
        bits = self.get_input_datatype().bitwidth()
        elements = int(np.prod(self.get_normal_input_shape()))
        for name in ("inWidth", "outWidth"):
            width = self.get_nodeattr(name)
            require(
                width >= 1 and width % bits == 0 and elements % (width // bits) == 0,
                self,
                f"{name} is {width} bits: not a whole number of {bits}-bit elements that divides the tensor's {elements}",
                f"set {name} to a multiple of {bits}",
            )
        return {"IN_WORD_BITS": self.get_nodeattr("inWidth"), "OUT_WORD_BITS": self.get_nodeattr("outWidth")}

    def get_exp_cycles(self) -> int:
        """The narrower side's words."""
        return int(max(np.prod(self.get_folded_input_shape()[:-1]), np.prod(self.get_folded_output_shape()[:-1])))

    def cost(self) -> Cost:
        return converter_cost(self.get_nodeattr("inWidth"), self.get_nodeattr("outWidth"))
