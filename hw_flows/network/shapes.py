# SPDX-License-Identifier: BSD-3-Clause
"""Shapes of all tensors of a network, inferred without computing anything."""

from __future__ import annotations

import onnx
from onnx import ModelProto, helper

from hw_flows.network.dialects import QUANTIZER_DOMAIN

Shape = tuple[int | None, ...]
#: Constants of up to this size may be sizes and the like; larger ones are weights, of which the shape is enough.
MOST_OF_A_SIZE = 1024


def infer_shapes(model: ModelProto, strict: bool = False) -> dict[str, Shape]:
    """Shape of every tensor whose rank is known, by name; None for a dimension that is not known.

    ONNX's own inference, with the operators that it does not know, quantizers, taken for what they are: as large as what
    goes in. With `strict`, raises what ONNX raises where shapes contradict each other.
    """
    inferred = onnx.shape_inference.infer_shapes(_skeleton(model), strict_mode=strict, data_prop=True)
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    for value in (*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output):
        tensor = value.type.tensor_type
        if tensor.HasField("shape"):
            shapes[value.name] = tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
    return shapes


def _skeleton(model: ModelProto) -> ModelProto:
    """A copy without weights, in ONNX's own operators."""
    skeleton = ModelProto(ir_version=max(model.ir_version, 4))
    skeleton.opset_import.extend(model.opset_import)
    graph, source = skeleton.graph, model.graph
    graph.name = source.name
    graph.value_info.extend(source.value_info)
    graph.output.extend(source.output)
    graph.input.extend(source.input)
    inputs = {value.name for value in source.input}
    for tensor in source.initializer:
        size = 1
        for d in tensor.dims:
            size *= d
        if size <= MOST_OF_A_SIZE:
            graph.initializer.add().CopyFrom(tensor)
        elif tensor.name not in inputs:
            graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
    for node in source.node:
        if node.domain == QUANTIZER_DOMAIN:
            graph.node.append(helper.make_node("Identity", node.input[:1], node.output[:1], name=node.name))
        else:
            graph.node.add().CopyFrom(node)
    return skeleton
