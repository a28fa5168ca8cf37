# SPDX-License-Identifier: BSD-3-Clause
"""Small graphs, written as lines: operator, inputs, output, attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.util.basic import qonnx_make_model

from hw_flows.network.execute import execute_network

Line = tuple[str, list[Any], str, dict[str, Any]]


def graph(*lines: Line, shape: tuple[int, ...] = (1, 2, 4, 4)) -> ModelWrapper:
    """A model from `x` of `shape` to the output of the last line. Inputs that are no names are constants."""
    constants: dict[str, np.ndarray] = {}
    nodes = []
    for number, (kind, inputs, output, attributes) in enumerate(lines):
        names = []
        for place, value in enumerate(inputs):
            names.append(value if isinstance(value, str) else f"c{number}_{place}")
            if not isinstance(value, str):
                constants[names[-1]] = np.asarray(value, np.float32)
        domain = "qonnx.custom_op.general" if kind == "Quant" else ""
        nodes.append(helper.make_node(kind, names, [output], name=f"{kind}_{number}", domain=domain, **attributes))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info(lines[-1][2], TensorProto.FLOAT, None)
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "small", [x], [y])))
    for name, value in constants.items():
        model.set_initializer(name, value)
    return model.transform(InferShapes())


def quant(source: str, output: str, bits: int = 3, scale: Any = 0.25, **attributes: Any) -> Line:
    signed = attributes.pop("signed", 1)
    given = {"signed": signed, "narrow": 0, "rounding_mode": "ROUND", **attributes}
    return ("Quant", [source, scale, 0.0, float(bits)], output, given)


def pool(source: str, output: str, size: int = 2) -> Line:
    return ("MaxPool", [source], output, {"kernel_shape": [size, size], "strides": [size, size]})


def answer(model: ModelWrapper, seed: int = 0) -> np.ndarray:
    """The answer to a random image of about -2 to 2, with ties of quarter steps among its values."""
    random = np.random.default_rng(seed)
    x = random.integers(-16, 17, model.get_tensor_shape("x")) / 8
    return execute_network(model, None, x.astype(np.float32))


def kinds(model: ModelWrapper) -> list[str]:
    return [node.op_type for node in model.graph.node]
