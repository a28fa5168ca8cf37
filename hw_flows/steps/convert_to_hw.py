"""Step 5: every integer operator becomes a FINN hardware operator (or one of ours), still without a backend."""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.transformation.fpgadataflow.convert_to_hw.concat import InferConcatLayer
from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen
from finn.transformation.fpgadataflow.convert_to_hw.duplicate_streams import InferDuplicateStreamsLayer
from finn.transformation.fpgadataflow.convert_to_hw.quantized_matrix_vector_activation import (
    InferQuantizedMatrixVectorActivation,
)
from finn.transformation.fpgadataflow.convert_to_hw.thresholding import InferThresholdingLayer
from finn.transformation.fpgadataflow.convert_to_hw.upsample import InferUpsample
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes

from hw_flows.operators import HW_DOMAIN, register


def step_convert_to_hw(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    register()
    for t in (
        InferThresholdingLayerOfIntegers(),  # before the matrix products, which would absorb the thresholds
        InferQuantizedMatrixVectorActivation(),
        InferStreamingMaxPool(),
        InferConvInpGen(),
        InferUpsample(),
        InferConcatLayer(),
        InferDuplicateStreamsLayer(),
        InferDataLayouts(),
        InferShapes(),
        InferDataTypes(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
    ):
        model = model.transform(t)
    return model


class InferThresholdingLayerOfIntegers(Transformation):
    """FINN's InferThresholdingLayer, except that a quantizer of floats (the network's input) stays on the host."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        hidden = []
        for node in model.graph.node:
            if node.op_type == "MultiThreshold" and not model.get_tensor_datatype(node.input[0]).is_integer():
                node.op_type = "HostMultiThreshold"
                hidden.append(node)
        model, _ = InferThresholdingLayer().apply(model)
        for node in model.graph.node:
            if node.op_type == "HostMultiThreshold":
                node.op_type = "MultiThreshold"
        return model, False


class InferStreamingMaxPool(Transformation):
    """MaxPoolNHWC of integers whose windows tile the image becomes StreamingMaxPool."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type != "MaxPoolNHWC":
                continue
            datatype = model.get_tensor_datatype(node.input[0])
            inst = getCustomOp(node)
            kernel = list(inst.get_nodeattr("kernel_shape"))
            _, h, w, channels = model.get_tensor_shape(node.input[0])
            tiles = (
                list(inst.get_nodeattr("strides")) == kernel
                and not any(inst.get_nodeattr("pads"))
                and h % kernel[0] == 0
                and w % kernel[1] == 0
            )
            if not (tiles and datatype.is_integer()):
                continue
            new = helper.make_node(
                "StreamingMaxPool",
                [node.input[0]],
                [node.output[0]],
                domain=HW_DOMAIN,
                backend="fpgadataflow",
                ImgDim=[h, w],
                PoolDim=kernel,
                NumChannels=channels,
                PE=1,
                inputDataType=datatype.name,
                name=f"StreamingMaxPool_{node.name}",
            )
            model.graph.node.insert(index, new)
            model.graph.node.remove(node)
            return model, True
        return model, False
