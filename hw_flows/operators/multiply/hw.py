# SPDX-License-Identifier: BSD-3-Clause
"""Product of two branches of integers, value by value.

FINN's `ElementwiseMul` gives its result the bits of both factors together, and repeats a value for all lanes of a word in the
stream. Here the result has the narrowest type, and a value for each pixel is a word of one element.
"""

from __future__ import annotations

from typing import Any

from finn.custom_op.fpgadataflow.elementwise_binary import ElementwiseMul
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.multiply.factors import product_range


class BranchProduct(ElementwiseMul):
    """Input 0, (1, H, W, C), times input 1, which has the same shape or 1 in place of some of H, W and C: (1, 1, 1, C) is a
    value for each channel, (1, H, W, 1) one for each pixel. `PE` of the C elements at a time.

    The output has the narrowest type that holds every product of two elements of the inputs' types. `resType`: "lut" (and
    "auto") multiplies in LUTs, "dsp" in DSP slices.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        types = {**super().get_nodeattr_types(), "resType": ("s", False, "auto", {"auto", "lut", "dsp"})}
        del types["ram_style"]  # it has no constants
        return types

    def _derive_out_dtype(self, model: Any) -> BaseDataType:
        return product_datatype(self.lhs_dtype, self.rhs_dtype)

    def infer_node_datatype(self, model: Any) -> None:
        self.set_nodeattr("lhs_dtype", model.get_tensor_datatype(self.onnx_node.input[0]).name)
        self.set_nodeattr("rhs_dtype", model.get_tensor_datatype(self.onnx_node.input[1]).name)
        self.minimize_accumulator_width(model)

    def get_instream_width(self, ind: int = 0) -> int:
        return int(self.get_folded_input_shape(ind)[-1]) * int(self.get_input_datatype(ind).bitwidth())


def product_datatype(first: BaseDataType, second: BaseDataType) -> BaseDataType:
    """The narrowest integer type for the product of two elements."""
    low, high = product_range(first, second)
    return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))
