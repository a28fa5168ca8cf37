# SPDX-License-Identifier: BSD-3-Clause
"""Sum of two branches, each times an integer.

FINN's `ElementwiseAdd` adds integers as they are. Branches whose scales differ need factors before they can be added, and
here those are part of the operator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.custom_op.fpgadataflow.elementwise_binary import ElementwiseAdd
from qonnx.core.datatype import BaseDataType

from hw_flows.graph_surgery import as_container
from hw_flows.operators.shared.measure import sum_datatype


class ScaledAdd(ElementwiseAdd):
    """factors[0] * input 0 + factors[1] * input 1, both (1, H, W, C) of integers, `PE` of the C elements at a time.

    The output has the narrowest type that holds every sum of two elements of the inputs' types.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        types = {**super().get_nodeattr_types(), "factors": ("ints", False, [1, 1])}
        del types["ram_style"]  # it has no constants
        return types

    def _derive_out_dtype(self, model: Any) -> BaseDataType:
        return sum_datatype((self.lhs_dtype, self.rhs_dtype), self.factors())

    def factors(self) -> tuple[int, int]:
        first, second = self.get_nodeattr("factors")
        return int(first), int(second)

    def infer_node_datatype(self, model: Any) -> None:
        self.set_nodeattr("lhs_dtype", model.get_tensor_datatype(self.onnx_node.input[0]).name)
        self.set_nodeattr("rhs_dtype", model.get_tensor_datatype(self.onnx_node.input[1]).name)
        self.minimize_accumulator_width(model)

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        first, second = (np.asarray(context[name], np.int64) for name in self.onnx_node.input)
        by_first, by_second = self.factors()
        context[self.onnx_node.output[0]] = as_container(by_first * first + by_second * second)
