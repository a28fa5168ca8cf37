# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of DuplicateStreams."""

from __future__ import annotations

from math import prod
from pathlib import Path

from finn.custom_op.fpgadataflow.duplicatestreams import DuplicateStreams

from hw_flows.operators.base import Cost, PortGroup, RtlOperator
from hw_flows.operators.shared.checks import element, require, require_divides


class OpenDuplicateStreams_rtl(RtlOperator, DuplicateStreams):
    """`NumOutputStreams` copies of the input, PE elements a word; an output may run one word before the others."""

    module = "qu_fork_stream"
    sources = (Path(__file__).with_name("qu_fork_stream.sv"),)

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "PE", "NumChannels")
        outputs = self.get_nodeattr("NumOutputStreams")
        require(
            outputs == len(self.onnx_node.output) and outputs >= 1,
            self,
            f"NumOutputStreams = {outputs} but the node has {len(self.onnx_node.output)} outputs",
            "make the two agree",
        )
        bits, _ = element(self, self.get_input_datatype())
        return {"WORD_BITS": self.get_nodeattr("PE") * bits, "OUTPUTS": outputs}

    def output_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("m_axis", tuple(range(self.get_nodeattr("NumOutputStreams")))),)

    def get_exp_cycles(self) -> int:
        """One word a cycle."""
        return int(prod(self.get_folded_output_shape()[:-1]))

    def cost(self) -> Cost:
        """A flag and three LUTs for each output; data is wired through."""
        outputs = self.get_nodeattr("NumOutputStreams")
        return Cost(lut=3 * outputs - 1, ff=outputs)
