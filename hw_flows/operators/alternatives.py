# SPDX-License-Identifier: BSD-3-Clause
"""Operators that may stand in the place of others: folding chooses (`hw_flows/folding`), for all layers at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from onnx import NodeProto
from qonnx.core.datatype import BaseDataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.layer_names import layer_of, set_layer

#: Attributes as a node takes them.
Attributes = Sequence[tuple[str, int | str]]


@dataclass(frozen=True)
class Alternative:
    """Nodes that compute what others compute: their first inputs and last outputs are the same tensors."""

    replaced: tuple[str, ...]
    """Names of nodes of the graph, in its order."""
    nodes: tuple[NodeProto, ...]
    """What may stand in their place, in order, unfolded."""
    tensors: Mapping[str, tuple[tuple[int, ...], BaseDataType]] = field(default_factory=dict)
    """Shape and type of the tensors between them."""
    finish: Callable[[ModelWrapper, Sequence[NodeProto]], None] = lambda model, nodes: None
    """Adds constants that depend on the folding: (model, the nodes in it, folded); the constants of those replaced are there."""

    def take(self, model: ModelWrapper, attributes: Sequence[Attributes]) -> None:
        """Put the nodes, folded, in the place of those replaced, whose constants stay until `complete` below."""
        graph = model.graph
        old = [node for node in graph.node if node.name in self.replaced]
        assert len(old) == len(self.replaced), f"{self.replaced} are no nodes of the graph"
        layer = layer_of(model, old[0])
        place = list(graph.node).index(old[0])
        for offset, (proto, own) in enumerate(zip(self.nodes, attributes, strict=True)):
            graph.node.insert(place + offset, proto)
            operator = getCustomOp(graph.node[place + offset])
            for name, value in own:
                operator.set_nodeattr(name, value)
            set_layer(graph.node[place + offset], layer)
        for node in old:
            graph.node.remove(node)
        for name, (shape, datatype) in self.tensors.items():
            model.set_tensor_shape(name, list(shape))
            model.set_tensor_datatype(name, datatype)


def complete(model: ModelWrapper, taken: Sequence[Alternative]) -> None:
    """Give the nodes of all that were taken their constants, by their folding, and drop what nobody reads any more."""
    for alternative in taken:
        names = {node.name for node in alternative.nodes}
        alternative.finish(model, [node for node in model.graph.node if node.name in names])
    used = {name for node in model.graph.node for name in (*node.input, *node.output)}
    for constant in [tensor.name for tensor in model.graph.initializer if tensor.name not in used]:
        model.del_initializer(constant)
    for value in [value for value in model.graph.value_info if value.name not in used]:
        model.graph.value_info.remove(value)
