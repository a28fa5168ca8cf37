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
    """Adds constants that depend on the folding; `nodes` are those in the graph, folded, and the replaced ones' constants are
    still there."""

    def take(self, model: ModelWrapper, attributes: Sequence[Attributes], *, complete: bool = True) -> None:
        """Put them, folded, in the place of those replaced; `complete`: with their constants."""
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
        for name, (shape, datatype) in self.tensors.items():
            model.set_tensor_shape(name, list(shape))
            model.set_tensor_datatype(name, datatype)
        if complete:
            self.finish(model, graph.node[place : place + len(self.nodes)])
        kept = {name for node in graph.node if node not in old for name in (*node.input, *node.output)}
        for node in old:
            graph.node.remove(node)
            for name in (*node.input, *node.output):
                if name not in kept:
                    model.del_initializer(name)
                    stale = [value for value in graph.value_info if value.name == name]
                    for value in stale:
                        graph.value_info.remove(value)
