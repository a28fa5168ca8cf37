# SPDX-License-Identifier: BSD-3-Clause
"""FINN's vector-vector unit with groups of several channels, which FINN lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.custom_op.fpgadataflow.vectorvectoractivation import VVAU
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.util.basic import calculate_matvec_accumulator_range


class GroupedVVAU(VVAU):
    """Input (1, OH, OW, kh * kw * Channels * GroupIn), output (1, OH, OW, Channels * GroupOut); `Channels` counts the groups.

    Weights (Channels * GroupOut, GroupIn, kh, kw), as ONNX has them. `PE` groups (divides Channels) of `SIMD` taps at a time.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {**super().get_nodeattr_types(), "GroupIn": ("i", True, 0), "GroupOut": ("i", True, 0)}

    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._widened(super().get_normal_input_shape(ind), "GroupIn")

    def get_folded_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._widened(super().get_folded_input_shape(ind), "GroupIn")

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._widened(super().get_normal_output_shape(ind), "GroupOut")

    def get_folded_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return self._widened(super().get_folded_output_shape(ind), "GroupOut")

    def _widened(self, shape: tuple[int, ...], attribute: str) -> tuple[int, ...]:
        return (*shape[:-1], shape[-1] * self.get_nodeattr(attribute))

    def get_instream_width(self, ind: int = 0) -> int:
        each = self.get_nodeattr("GroupIn") * (self.get_nodeattr("GroupOut") if ind == 1 else 1)
        return int(super().get_instream_width(ind) * each)

    def get_outstream_width(self, ind: int = 0) -> int:
        return int(super().get_outstream_width(ind) * self.get_nodeattr("GroupOut"))

    def minimize_accumulator_width(self, model: Any, datatype_only: bool = False) -> BaseDataType:
        """The output's type becomes the narrowest that holds every sum; whole bytes where it leaves the accelerator."""
        weights = model.get_initializer(self.onnx_node.input[1])
        matrix = weights.reshape(weights.shape[0], -1).T
        low, high = calculate_matvec_accumulator_range(matrix, self.get_input_datatype(0))
        datatype = DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))
        if model.find_direct_successors(self.onnx_node) is None:
            bits = -(-datatype.bitwidth() // 8) * 8
            datatype = DataType[f"{'INT' if datatype.signed() else 'UINT'}{bits}"]
        self.set_nodeattr("accDataType", datatype.name)
        self.set_nodeattr("outputDataType", datatype.name)
        return datatype

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        x, weights = (context[name] for name in self.onnx_node.input[:2])
        groups, group_in = self.get_nodeattr("Channels"), self.get_nodeattr("GroupIn")
        context[self.onnx_node.output[0]] = grouped_products(x, weights, groups, group_in)


def grouped_products(x: np.ndarray, weights: np.ndarray, groups: int, group_in: int) -> np.ndarray:
    """Windows (N, OH, OW, taps * groups * group_in) times weights (groups * group_out, group_in, kh, kw), in groups."""
    windows = x.reshape(*x.shape[:3], -1, groups, group_in)
    kernels = weights.reshape(groups, -1, group_in, windows.shape[3])
    y = np.einsum("nhwtgi,goit->nhwgo", windows, kernels, optimize=True)
    return y.reshape(*y.shape[:3], -1).astype(np.float32)
