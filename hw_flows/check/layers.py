# SPDX-License-Identifier: BSD-3-Clause
"""Layer by layer, in the network's own names and order: what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_name, layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.branches import exact_result, is_product, is_sum
from hw_flows.network.head import fixed_tensors
from hw_flows.network.normal_form.chain import QUANTIZERS, data_inputs, is_activation_quantizer, passing
from hw_flows.network.read import ReadNetwork
from hw_flows.network.supported import Complaint, types_with_hardware
from hw_flows.operators import folders
from hw_flows.operators.front_end import FrontEnd

_CHANGE_NOTHING = ("Identity", "Dropout", "Cast")
#: Of ONNX's own spelling of a quantizer, which ends with DequantizeLinear.
_OF_QUANTIZERS = ("QuantizeLinear", "Clip")
_ON_HOST = "on the host"


@dataclass(frozen=True)
class ExplainedLayer:
    """One operator of the file: its author's name, its type, what becomes of it, or why there is no hardware for it."""

    name: str
    op_type: str
    becomes: str
    refused: UserError | None = None


def layers(read: ReadNetwork, body: ModelWrapper, refused: Iterable[Complaint]) -> list[ExplainedLayer]:
    """All operators that work on the image, and of the others those that are refused. `body`: `read` in normal form."""
    errors = {c.layer: c.error for c in reversed(list(refused)) if c.layer is not None}
    fixed = fixed_tensors(read.model)
    in_body = {name for node in read.parts.body.graph.node for name in node.output}
    head = read.parts.head
    in_head = {name for node in ([] if head is None else head.graph.node) for name in node.output} - in_body
    kept: dict[str, list[Any]] = {}
    for node in body.graph.node:
        kept.setdefault(layer_name(node), []).append(node)
    words = _LayerWords(body)
    found = []
    for node in read.model.graph.node:
        name = layer_name(node)
        error = errors.pop(name, None)
        if error is None and fixed.issuperset(filter(None, node.output)):
            continue
        if error is not None:
            becomes = "no hardware"
        elif in_head.intersection(node.output):
            becomes = f"{_ON_HOST}, in float"
        elif not in_body.intersection(node.output):
            becomes = "nothing: no output that is used depends on it"
        elif name in kept:
            becomes = words.of(kept[name])
        else:
            becomes = _vanished(node.op_type)
        found.append(ExplainedLayer(name, node.op_type, becomes, error))
    found += [ExplainedLayer(name, "", "no hardware", error) for name, error in errors.items()]
    return found


def _vanished(op_type: str) -> str:
    if op_type in _CHANGE_NOTHING:
        return "nothing: it changes no value"
    if op_type in _OF_QUANTIZERS:
        return "part of the quantizer that it belongs to"
    if op_type == "Pad":
        return "padding of the convolutions behind it"
    return "nothing of its own: its neighbours do its work"


class _LayerWords:
    """What nodes of a network in normal form become."""

    def __init__(self, model: ModelWrapper) -> None:
        self._model = model
        self._hardware: dict[str, str] = {}
        self._products: set[str] = set()
        for folder in folders():
            if folder.has("network"):
                front_end: FrontEnd = folder.load("network").FRONT_END
                own = front_end.hardware or folder.path.name.replace("_", " ")
                self._hardware.update(dict.fromkeys(front_end.checks, own))
                self._products.update(front_end.products)

    def of(self, nodes: list[Any]) -> str:
        """Of the nodes of one layer, which rewritings may have repeated."""
        said = dict.fromkeys(self._one(node) for node in nodes)
        return "; ".join(said)

    def _one(self, node: Any) -> str:
        if node.op_type in self._products:
            return self._product(node)
        if node.op_type in QUANTIZERS:
            return self._quantizer(node)
        if node.op_type in self._hardware:
            return f"{self._hardware[node.op_type]}, {self._sizes(node)}"
        if is_sum(self._model, node) or is_product(self._model, node):
            return f"{'addition' if is_sum(self._model, node) else 'product'} of two branches, {self._sizes(node)}"
        if node.op_type not in types_with_hardware():
            return "no hardware: part of what is refused beside it"
        return self._elementwise(node)

    def _product(self, node: Any) -> str:
        model = self._model
        weights = list(model.get_tensor_shape(node.input[1]) or [])
        shape, result = model.get_tensor_shape(node.input[0]), model.get_tensor_shape(node.output[0])
        attributes = attributes_of(node)
        words = [self._hardware[node.op_type] + " " + "x".join(map(str, weights[2:]))]
        words += [f"stride {s[0]}" for s in [list(attributes.get("strides", []))] if any(n > 1 for n in s)]
        words += [f"dilation {d[0]}" for d in [list(attributes.get("dilations", []))] if any(n > 1 for n in d)]
        words += [f"{attributes['group']} groups"] if attributes.get("group", 1) > 1 else []
        words.append(f"{shape[1]} -> {result[1]} channels, {_size(shape)}")
        quantizer = model.find_producer(node.input[1])
        if quantizer is not None and (bits := _bits(model, quantizer)) is not None:
            words.append(f"{bits}-bit weights")
        widths = self._widths(node.input[0])
        if widths:
            words.append(f"{max(widths)}-bit activations")
        return ", ".join(words)

    def _widths(self, tensor: str) -> set[int]:
        """Widths of all quantizers whose integers arrive as `tensor`."""
        model = self._model
        widths, left, seen = set(), [tensor], {tensor}
        while left:
            name = left.pop()
            producer = model.find_producer(name)
            if producer is None:
                datatype = model.get_tensor_datatype(name)
                widths.add(datatype.bitwidth() if datatype.is_integer() else None)
            elif producer.op_type in QUANTIZERS:
                widths.add(_bits(model, producer))
            elif is_sum(model, producer) or is_product(model, producer):
                found = _exact_result(model, producer)
                widths.add(None if found is None else found.datatype().bitwidth())
            elif passing(producer) is not None:
                left += [before for before in data_inputs(producer) if before not in seen]
                seen.update(data_inputs(producer))
        return {width for width in widths if width is not None}

    def _quantizer(self, node: Any) -> str:
        bits = _bits(self._model, node)
        width = "" if bits is None else f", {bits} bits"
        if not is_activation_quantizer(self._model, node):
            return f"integers{width}"
        if self._of_image(node):
            return f"{_ON_HOST}: makes integers of the image{width}"
        return f"thresholds{width}"

    def _elementwise(self, node: Any) -> str:
        """Between a convolution and its quantizer, or at one of the network's ends."""
        readers = self._first_behind(node)
        quantizers = [layer_of(self._model, r) for r in readers if is_activation_quantizer(self._model, r)]
        if not quantizers:
            return "nothing: no quantizer follows it" if readers else f"{_ON_HOST}: scale and bias of the result"
        if self._of_image(node):
            return f"{_ON_HOST}, before the image becomes integers"
        return f"thresholds, with {', '.join(dict.fromkeys(quantizers))}"

    def _first_behind(self, node: Any) -> list[Any]:
        """The first quantizers and operators of hardware behind elementwise ones."""
        found: list[Any] = []
        left, seen = [node], set[str]()
        while left:
            for reader in self._model.find_direct_successors(left.pop()) or []:
                if reader.output[0] in seen:
                    continue
                seen.add(reader.output[0])
                inside = is_activation_quantizer(self._model, reader) or reader.op_type in self._hardware
                (found if inside else left).append(reader)
        return found

    def _of_image(self, node: Any) -> bool:
        """Nothing but elementwise operators stands between the image and `node`."""
        while (before := self._model.find_producer(node.input[0])) is not None:
            if before.op_type in self._hardware or before.op_type in QUANTIZERS:
                return False
            node = before
        return self._model.get_initializer(node.input[0]) is None

    def _sizes(self, node: Any) -> str:
        before, after = (self._model.get_tensor_shape(name) for name in (node.input[0], node.output[0]))
        if is_product(self._model, node):
            before = after  # its first factor may be the smaller one
        if before is None or after is None or len(before) != 4 or len(after) != 4:
            return "sizes unknown"
        kernel = list(attributes_of(node).get("kernel_shape", []))
        words = ["x".join(map(str, kernel))] if kernel else []
        inputs = data_inputs(node)
        channels = [self._model.get_tensor_shape(name)[1] for name in inputs]
        words.append(f"{' + '.join(map(str, channels))} channels" if len(inputs) > 1 else f"{after[1]} channels")
        words.append(_size(after) if before[2:] == after[2:] else f"{_size(before)} -> {_size(after)}")
        return ", ".join(words)


def _exact_result(model: ModelWrapper, node: Any) -> Any:
    """`exact_result`; None, too, where one of the branches is refused."""
    try:
        return exact_result(model, node)
    except UserError:
        return None


def _size(shape: list[int]) -> str:
    return "x".join(map(str, shape[2:]))


def _bits(model: ModelWrapper, quantizer: Any) -> int | None:
    if quantizer.op_type == "BipolarQuant":
        return 1
    if quantizer.op_type != "Quant":
        return None
    bits = model.get_initializer(quantizer.input[3])
    return None if bits is None or bits.size != 1 else round(float(np.ravel(bits)[0]))
