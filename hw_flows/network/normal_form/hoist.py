# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers move up past operators that only pass on, choose or repeat values.

Rounding and clipping are monotone and treat every pixel alike, so it makes no difference whether values are quantized
before or after the largest of them is taken (MaxPool), before or after they are repeated (nearest Resize) or joined
(Concat). In hardware it makes one: what passes through is a few bits wide instead of an accumulator.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import remove_unread, rewire_readers
from hw_flows.network.normal_form.chain import (
    Chain,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    is_quantized,
    passing,
)
from hw_flows.network.thresholds import rises


def hoist_quantizers(model: ModelWrapper) -> None:
    """Every quantizer of activations stands behind arithmetic or the network's input, where that is possible."""
    while any(_hoist(model, node) for node in list(model.graph.node) if is_activation_quantizer(model, node)):
        remove_unread(model)


def _hoist(model: ModelWrapper, quantizer: NodeProto) -> bool:
    """Move `quantizer`, with the elementwise operators before it, past the operator that these read."""
    chain = chain_before(model, quantizer)
    before = model.find_producer(chain.source)
    if before is None or is_quantized(model, chain.source) or not commutes(model, before, chain):
        return False
    kind = passing(before)
    assert kind is not None, "what commutes passes on"
    position = list(model.graph.node).index(before)
    copy = NodeProto()
    copy.CopyFrom(before)
    first = 0
    for index, source in enumerate(data_inputs(before)):
        channels = model.get_tensor_shape(source)[1]
        chosen = np.arange(first, first + channels) if kind.channels is None else kind.channels(model, before)
        nodes, copy.input[index] = chain.copy_onto(model, source, chosen)
        first += channels
        for node in nodes:
            model.graph.node.insert(position, node)
            position += 1
    result = quantizer.output[0]
    if result in {o.name for o in model.graph.output}:
        copy.output[0] = result
        model.graph.node.remove(quantizer)
    else:
        copy.output[0] = new_name = str(model.make_new_valueinfo_name())
        model.set_tensor_shape(new_name, model.get_tensor_shape(result))
        rewire_readers(model, result, new_name)
    model.graph.node.insert(position, copy)
    return True


def commutes(model: ModelWrapper, reader: NodeProto, chain: Chain) -> bool:
    """Whether `chain` may as well be applied to what `reader` reads."""
    shapes = [model.get_tensor_shape(name) for name in data_inputs(reader)]
    if any(shape is None or len(shape) != 4 for shape in shapes):
        return False
    kind = passing(reader)
    if kind is None or (kind.inserts_zeros(model, reader) and not chain.keeps_zero(model)):
        return False
    return kind.commutes(model, reader, _falls(model, chain))


def _falls(model: ModelWrapper, chain: Chain) -> bool:
    return bool(chain.falling_channels(model).any()) or not rises(model, chain.split(model)[1])
