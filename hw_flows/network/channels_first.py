# SPDX-License-Identifier: BSD-3-Clause
"""QONNX's channels-last form, which hls4ml reads, back to the form of ONNX, with the channels second.

`qonnx-to-channels-last` gives convolutions, max pools and batch normalizations a domain of their own, in which images are (N, H, W, C)
and weights (out, h, w, in), puts transposes around them, and moves these past quantizers and other functions of each value. Here
every tensor of that layout becomes (N, C, H, W) again and the transposes vanish; where an operator of ONNX reads one for which the
layout makes a difference, a transpose stands before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper, numpy_helper

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, attributes_of, set_attributes
from hw_flows.network.functions import FUNCTIONS

DOMAIN = "qonnx.custom_op.channels_last"
#: What has a form of its own there.
OPERATORS = ("Conv", "MaxPool", "BatchNormalization")
#: Functions of each value, whatever the layout.
_EACH_VALUE = {*FUNCTIONS, "Relu", "Quant", "BipolarQuant", "Mul", "Add", "Sub", "Div", "Identity", "Cast", "Dropout"}


def channels_first(model: Any) -> None:
    """Change the ONNX `ModelProto` in place; nothing where no operator is of that domain. An image that it reads with the channels last
    comes in with the channels second."""
    if any(node.domain == DOMAIN for node in model.graph.node):
        _Turning(model).run()
        kept = [entry for entry in model.opset_import if entry.domain != DOMAIN]
        del model.opset_import[:]
        model.opset_import.extend(kept)


def _identity(node: Any) -> Any:
    return helper.make_node("Identity", list(node.input), list(node.output), name=node.name)


class _Turning:
    """`turned`: tensors that were (N, H, W, C) and are (N, C, H, W) now."""

    def __init__(self, model: Any) -> None:
        self._graph = model.graph
        self._constants = {tensor.name: tensor for tensor in self._graph.initializer}
        self._makers = {name: node for node in self._graph.node for name in node.output}
        self._turned: set[str] = set()
        self._nodes: list[Any] = []

    def run(self) -> None:
        self._turn_image()
        for node in list(self._graph.node):
            self._convert(node)
        for output in self._graph.output:
            self._keep_output(output.name)
        stale = [value for value in self._graph.value_info if value.name in self._turned]
        for value in stale:
            self._graph.value_info.remove(value)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)

    def _turn_image(self) -> None:
        """Where only functions of each value stand between an image and an operator of the domain, it is turned."""
        images = {value.name: value for value in self._graph.input if value.name not in self._constants}
        for node in self._graph.node:
            source = node.input[0] if node.domain == DOMAIN else ""
            while source in self._makers and self._makers[source].op_type in _EACH_VALUE:
                source = self._makers[source].input[0]
            if source in images and source not in self._turned:
                self._turned.add(source)
                sizes = images[source].type.tensor_type.shape.dim
                turned = [type(size)() for size in sizes]
                for new, axis in zip(turned, TO_NCHW, strict=True):
                    new.CopyFrom(sizes[axis])
                for old, new in zip(sizes, turned, strict=True):
                    old.CopyFrom(new)

    def _convert(self, node: Any) -> None:
        order = list(attributes_of(node).get("perm", ())) if node.op_type == "Transpose" else []
        if node.domain == DOMAIN:
            node.domain = ""
            if node.input[0] not in self._turned:
                node.input[0] = self._transposed(node.input[0], TO_NCHW)
            if node.op_type == "Conv" and node.input[1] not in self._turned:
                self._turn_weights(node)
            self._add(node, turned=True)
        elif order == TO_NHWC and node.input[0] not in self._turned:
            self._add(_identity(node), turned=True)
        elif order == TO_NCHW and node.input[0] in self._turned:
            self._add(_identity(node))
        elif not self._turned.intersection(node.input):
            self._add(node)
        elif node.op_type in _EACH_VALUE and self._constants_can_turn(node):
            for place, name in enumerate(node.input):
                if name and name not in self._turned:
                    constant = name in self._constants
                    node.input[place] = self._turned_constant(name) if constant else self._transposed(name, TO_NCHW)
            self._add(node, turned=True)
        elif node.op_type == "Concat" and self._turned.issuperset(node.input):
            set_attributes(node, axis=TO_NHWC[attributes_of(node)["axis"]])
            self._add(node, turned=True)
        else:
            node.input[:] = [self._transposed(name, TO_NHWC) if name in self._turned else name for name in node.input]
            self._add(node)

    def _add(self, node: Any, turned: bool = False) -> None:
        """`node` comes next."""
        self._nodes.append(node)
        if turned:
            self._turned.update(node.output)

    def _transposed(self, name: str, order: list[int]) -> str:
        """A transpose of `name`; what it gives is not known as turned."""
        result = f"{name}_{'nchw' if order == TO_NCHW else 'nhwc'}_{len(self._nodes)}"
        self._nodes.append(helper.make_node("Transpose", [name], [result], name=f"transpose_{result}", perm=order))
        return result

    def _turn_weights(self, conv: Any) -> None:
        """Those of a quantizer of constants in the constants, others by a transpose."""
        maker = self._makers.get(conv.input[1])
        if conv.input[1] in self._constants:
            conv.input[1] = self._turned_constant(conv.input[1])
        elif maker is not None and maker.op_type in ("Quant", "BipolarQuant") and maker.input[0] in self._constants:
            copy = type(maker)()
            copy.CopyFrom(maker)
            copy.input[:] = [self._turned_constant(name) for name in maker.input]
            copy.name, copy.output[0] = f"{maker.name}_turned", f"{maker.output[0]}_turned_{len(self._nodes)}"
            self._nodes.append(copy)
            conv.input[1] = copy.output[0]
        else:
            conv.input[1] = self._transposed(conv.input[1], TO_NCHW)

    def _constants_can_turn(self, node: Any) -> bool:
        return all(name not in self._constants or len(self._constants[name].dims) <= 4 for name in node.input)

    def _turned_constant(self, name: str) -> str:
        value = numpy_helper.to_array(self._constants[name])
        if value.ndim == 0 or value.size == 1:
            return name
        result = f"{name}_nchw"
        if result not in self._constants:
            turned = value.reshape((1,) * (4 - value.ndim) + value.shape).transpose(TO_NCHW)
            self._constants[result] = numpy_helper.from_array(np.ascontiguousarray(turned), result)
            self._graph.initializer.append(self._constants[result])
        return result

    def _keep_output(self, name: str) -> None:
        """An output has the layout that the file says."""
        if name not in self._turned or all(name not in node.output for node in self._nodes):
            return
        inner = f"{name}_nchw"
        for node in self._nodes:
            node.output[:] = [inner if o == name else o for o in node.output]
            node.input[:] = [inner if i == name else i for i in node.input]
        self._nodes.append(helper.make_node("Transpose", [inner], [name], name=f"transpose_{name}", perm=TO_NHWC))
