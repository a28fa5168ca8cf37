# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of PixelShuffle."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.pixel_shuffle.hw import PixelShuffle
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenPixelShuffle_rtl(RtlOperator, PixelShuffle):
    """Depth to space; SIMD elements a word, a buffer of one input row, one word a cycle where BlockSize[0] <= 2."""

    module = "qu_pixel_shuffle"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, Path(__file__).with_name("qu_pixel_shuffle.sv"))

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "SIMD", "NumChannels")
        size, block = list(self.get_nodeattr("ImgDim")), list(self.get_nodeattr("BlockSize"))
        for name, value in (("ImgDim", size), ("BlockSize", block)):
            require(
                len(value) == 2 and min(value) >= 1,
                self,
                f"{name} = {value} is no [height, width]",
                "give two positive integers",
            )
        bits, _ = element(self, self.get_input_datatype())
        simd = self.get_nodeattr("SIMD")
        group = int(block[1]) * (self.get_nodeattr("NumChannels") // simd)
        return {
            "WORD_BITS": simd * bits,
            "GROUP": group,
            "WIDTH": int(size[1]),
            "BLOCK_H": int(block[0]),
            "BLOCK_RAM": int(use_block_memory(int(block[0]) * int(size[1]) * group, simd * bits)),
        }

    def get_exp_cycles(self) -> int:
        """One word a cycle for two output rows an input row; with more the writer waits for the last of them.

        Until the reader is in the last of the `BLOCK_H` rows the writer cannot finish its first pixel; from there it
        writes a word a cycle and the reader follows it through the first row and goes on to the last one.
        """
        p = self.rtl_parameters()
        rows, group, width = p["BLOCK_H"], p["GROUP"], p["WIDTH"]
        waiting = (width - 1) * rows * group + group + 1 + (rows - 2) * width * group if rows > 1 else 0
        return int(self.get_nodeattr("ImgDim")[0]) * max(rows * width * group, waiting)

    def cost(self) -> Cost:
        """Buffer of an input row and its addresses; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        if p["BLOCK_H"] == 1:
            return Cost()
        depth = p["BLOCK_H"] * p["WIDTH"] * p["GROUP"]
        memory = memory_cost(depth, p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        address = (depth - 1).bit_length()
        return Cost(
            lut=memory.lut + 18 + 5.1 * address,
            ff=memory.ff + 5 + 3 * address,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )
