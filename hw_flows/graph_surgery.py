# SPDX-License-Identifier: BSD-3-Clause
"""Reading and changing ONNX graphs, as several rewritings and steps need it."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper

#: Orders of axes for Transpose.
TO_NHWC = [0, 2, 3, 1]
TO_NCHW = [0, 3, 1, 2]
#: float32, in which FINN's operators compute, holds every integer up to this magnitude.
EXACT_IN_FLOAT32 = 2**24


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """The attributes of `node` as Python values, texts as bytes."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def set_attributes(node: Any, **values: Any) -> None:
    """Give `node` these attributes in place of those of the same names."""
    kept = [a for a in node.attribute if a.name not in values]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, value) for name, value in values.items())])


def say_resize_modes(model: ModelWrapper) -> None:
    """A Resize or Upsample that does not say its mode repeats values; QONNX and FINN want it said."""
    for node in model.graph.node:
        if node.op_type in ("Resize", "Upsample") and not any(a.name == "mode" for a in node.attribute):
            node.attribute.append(helper.make_attribute("mode", "nearest"))


def constants_second(model: ModelWrapper) -> None:
    """`c + x`, `c * x`, `max(c, x)` become `x + c`, `x * c`, `max(x, c)`; `c - x` becomes `x * -1 + c`."""
    for node in list(model.graph.node):
        if node.op_type not in ("Add", "Mul", "Sub", "Max", "Min") or len(node.input) != 2:
            continue
        first, second = (model.get_initializer(name) for name in node.input[:2])
        if first is None or second is not None:
            continue
        if node.op_type == "Sub":
            negated = new_tensor(model, model.get_tensor_shape(node.input[1]))
            minus_one = model.make_new_valueinfo_name()
            model.set_initializer(minus_one, np.float32(-1))
            product = helper.make_node("Mul", [node.input[1], minus_one], [negated], name=f"{node.name}_negated")
            model.graph.node.insert(list(model.graph.node).index(node), product)
            node.op_type, node.input[1] = "Add", negated
        node.input[:] = [node.input[1], node.input[0]]


def order_sums(model: ModelWrapper) -> None:
    """`x + x` becomes `x * 2`; where the network's input is added to something, it comes first, as FINN's moves expect."""
    images = {i.name for i in model.graph.input}
    for node in model.graph.node:
        if node.op_type != "Add" or len(node.input) != 2:
            continue
        if node.input[0] == node.input[1]:
            node.op_type, node.input[1] = "Mul", model.make_new_valueinfo_name()
            model.set_initializer(node.input[1], np.float32(2))
        elif node.input[1] in images and model.get_initializer(node.input[1]) is None:
            node.input[:] = [node.input[1], node.input[0]]


def merge_equal_nodes(model: ModelWrapper) -> None:
    """Of nodes that compute the same from the same tensors the first remains, so that what they feed is a fork."""
    outputs = {o.name for o in model.graph.output}
    first: dict[object, Any] = {}
    for node in list(model.graph.node):  # in order, so that readers of merged tensors are met after them
        if is_constant(model, node):
            continue  # weights: each convolution keeps its own
        inputs = tuple(_content(model, name) for name in node.input)
        attributes = tuple(sorted(a.SerializeToString(deterministic=True) for a in node.attribute))
        kept = first.setdefault((node.op_type, node.domain, inputs, attributes), node)
        if kept is not node and not outputs.intersection(node.output):
            for old, new in zip(node.output, kept.output, strict=True):
                rewire_readers(model, old, new)
            model.graph.node.remove(node)


def _content(model: ModelWrapper, name: str) -> object:
    """The value of a small constant, the name of any other tensor."""
    value = model.get_initializer(name) if name else None
    return name if value is None or value.size > 4096 else (value.shape, value.dtype.str, value.tobytes())


def own_weights(model: ModelWrapper) -> None:
    """A quantizer of weights that several operators read is repeated, so that each can change its own."""
    for node in list(model.graph.node):
        readers = model.find_consumers(node.output[0]) if is_constant(model, node) else []
        for reader in readers[1:]:
            copy = NodeProto()
            copy.CopyFrom(node)
            copy.output[0] = str(model.make_new_valueinfo_name())
            model.set_tensor_shape(copy.output[0], model.get_tensor_shape(node.output[0]))
            reader.input[:] = [copy.output[0] if name == node.output[0] else name for name in reader.input]
            model.graph.node.insert(list(model.graph.node).index(node), copy)


def remove_unread(model: ModelWrapper) -> None:
    """Nodes whose results nobody reads go, and then those that only they read."""
    read = {o.name for o in model.graph.output}
    for node in reversed(list(model.graph.node)):
        if read.intersection(node.output):
            read.update(node.input)
        else:
            model.graph.node.remove(node)


def rewire_readers(model: ModelWrapper, old: str, new: str) -> None:
    """Whoever reads `old` reads `new`."""
    for reader in model.graph.node:
        for index, name in enumerate(reader.input):
            if name == old:
                reader.input[index] = new


def is_constant(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether `node` reads constants alone."""
    return all(model.get_initializer(name) is not None for name in node.input)


def new_tensor(model: ModelWrapper, shape: list[int]) -> str:
    """The name of a new float tensor of `shape`."""
    info = helper.make_tensor_value_info(model.make_new_valueinfo_name(), TensorProto.FLOAT, shape)
    model.graph.value_info.append(info)
    return str(info.name)


def as_container(values: np.ndarray) -> np.ndarray:
    """In float32, which FINN's operators take, or in float64 where numbers are too large for whole ones of it."""
    values = np.asarray(values)
    wide = values.dtype != np.float32 and float(np.abs(values).max(initial=0)) > EXACT_IN_FLOAT32
    return values.astype(np.float64 if wide else np.float32)
