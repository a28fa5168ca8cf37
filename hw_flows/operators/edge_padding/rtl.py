# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of EdgePadding."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from hw_flows.operators.base import Border, Cost, RtlOperator
from hw_flows.operators.edge_padding.hw import EdgePadding
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import four_sides, image_parameters, require
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenEdgePadding_rtl(RtlOperator, EdgePadding):
    """Input (1, H, W, C), output (1, top + H + bottom, left + W + right, C); SIMD elements a word, one output word a cycle."""

    module = "qu_edge_padding"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, Path(__file__).with_name("qu_edge_padding.sv"))

    def rtl_parameters(self) -> dict[str, int]:
        image = image_parameters(self)
        top, left, bottom, right = four_sides(self, "Padding")
        reflect = int(self.get_nodeattr("Reflect"))
        require(
            not reflect or (max(top, bottom) < image["HEIGHT"] and max(left, right) < image["WIDTH"]),
            self,
            f"Padding = {[top, left, bottom, right]} mirrors more than ImgDim = {[image['HEIGHT'], image['WIDTH']]} has",
            "pad by less than the image",
        )
        return {
            **image,
            "PAD_TOP": top,
            "PAD_LEFT": left,
            "PAD_BOTTOM": bottom,
            "PAD_RIGHT": right,
            "REFLECT": reflect,
            "BLOCK_RAM": int(use_block_memory(self._depth(), image["WORD_BITS"])),
        }

    def _depth(self) -> int:
        """Words of the buffer."""
        top, _, bottom, _ = map(int, self.get_nodeattr("Padding"))
        rows = (top + bottom) * int(self.get_nodeattr("Reflect")) + 2
        fold = self.get_nodeattr("NumChannels") // self.get_nodeattr("SIMD")
        return int(rows * self.get_nodeattr("ImgDim")[1] * fold)

    def get_exp_cycles(self) -> int:
        """One output word a cycle."""
        return int(prod(self.get_folded_output_shape()[:-1]))

    def lead(self, border: Border | None) -> float:
        """How far the input rows and pixels that an output pixel needs are ahead of it, at most, both at an even pace."""
        top, left, bottom, right = map(int, self.get_nodeattr("Padding"))
        height, width = map(int, self.get_nodeattr("ImgDim"))
        rows, columns = self._sources(height, top, bottom), self._sources(width, left, right)
        ahead_rows = np.max(rows / height - np.arange(len(rows)) / len(rows))
        ahead_columns = np.max((columns + 1) / width - np.arange(len(columns)) / len(columns))
        return max(0.0, float(ahead_rows + ahead_columns / height))

    def _sources(self, size: int, before: int, behind: int) -> np.ndarray:
        """The input row of each output row, or likewise columns."""
        if self.get_nodeattr("Reflect"):
            return np.pad(np.arange(size), (before, behind), "reflect")
        return np.pad(np.arange(size), (before, behind), "edge")

    def cost(self) -> Cost:
        """Rows, addresses and counters; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        depth, row = self._depth(), p["WIDTH"] * p["FOLD"]
        memory = memory_cost(depth, p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        _, height, width, _ = self.get_normal_output_shape()
        constant = (row & -row).bit_length() - 1  # lowest bits of a row's first address
        addresses = 2 * (depth - 1).bit_length() - constant + (row - 1).bit_length()
        columns, folds = 2 * (p["WIDTH"] - 1).bit_length(), 2 * (p["FOLD"] - 1).bit_length()
        counters = addresses + columns + folds + (height - 1).bit_length() + (width - 1).bit_length()
        rows = (depth // row).bit_length()
        return memory + Cost(
            lut=2.04 * counters + 6.2 * p["REFLECT"], ff=counters + 4 + rows + (rows if p["REFLECT"] else 1)
        )
