# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FMPadding."""

from __future__ import annotations

from pathlib import Path

from finn.custom_op.fpgadataflow.fmpadding import FMPadding

from hw_flows.operators.base import Border, Cost, RtlOperator
from hw_flows.operators.shared.checks import four_sides, image_parameters


class OpenFMPadding_rtl(RtlOperator, FMPadding):
    """Input (1, H, W, C), output (1, top + H + bottom, left + W + right, C); SIMD elements a word.

    One output word a cycle, so a frame takes as many cycles as it has output words (FINN's own figure).
    """

    module = "qu_padding"
    sources = (Path(__file__).with_name("qu_padding.sv"),)

    def border(self) -> Border:
        top, left, _, _ = map(int, self.get_nodeattr("Padding"))
        return Border(top, left, *map(int, self.get_nodeattr("ImgDim")))

    def rtl_parameters(self) -> dict[str, int]:
        image = image_parameters(self)
        top, left, bottom, right = four_sides(self, "Padding")
        return {
            **image,
            "PAD_TOP": top,
            "PAD_LEFT": left,
            "PAD_BOTTOM": bottom,
            "PAD_RIGHT": right,
        }

    def cost(self) -> Cost:
        """Two counters with comparisons, one register; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        height, width = self.get_padded_odim()
        counters = (height - 1).bit_length() + (width * p["FOLD"] - 1).bit_length()
        return Cost(lut=25 + counters, ff=p["WORD_BITS"] + counters + 3)
