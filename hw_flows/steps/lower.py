"""Step 4: convolutions become sliding windows and matrix products, and the graph becomes NHWC."""

from __future__ import annotations

from typing import Any

import finn.transformation.streamline.absorb as absorb
import finn.transformation.streamline.reorder as reorder
import numpy as np
from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul
from qonnx.util.basic import get_by_name

from hw_flows.errors import UserError
from hw_flows.operators import HW_DOMAIN, register


def step_lower(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    register()
    model = model.transform(LowerConvTransposeToPixelShuffle())
    model = model.transform(LowerConvsToMatMul())
    for _ in range(4):
        for t in (
            reorder.MakeMaxPoolNHWC(),
            absorb.AbsorbTransposeIntoMultiThreshold(),
            reorder.MoveTransposePastFork(),
            reorder.MoveTransposePastJoinConcat(),
            absorb.AbsorbTransposeIntoResize(),
            absorb.AbsorbConsecutiveTransposes(),
        ):
            model = model.transform(t)
    for t in (InferDataLayouts(), InferDataTypes(), RoundAndClipThresholds(), InferDataTypes()):
        model = model.transform(t)
    return model


class LowerConvTransposeToPixelShuffle(Transformation):
    """ConvTranspose with kernel == stride becomes Transpose, MatMul (C_in, rh * rw * C_out), PixelShuffle, Transpose.

    Raises UserError for every other ConvTranspose.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type == "ConvTranspose":
                _check_no_overlap(node)
                for new in _lowered(model, node):
                    index += 1
                    model.graph.node.insert(index, new)
                model.graph.node.remove(node)
                return model, True
        return model, False


def _check_no_overlap(node: Any) -> None:
    def ints(name: str, default: list[int]) -> list[int]:
        attribute = get_by_name(node.attribute, name)
        return default if attribute is None else list(attribute.ints)

    kernel = ints("kernel_shape", [])
    strides = ints("strides", [1] * len(kernel))
    group = get_by_name(node.attribute, "group")
    if (
        strides != kernel
        or any(ints("pads", [0]))
        or any(ints("output_padding", [0]))
        or any(d != 1 for d in ints("dilations", [1]))
        or (group is not None and group.i != 1)
    ):
        raise UserError(
            f"the transposed convolution {node.name} has no hardware: kernel {kernel}, stride {strides}",
            f"node {node.name} (ConvTranspose)",
            "use a kernel equal to the stride without padding and groups (2x2, stride 2), "
            "or nearest upsampling and a convolution",
        )


def _lowered(model: ModelWrapper, node: Any) -> list[Any]:
    weights = model.get_initializer(node.input[1])  # (C_in, C_out, rh, rw)
    c_in, c_out, rh, rw = weights.shape
    _, _, h, w = model.get_tensor_shape(node.input[0])
    matrix = node.input[1]
    model.set_initializer(matrix, weights.transpose(0, 2, 3, 1).reshape(c_in, rh * rw * c_out))

    def tensor(shape: list[int]) -> str:
        info = helper.make_tensor_value_info(model.make_new_valueinfo_name(), TensorProto.FLOAT, shape)
        model.graph.value_info.append(info)
        return info.name

    nhwc = tensor([1, h, w, c_in])
    product = tensor([1, h, w, rh * rw * c_out])
    shuffled = tensor([1, h * rh, w * rw, c_out])
    datatype = model.get_tensor_datatype(node.output[0])
    model.set_tensor_datatype(nhwc, model.get_tensor_datatype(node.input[0]))
    model.set_tensor_datatype(product, datatype)
    model.set_tensor_datatype(shuffled, datatype)
    return [
        helper.make_node("Transpose", [node.input[0]], [nhwc], perm=[0, 2, 3, 1]),
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
        helper.make_node("Transpose", [shuffled], [node.output[0]], perm=[0, 3, 1, 2]),
    ]
