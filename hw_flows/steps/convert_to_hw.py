# SPDX-License-Identifier: BSD-3-Clause
"""Step 5: every integer operator becomes a FINN hardware operator (or one of ours), still without a backend."""

from __future__ import annotations

from typing import Any

from finn.transformation.fpgadataflow.convert_to_hw.concat import InferConcatLayer
from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen
from finn.transformation.fpgadataflow.convert_to_hw.duplicate_streams import InferDuplicateStreamsLayer
from finn.transformation.fpgadataflow.convert_to_hw.quantized_matrix_vector_activation import (
    InferQuantizedMatrixVectorActivation,
)
from finn.transformation.fpgadataflow.convert_to_hw.thresholding import InferThresholdingLayer
from finn.transformation.fpgadataflow.convert_to_hw.upsample import InferUpsample
from onnx import TensorProto, helper
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes

from hw_flows.errors import UserError
from hw_flows.operators import HW_DOMAIN, register
from hw_flows.supported import describe_place


def step_convert_to_hw(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Integer FINN-ONNX in NHWC to hardware operators, unfolded, between a host head and a host tail.

    Raises UserError where something between the first and the last hardware operator has no hardware.
    """
    register()
    for t in (
        SplitConcat(),
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
        UnifyConcatDatatypes(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
    ):
        model = model.transform(t)
    _check_all_hardware(model)
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


class SplitConcat(Transformation):
    """A Concat of n inputs becomes a chain of n - 1 of two, which is what the hardware operator takes."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type != "Concat" or len(node.input) <= 2:
                continue
            first, second, *rest = node.input
            shape = list(model.get_tensor_shape(first))
            axis = next(a.i for a in node.attribute if a.name == "axis")
            shape[axis] += model.get_tensor_shape(second)[axis]
            joined = helper.make_tensor_value_info(model.make_new_valueinfo_name(), TensorProto.FLOAT, shape)
            model.graph.value_info.append(joined)
            datatypes = [model.get_tensor_datatype(name) for name in (first, second)]
            model.set_tensor_datatype(joined.name, common_datatype(datatypes))
            layout = model.get_tensor_layout(first)
            if layout is not None:
                model.set_tensor_layout(joined.name, layout)
            model.graph.node.insert(index, helper.make_node("Concat", [first, second], [joined.name], axis=axis))
            node.input[:] = [joined.name, *rest]
            return model, True
        return model, False


class UnifyConcatDatatypes(Transformation):
    """Where the inputs of a StreamingConcat differ in type, the thresholds before it say the wider type: the values
    are the same, and no operator has to extend them on the way."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        changed = False
        for node in model.get_nodes_by_op_type("StreamingConcat"):
            datatypes = [model.get_tensor_datatype(name) for name in node.input]
            if len({d.name for d in datatypes}) > 1:
                common = common_datatype(datatypes)
                changed |= _widen(model, node, common)
        return model.transform(InferDataTypes()), changed


def common_datatype(datatypes: list[BaseDataType]) -> BaseDataType:
    """The narrowest integer type that holds all values of all `datatypes`."""
    low, high = min(d.min() for d in datatypes), max(d.max() for d in datatypes)
    return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))


def _widen(model: ModelWrapper, reader: Any, datatype: BaseDataType) -> bool:
    """Let the thresholds that the inputs of `reader` come from say `datatype`; whether any said another before."""
    changed = False
    for tensor in reader.input:
        node = model.find_producer(tensor)
        if node is None or node.domain != HW_DOMAIN or node.op_type == "MVAU":
            continue
        if node.op_type != "Thresholding":
            changed |= _widen(model, node, datatype)
        elif (inst := getCustomOp(node)).get_nodeattr("outputDataType") != datatype.name:
            inst.set_nodeattr("outputDataType", datatype.name)
            changed = True
    return changed


def _check_all_hardware(model: ModelWrapper) -> None:
    hardware = [node for node in model.graph.node if node.domain == HW_DOMAIN]
    behind = {name for node in hardware for name in node.output}
    for node in model.graph.node:
        if behind.intersection(node.input):
            behind.update(node.output)
    before = {name for node in hardware for name in node.input}
    for node in reversed(model.graph.node):
        if before.intersection(node.output):
            before.update(node.input)
    for node in model.graph.node:
        between = behind.intersection(node.input) and before.intersection(node.output)
        if node.domain != HW_DOMAIN and (between or node.op_type in ("Conv", "ConvTranspose", "MatMul", "Im2Col")):
            kinds = {name: model.get_tensor_datatype(name).name for name in [*node.input[:1], *node.output]}
            raise UserError(
                f"{node.name} ({node.op_type}) cannot become hardware: "
                + ", ".join(f"{name} is {kind}" for name, kind in kinds.items()),
                describe_place(model, node),
                "quantize (QuantReLU, QuantIdentity) behind every convolution and batch normalization, and before "
                "the first; scales and biases can only be absorbed by a quantizer that follows them",
            )
    assert hardware, "a network with convolutions gives hardware operators"
