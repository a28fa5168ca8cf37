# SPDX-License-Identifier: BSD-3-Clause
"""ONNX `Abs` of quantized activations becomes the operator."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, new_tensor
from hw_flows.network.normal_form.chain import is_quantized
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported


def _check(model: ModelWrapper, node: Any) -> None:
    if not is_quantized(model, node.input[0]):
        raise unsupported(
            model,
            node,
            "the absolute value of what is not quantized has no hardware",
            "put a signed quantizer (QuantIdentity) before it",
        )


class MoveScaleBeforeAbs(Transformation):
    """Mul, Abs: |s * x| is |s| * |x|, so the integers get to the Abs and the scale goes on."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.get_nodes_by_op_type("Abs"):
            mul = model.find_producer(node.input[0])
            scale = model.get_initializer(mul.input[1]) if mul is not None and mul.op_type == "Mul" else None
            if scale is None or model.is_fork_node(mul):
                continue
            model.set_initializer(mul.input[1], np.abs(scale))
            between = node.input[0]
            node.input[0], mul.input[0] = mul.input[0], between
            mul.output[0], node.output[0] = node.output[0], between
            position = list(model.graph.node).index(mul)
            model.graph.node.remove(node)
            model.graph.node.insert(position, node)
            return model, True
        return model, False


class LowerAbs(Transformation):
    """Abs of integers in NCHW becomes Transpose, AbsoluteValue, Transpose."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for position, node in enumerate(model.graph.node):
            datatype = model.get_tensor_datatype(node.input[0])
            if node.op_type != "Abs" or not datatype.is_integer():
                continue
            _, c, h, w = model.get_tensor_shape(node.input[0])
            before, after = new_tensor(model, [1, h, w, c]), new_tensor(model, [1, h, w, c])
            attributes = {"ImgDim": [h, w], "NumChannels": c, "PE": 1, "inputDataType": datatype.name}
            for new in (
                helper.make_node("Transpose", [after], [node.output[0]], perm=TO_NCHW),
                helper.make_node(
                    "AbsoluteValue",
                    [before],
                    [after],
                    domain=HW_DOMAIN,
                    backend="fpgadataflow",
                    name=f"AbsoluteValue_{node.name}",
                    **attributes,
                ),
                helper.make_node("Transpose", [node.input[0]], [before], perm=TO_NHWC),
            ):
                model.graph.node.insert(position, new)
            model.graph.node.remove(node)
            return model, True
        return model, False


FRONT_END = FrontEnd(
    checks={"Abs": _check},
    passing={"Abs": Passing(lambda model, node, falls: False)},  # quantized it stays, but no quantizer moves past it
    reference={"Abs": lambda attributes, inputs: np.abs(inputs[0])},
    moves=lambda: (MoveScaleBeforeAbs(),),
    lower=lambda: (LowerAbs(),),
)
