"""Step 4: convolutions become sliding windows and matrix products, and the graph becomes NHWC."""

from __future__ import annotations

from typing import Any

import finn.transformation.streamline.absorb as absorb
import finn.transformation.streamline.reorder as reorder
from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul

from hw_flows.operators import HW_DOMAIN, register
from hw_flows.transform import transform_until_stable


def step_lower(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Integer FINN-ONNX in NCHW to matrix products in NHWC; transposes are left at input and output only."""
    register()
    model = model.transform(LowerConvTransposeToPixelShuffle())
    model = model.transform(LowerConvsToMatMul())
    model = transform_until_stable(
        model,
        [
            reorder.MakeMaxPoolNHWC(),
            absorb.AbsorbTransposeIntoMultiThreshold(),
            reorder.MoveTransposePastFork(),
            reorder.MoveTransposePastJoinConcat(),
            absorb.AbsorbTransposeIntoResize(),
            absorb.AbsorbConsecutiveTransposes(),
        ],
    )
    for t in (
        MergeEqualTransposes(),
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


class MergeEqualTransposes(Transformation):
    """Equal transposes of one tensor become one, so that a fork of the network's input is a fork of the stream."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        first: dict[tuple[str, tuple[int, ...]], str] = {}
        for node in model.get_nodes_by_op_type("Transpose"):
            key = (node.input[0], tuple(node.attribute[0].ints))
            kept = first.setdefault(key, node.output[0])
            if kept != node.output[0] and node.output[0] not in {o.name for o in model.graph.output}:
                for consumer in model.find_consumers(node.output[0]):
                    consumer.input[:] = [kept if name == node.output[0] else name for name in consumer.input]
                model.graph.node.remove(node)
        return model, False


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
