# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions in groups that are neither one nor as many as channels in and out."""

from __future__ import annotations

from typing import Any

from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, attributes_of, new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd
from hw_flows.operators.matrix_vector.network import is_depthwise


class LowerGroupedConvolutions(Transformation):
    """Conv in groups becomes Transpose, Im2Col, GroupedVVAU, Transpose; depthwise ones are left to QONNX and FINN."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type != "Conv" or attributes_of(node).get("group", 1) == 1 or is_depthwise(model, node):
                continue
            for new in _lowered(model, node):
                model.graph.node.insert(index, new)
                index += 1
            model.graph.node.remove(node)
            return model, True
        return model, False


def _lowered(model: ModelWrapper, node: Any) -> list[Any]:
    a = attributes_of(node)
    groups, pads = a["group"], list(a.get("pads", [0, 0, 0, 0]))
    _, channels, height, width = model.get_tensor_shape(node.input[0])
    _, results, *out = model.get_tensor_shape(node.output[0])
    weights = node.input[1]
    kernel = list(model.get_tensor_shape(weights)[2:])
    datatype, result = model.get_tensor_datatype(node.input[0]), DataType["INT32"]  # narrowed with all accumulators

    image = new_tensor(model, [1, height, width, channels])
    windows = new_tensor(model, [1, *out, kernel[0] * kernel[1] * channels])
    sums = new_tensor(model, [1, *out, results])
    for tensor in (image, windows):
        model.set_tensor_datatype(tensor, datatype)
    for tensor in (sums, node.output[0]):
        model.set_tensor_datatype(tensor, result)
    return [
        helper.make_node("Transpose", [node.input[0]], [image], perm=TO_NHWC),
        helper.make_node(
            "Im2Col",
            [image],
            [windows],
            domain="qonnx.custom_op.general",
            stride=list(a.get("strides", [1, 1])),
            kernel_size=kernel,
            pad_amount=pads,
            input_shape=f"(1,{height},{width},{channels})",
            dilations=list(a.get("dilations", [1, 1])),
        ),
        helper.make_node(
            "GroupedVVAU",
            [windows, weights],
            [sums],
            domain=HW_DOMAIN,
            backend="fpgadataflow",
            Channels=groups,
            GroupIn=channels // groups,
            GroupOut=results // groups,
            Kernel=kernel,
            Dim=out,
            PE=groups,
            inputDataType=datatype.name,
            weightDataType=model.get_tensor_datatype(weights).name,
            outputDataType=result.name,
            accDataType=result.name,
            noActivation=1,
            name=f"GroupedVVAU_{node.name}",
        ),
        helper.make_node("Transpose", [sums], [node.output[0]], perm=TO_NCHW),
    ]


FRONT_END = FrontEnd(lower=lambda: (LowerGroupedConvolutions(),))
