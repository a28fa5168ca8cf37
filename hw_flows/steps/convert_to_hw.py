# SPDX-License-Identifier: BSD-3-Clause
"""Every integer operator becomes a FINN hardware operator (or one of ours), still without a backend."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes

from hw_flows.layer_names import layer_of, maker_of
from hw_flows.machine.errors import UserError
from hw_flows.network.transform import transformed
from hw_flows.operators import HW_DOMAIN, front_ends, register


def step_convert_to_hw(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Integer FINN-ONNX in NHWC to hardware operators, unfolded, between a host head and a host tail.

    Raises UserError where something between the first and the last hardware operator has no hardware.
    """
    register()
    model = transformed(
        model,
        *(t for front_end in front_ends() for t in front_end.convert()),
        InferDataLayouts(),
        InferShapes(),
        InferDataTypes(),
        *(t for front_end in front_ends() for t in front_end.settle()),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
    )
    _check_all_hardware(model)
    return model


def _kind(model: ModelWrapper, tensor: str) -> str:
    datatype = model.get_tensor_datatype(tensor)
    return f"is integers of {datatype.bitwidth()} bits" if datatype.is_integer() else "has fractions"


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
            tensors = [*node.input[:1], *node.output]
            raise UserError(
                f"{layer_of(model, node)}: hardware cannot compute it: "
                + ", ".join(f"the result of {maker_of(model, name)} {_kind(model, name)}" for name in tensors),
                f"layer {layer_of(model, node)}",
                "quantize (QuantReLU, QuantIdentity) behind every convolution and batch normalization, and before "
                "the first; scales and biases can only be absorbed by a quantizer that follows them",
            )
    assert hardware, "a network with convolutions gives hardware operators"
