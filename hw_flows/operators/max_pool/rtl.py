# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of StreamingMaxPool."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.max_pool.hw import StreamingMaxPool
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenStreamingMaxPool_rtl(RtlOperator, StreamingMaxPool):
    """Max-pool with stride equal to kernel; PE elements a word, one input word a cycle."""

    module = "qu_max_pool"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, Path(__file__).with_name("qu_max_pool.sv"))

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "PE", "NumChannels")
        size, kernel = list(self.get_nodeattr("ImgDim")), list(self.get_nodeattr("PoolDim"))
        require(
            len(size) == len(kernel) == 2
            and all(k >= 1 and d >= 1 and d % k == 0 for d, k in zip(size, kernel, strict=True)),
            self,
            f"PoolDim = {kernel} does not divide ImgDim = {size}",
            "pool images whose height and width are multiples of the kernel",
        )
        bits, signed = element(self, self.get_input_datatype())
        pe = self.get_nodeattr("PE")
        return {
            "ELEMENT_BITS": bits,
            "IS_SIGNED": signed,
            "LANES": pe,
            "FOLD": self.get_nodeattr("NumChannels") // pe,
            "WIDTH": int(size[1]),
            "KERNEL_H": int(kernel[0]),
            "KERNEL_W": int(kernel[1]),
            "BLOCK_RAM": int(use_block_memory(self._depth(), pe * bits)),
        }

    def _depth(self) -> int:
        """Words of the row of maxima."""
        fold = self.get_nodeattr("NumChannels") // self.get_nodeattr("PE")
        kernel_h, kernel_w = self.get_nodeattr("PoolDim")
        windows = self.get_nodeattr("ImgDim")[1] // kernel_w if kernel_h > 1 else 1
        return int(windows * fold)

    def cost(self) -> Cost:
        """Comparators, memory and loop counters; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        depth, word = self._depth(), p["LANES"] * p["ELEMENT_BITS"]
        memory = memory_cost(depth, word, bool(p["BLOCK_RAM"])) if depth > 1 else Cost()
        address = (depth - 1).bit_length()
        counters = sum((n - 1).bit_length() for n in (p["FOLD"], p["KERNEL_W"], p["KERNEL_H"], depth))
        forward = word if p["FOLD"] == 1 else 0
        return Cost(
            lut=memory.lut
            + 18
            + 0.8 * (counters + address)
            + min(1.8, 0.6 * p["ELEMENT_BITS"]) * word
            + 1.45 * forward,
            ff=memory.ff + word + forward + counters - (p["FOLD"] - 1).bit_length() + 2 * address + 5,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )
