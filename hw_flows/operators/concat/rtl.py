# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of StreamingConcat."""

from __future__ import annotations

from math import prod
from pathlib import Path

from finn.custom_op.fpgadataflow.concat import StreamingConcat

from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.shared import LOOP_COUNTER
from hw_flows.operators.shared.checks import element, require, require_divides


class OpenStreamingConcat_rtl(RtlOperator, StreamingConcat):
    """Inputs (..., C0) and (..., C1), output (..., C0 + C1); SIMD elements a word on all three streams.

    Inputs may have different integer types; the output's type holds both (FINN's rule).
    """

    module = "qu_concat"
    sources = (LOOP_COUNTER, Path(__file__).with_name("qu_concat.sv"))

    def rtl_parameters(self) -> dict[str, int]:
        channels = self.get_nodeattr("ChannelsPerStream")
        require(
            len(channels) == 2 and len(self.get_nodeattr("inputDataTypes")) == 2,
            self,
            f"{len(channels)} streams are joined (ChannelsPerStream = {list(channels)})",
            "join two streams at a time",
        )
        require_divides(self, "SIMD", "ChannelsPerStream")
        simd = self.get_nodeattr("SIMD")
        bits_0, signed_0 = element(self, self.get_input_datatype(0))
        bits_1, signed_1 = element(self, self.get_input_datatype(1))
        return {
            "LANES": simd,
            "BITS_0": bits_0,
            "SIGNED_0": signed_0,
            "FOLD_0": int(channels[0]) // simd,
            "BITS_1": bits_1,
            "SIGNED_1": signed_1,
            "FOLD_1": int(channels[1]) // simd,
            "OUT_BITS": self.get_output_datatype().bitwidth(),
        }

    def input_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("s0_axis", (0,)), PortGroup("s1_axis", (1,)))

    def get_exp_cycles(self) -> int:
        """One word a cycle."""
        return int(prod(self.get_folded_output_shape()[:-1]))

    def cost(self) -> Cost:
        """One multiplexer per output bit, two counters; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        counters = (p["FOLD_0"] - 1).bit_length() + (p["FOLD_1"] - 1).bit_length()
        return Cost(lut=5.5 + p["LANES"] * p["OUT_BITS"] + 1.5 * counters, ff=1 + counters)
