# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of UpsampleNearestNeighbour."""

from __future__ import annotations

from math import prod
from pathlib import Path

from finn.custom_op.fpgadataflow.upsampler import UpsampleNearestNeighbour

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenUpsampleNearestNeighbour_rtl(RtlOperator, UpsampleNearestNeighbour):
    """Input (1, HI, WI, C), output (1, HO, WO, C), HO and WO multiples of HI and WI; one output word a cycle."""

    module = "qu_upsample"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, Path(__file__).with_name("qu_upsample.sv"))

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "SIMD", "NumChannels")
        for out, into in (("HO", "HI"), ("WO", "WI")):
            o, i = self.get_nodeattr(out), self.get_nodeattr(into)
            require(
                i >= 1 and o >= i and o % i == 0,
                self,
                f"{out} = {o} is no multiple of {into} = {i}",
                "upsample by integer factors",
            )
        require(self.get_nodeattr("batchSize") == 1, self, "batchSize is not 1", "send one frame after the other")
        bits, _ = element(self, self.get_input_datatype())
        simd = self.get_nodeattr("SIMD")
        fold, width = self.get_nodeattr("NumChannels") // simd, self.get_nodeattr("WI")
        return {
            "WORD_BITS": simd * bits,
            "FOLD": fold,
            "WIDTH": width,
            "SCALE_H": self.get_nodeattr("HO") // self.get_nodeattr("HI"),
            "SCALE_W": self.get_nodeattr("WO") // width,
            "BLOCK_RAM": int(use_block_memory(max(2, width * fold), simd * bits)),
        }

    def get_exp_cycles(self) -> int:
        """One output word a cycle."""
        return int(prod(self.get_folded_output_shape()[:-1]))

    def cost(self) -> Cost:
        """Row buffer and two addresses; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        depth = max(2, p["WIDTH"] * p["FOLD"])
        memory = memory_cost(depth, p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        address = (depth - 1).bit_length()
        counters = sum((n - 1).bit_length() for n in (p["FOLD"], p["SCALE_H"], p["SCALE_W"]))
        return Cost(
            lut=memory.lut + max(12, 6.5 * address + counters - 9),
            ff=memory.ff + 4 + 2 * address + counters,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )
