# SPDX-License-Identifier: BSD-3-Clause
"""What the author of a network calls its layers, kept beside the names that QONNX and FINN give to nodes.

An operator of the file is called as there: `/down1/conv/Conv`. Where the exporter says which module of PyTorch an operator
comes from, the module's path stands before it: `down1.conv/node_conv2d_3`. Nodes keep it as metadata, which copies of them
inherit, so that messages about any of them speak of the layer that the author knows.
"""

from __future__ import annotations

import ast

from onnx import ModelProto, NodeProto
from qonnx.core.modelwrapper import ModelWrapper

#: Key of the metadata. `qu-export` writes it, too.
KEY = "qu_layer"
#: Paths of modules, outermost first, as torch.onnx writes them.
_MODULE_PATHS = "pkg.torch.onnx.name_scopes"
_LONGEST_NAME = 160
_LONGEST_LIST = 4096
_MOST_STEPS = 64


def note_modules(model: ModelProto) -> None:
    """Nodes of a file as it was exported are called by module and name, where the exporter tells the module. In place."""
    for node in model.graph.node:
        said = {str(entry.key): entry.value for entry in node.metadata_props if isinstance(entry.value, str)}
        name, module = said.get(KEY, ""), _module(said.get(_MODULE_PATHS, ""))
        if not name and module and node.name:
            name = node.name if module in node.name else f"{module}/{node.name}"
        set_layer(node, name)


def _module(text: str) -> str:
    """The innermost module of a list of them; the last entry is the operator itself."""
    if not text or len(text) > _LONGEST_LIST:
        return ""
    try:
        paths = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        return ""
    return next((path for path in reversed(paths[:-1]) if path), "")


def name_layers(model: ModelProto) -> None:
    """Nodes that are not called anything yet are called by their present names. In place."""
    for node in model.graph.node:
        if not noted_layer(node):
            set_layer(node, node.name)


def set_layer(node: NodeProto, name: str) -> None:
    """Let `node` belong to the layer of that name; to none, where it is empty."""
    kept = [entry for entry in node.metadata_props if entry.key != KEY]
    del node.metadata_props[:]
    node.metadata_props.extend(kept)
    if name:
        node.metadata_props.add(key=KEY, value=_shortened(name))


def layer_name(node: NodeProto) -> str:
    """The author's name of the layer, else that of the node."""
    return noted_layer(node) or _shortened(node.name)


def layer_of(model: ModelWrapper, node: NodeProto) -> str:
    """The same for nodes that rewritings made, too: the layer that reads their result, or else makes what they read."""
    for neighbours in (model.find_direct_successors, model.find_direct_predecessors):
        found, seen = [node], 0
        while found and seen < _MOST_STEPS:
            near = found.pop(0)
            if name := noted_layer(near):
                return name
            seen += 1
            found += neighbours(near) or []
    return _shortened(node.name)


def maker_of(model: ModelWrapper, tensor: str) -> str:
    """The layer whose result a tensor is, for messages; tensors of the file may have new names."""
    producer = model.find_producer(tensor)
    return f"input {tensor}" if producer is None else layer_of(model, producer)


class Layers:
    """The layers of a model before a rewriting, for what it puts in the place of its nodes."""

    def __init__(self, model: ModelWrapper) -> None:
        self._readers: dict[str, str] = {}
        self._makers: dict[str, str] = {}
        constants = {tensor.name for tensor in model.graph.initializer}
        for node in model.graph.node:
            if name := noted_layer(node):
                self._readers.update((tensor, name) for tensor in node.input if tensor in constants)
                self._makers.update((tensor, name) for tensor in node.output)

    def inherit(self, model: ModelWrapper) -> None:
        """New nodes belong where their weights or thresholds belonged, else where their result did, else to the layer
        that reads them."""
        reading: dict[str, str] = {}
        for node in reversed(model.graph.node):
            name = noted_layer(node)
            if not name:
                own = [self._readers[tensor] for tensor in node.input if tensor in self._readers]
                own += [names[t] for names in (self._makers, reading) for t in node.output if t in names]
                name = own[0] if own else ""
                set_layer(node, name)
            if name:
                reading.update((tensor, name) for tensor in node.input)


def noted_layer(node: NodeProto) -> str:
    """The author's name of the layer that a node belongs to; empty for what stands between layers."""
    return next((str(entry.value) for entry in node.metadata_props if entry.key == KEY), "")


def _shortened(name: str) -> str:
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[: half - 3]}[...]{name[-half:]}"
