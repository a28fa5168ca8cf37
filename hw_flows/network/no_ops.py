# SPDX-License-Identifier: BSD-3-Clause
"""Operators that change nothing, as exporters leave them, and borders of zeros that convolutions add themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_shapes import InferShapes

from hw_flows.graph_surgery import attributes_of, rewire_readers
from hw_flows.operators.shared.borders import is_border_of_zeros, pad_border

#: Change nothing where what comes out has the shape of what goes in; Pad, Slice and Expand with more conditions.
_SHAPING = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Pad", "Slice")


def remove_no_ops(model: ModelWrapper) -> None:
    """Remove operators that give what they get, in place: `model` has been cleaned, so its shapes are known."""
    for node in list(model.graph.node):
        if _changes_nothing(model, node):
            _bypass(model, node)


def separate_repeated_inputs(model: ModelWrapper) -> None:
    """Where an operator reads a tensor twice, the second reading goes through an Identity, in place: QONNX renames only the
    first. `remove_no_ops` takes them away again."""
    for node in list(model.graph.node):
        for place, name in enumerate(node.input):
            if name and name in node.input[:place] and model.get_initializer(name) is None:
                node.input[place] = f"{name}_again_{place}_{node.output[0]}"
                again = helper.make_node("Identity", [name], [node.input[place]], name=f"{node.name}_input_{place}")
                model.graph.node.insert(list(model.graph.node).index(node), again)


def _changes_nothing(model: ModelWrapper, node: Any) -> bool:
    if not node.input or model.get_initializer(node.input[0]) is not None or sum(map(bool, node.output)) != 1:
        return False
    attributes = attributes_of(node)
    if node.op_type == "Identity":
        return True
    if node.op_type == "Dropout":  # at inference
        return len(node.input) < 3 or not node.input[2] or not np.any(model.get_initializer(node.input[2]))
    if node.op_type == "Cast":
        source = model.get_tensor_valueinfo(node.input[0])
        return source is not None and attributes["to"] == source.type.tensor_type.elem_type == TensorProto.FLOAT
    if node.op_type == "Concat":
        return len(node.input) == 1
    before, after = model.get_tensor_shape(node.input[0]), model.get_tensor_shape(node.output[0])
    if node.op_type == "Expand" and before is not None and after is not None and len(before) == len(after):
        return before == after or _repeated_anyway(model, node, after)
    if before is None or before != after:
        return False
    if node.op_type == "Transpose":
        return list(attributes.get("perm", ())) == sorted(attributes.get("perm", ())) and "perm" in attributes
    if node.op_type == "Pad":
        border = pad_border(model, node)
        return border is not None and not border.any()
    if node.op_type == "Slice":
        steps = model.get_initializer(node.input[4]) if len(node.input) > 4 and node.input[4] else np.ones(1)
        return steps is not None and bool((steps == 1).all())
    if node.op_type == "Resize":
        scales = model.get_initializer(node.input[2]) if len(node.input) > 2 and node.input[2] else np.ones(1)
        transform = attributes.get("coordinate_transformation_mode", b"")
        return scales is not None and bool((scales == 1).all()) and transform != b"tf_crop_and_resize"
    return node.op_type in _SHAPING


def _repeated_anyway(model: ModelWrapper, expand: Any, shape: list[int]) -> bool:
    """All readers multiply by tensors of the expanded `shape`, for which a product repeats values by itself."""
    readers = model.find_consumers(expand.output[0]) or []
    return bool(readers) and all(
        reader.op_type == "Mul" and all(model.get_tensor_shape(name) == shape for name in reader.input)
        for reader in readers
    )


def fold_pads(model: ModelWrapper) -> ModelWrapper:
    """Borders of zeros that only convolutions read become part of the convolutions' own padding.

    They move behind a ReLU or a quantizer of their own, which leave a 0 as it is. Other Pads stay.
    """
    changed = False
    while any(_fold_or_move(model, node) for node in list(model.graph.node) if node.op_type == "Pad"):
        changed = True
    if not changed:
        return model
    ends = {value.name for value in (*model.graph.input, *model.graph.output)}
    stale = [value for value in model.graph.value_info if model.find_producer(value.name) and value.name not in ends]
    for value in stale:
        model.graph.value_info.remove(value)
    return model.transform(InferShapes())


def _fold_or_move(model: ModelWrapper, node: Any) -> bool:
    """One step with a Pad, where there is one."""
    readers = model.find_consumers(node.output[0]) or []
    if not is_border_of_zeros(model, node) or node.output[0] in {o.name for o in model.graph.output}:
        return False
    if readers and all(_pads_itself(reader, node.output[0]) for reader in readers):
        for reader in readers:
            _add_padding(model, reader, node)
        _bypass(model, node)
        return True
    if len(readers) == 1 and _keeps_zero(model, readers[0]):
        _swap(model, node, readers[0])
        return True
    return False


def _pads_itself(node: Any, tensor: str) -> bool:
    automatic = [a for a in node.attribute if a.name == "auto_pad" and a.s not in (b"NOTSET", b"")]
    return node.op_type == "Conv" and list(node.input).count(tensor) == 1 and node.input[0] == tensor and not automatic


def _keeps_zero(model: ModelWrapper, node: Any) -> bool:
    if node.op_type != "Quant":
        return node.op_type == "Relu"
    zero_point, bits = (model.get_initializer(name) for name in node.input[2:4])
    constant = model.get_initializer(node.input[1]) is not None and zero_point is not None and bits is not None
    return constant and not np.any(zero_point) and bool(np.all(bits > 1))


def _add_padding(model: ModelWrapper, conv: Any, pad: Any) -> None:
    border = pad_border(model, pad)
    assert border is not None
    (own,) = [a for a in conv.attribute if a.name == "pads"] or [None]
    if own is None:
        own = helper.make_attribute("pads", [0, 0, 0, 0])
        conv.attribute.append(own)
        own = conv.attribute[-1]
    own.ints[:] = [int(p + b) for p, b in zip(own.ints, border[[2, 3, 6, 7]], strict=True)]


def _swap(model: ModelWrapper, pad: Any, reader: Any) -> None:
    """`pad` and then `reader` become `reader` and then `pad`, in each other's place among the nodes."""
    first, second = type(pad)(), type(pad)()
    first.CopyFrom(reader)
    second.CopyFrom(pad)
    first.input[0], first.output[0] = pad.input[0], pad.output[0]
    second.input[0], second.output[0] = pad.output[0], reader.output[0]
    model.set_tensor_shape(pad.output[0], model.get_tensor_shape(pad.input[0]))
    pad.CopyFrom(first)
    reader.CopyFrom(second)


def _bypass(model: ModelWrapper, node: Any) -> None:
    """Let what reads the node's output read its input; nothing where the network would have no operator left."""
    graph = model.graph
    source, end = node.input[0], node.output[0]
    graph.node.remove(node)
    if end in {value.name for value in graph.output}:
        producer = model.find_producer(source)
        if producer is None:
            graph.node.append(node)
            return
        producer.output[list(producer.output).index(source)] = end
        source, end = end, source
    rewire_readers(model, end, source)
