# SPDX-License-Identifier: BSD-3-Clause
"""Step 4: convolutions become sliding windows and matrix products, and the graph becomes NHWC."""

from __future__ import annotations

from typing import Any

from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul

from hw_flows.normal_form.graph import new_tensor
from hw_flows.operators import HW_DOMAIN, register
from hw_flows.steps.channels_last import TO_NCHW, TO_NHWC, channels_last


def step_lower(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Integer FINN-ONNX in NCHW to matrix products in NHWC; transposes are left at input and output only."""
    register()
    model = model.transform(LowerConvTransposeToPixelShuffle())
    model = model.transform(LowerConvsToMatMul())
    channels_last(model)
    for t in (
        InferDataLayouts(),
        InferDataTypes(),
        RoundAndClipThresholds(),  # those behind a ConvTranspose, for which QONNX infers no integer type
    ):
        model = model.transform(t)
    return model


class LowerConvTransposeToPixelShuffle(Transformation):
    """ConvTranspose with kernel == stride becomes Transpose, MatMul (C_in, rh * rw * C_out), PixelShuffle, Transpose.
    There are no others: `supported.check_supported` has refused them.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type == "ConvTranspose":
                for new in _lowered(model, node):
                    index += 1
                    model.graph.node.insert(index, new)
                model.graph.node.remove(node)
                return model, True
        return model, False


def _lowered(model: ModelWrapper, node: Any) -> list[Any]:
    weights = model.get_initializer(node.input[1])  # (C_in, C_out, rh, rw)
    c_in, c_out, rh, rw = weights.shape
    _, _, h, w = model.get_tensor_shape(node.input[0])
    matrix = node.input[1]
    model.set_initializer(matrix, weights.transpose(0, 2, 3, 1).reshape(c_in, rh * rw * c_out))

    nhwc = new_tensor(model, [1, h, w, c_in])
    product = new_tensor(model, [1, h, w, rh * rw * c_out])
    shuffled = new_tensor(model, [1, h * rh, w * rw, c_out])
    datatype = DataType["INT32"]  # QONNX infers none for ConvTranspose; it is narrowed with all accumulators
    model.set_tensor_datatype(node.output[0], datatype)
    model.set_tensor_datatype(nhwc, model.get_tensor_datatype(node.input[0]))
    model.set_tensor_datatype(product, datatype)
    model.set_tensor_datatype(shuffled, datatype)
    return [
        helper.make_node("Transpose", [node.input[0]], [nhwc], perm=TO_NHWC),
        helper.make_node("MatMul", [nhwc, matrix], [product]),
        helper.make_node(
            "PixelShuffle",
            [product],
            [shuffled],
            domain=HW_DOMAIN,
            backend="fpgadataflow",
            ImgDim=[h, w],
            NumChannels=c_out,
            BlockSize=[rh, rw],
            SIMD=1,
            inputDataType=datatype.name,
            name=f"PixelShuffle_{node.name}",
        ),
        helper.make_node("Transpose", [shuffled], [node.output[0]], perm=TO_NCHW),
    ]
