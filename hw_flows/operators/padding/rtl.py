# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FMPadding."""

from __future__ import annotations

from pathlib import Path

from finn.custom_op.fpgadataflow.fmpadding import FMPadding

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.shared.checks import element, require, require_divides


class OpenFMPadding_rtl(RtlOperator, FMPadding):
    """Input (1, H, W, C), output (1, top + H + bottom, left + W + right, C); SIMD elements a word.

    One output word a cycle, so a frame takes as many cycles as it has output words (FINN's own figure).
    """

    module = "qu_padding"
    sources = (Path(__file__).with_name("qu_padding.sv"),)

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "SIMD", "NumChannels")
        size, padding = self.get_nodeattr("ImgDim"), self.get_nodeattr("Padding")
        require(
            len(size) == 2 and min(size) >= 1,
            self,
            f"ImgDim = {list(size)} is no [height, width]",
            "give two positive integers",
        )
        require(
            len(padding) == 4 and min(padding) >= 0,
            self,
            f"Padding = {list(padding)} is no [top, left, bottom, right]",
            "give four integers that are not negative",
        )
        bits, _ = element(self, self.get_input_datatype())
        simd = self.get_nodeattr("SIMD")
        return {
            "WORD_BITS": simd * bits,
            "FOLD": self.get_nodeattr("NumChannels") // simd,
            "HEIGHT": int(size[0]),
            "WIDTH": int(size[1]),
            "PAD_TOP": int(padding[0]),
            "PAD_LEFT": int(padding[1]),
            "PAD_BOTTOM": int(padding[2]),
            "PAD_RIGHT": int(padding[3]),
        }

    def cost(self) -> Cost:
        """Two counters with comparisons, one register; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        height, width = self.get_padded_odim()
        counters = (height - 1).bit_length() + (width * p["FOLD"] - 1).bit_length()
        return Cost(lut=25 + counters, ff=p["WORD_BITS"] + counters + 3)
