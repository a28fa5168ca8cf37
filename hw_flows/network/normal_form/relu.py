# SPDX-License-Identifier: BSD-3-Clause
"""ReLU and quantizer: the ReLU comes first, and what is quantized behind it needs no sign."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, new_tensor
from hw_flows.network.normal_form.chain import is_activation_quantizer


def relu_before_quantizer(model: ModelWrapper) -> None:
    """Quantizer, ReLU become ReLU, quantizer: a quantizer without zero point maps 0 to 0 and keeps signs."""
    for relu in [n for n in model.graph.node if n.op_type == "Relu"]:
        quantizer = model.find_producer(relu.input[0])
        if quantizer is None or quantizer.op_type != "Quant" or not is_activation_quantizer(model, quantizer):
            continue
        zero_point = model.get_initializer(quantizer.input[2])
        if zero_point is None or np.any(zero_point):
            continue
        copy = NodeProto()
        copy.CopyFrom(quantizer)
        clipped = new_tensor(model, model.get_tensor_shape(quantizer.input[0]))
        relu.input[0], copy.input[0], copy.output[0] = quantizer.input[0], clipped, relu.output[0]
        relu.output[0] = clipped
        model.graph.node.insert(list(model.graph.node).index(relu) + 1, copy)
        if not model.find_consumers(quantizer.output[0]) and quantizer.output[0] not in _outputs(model):
            model.graph.node.remove(quantizer)


def unsigned_behind_relu(model: ModelWrapper) -> None:
    """A signed quantizer of n bits behind a ReLU gives 0 to 2^(n-1) - 1, narrow or not: n - 1 bits without sign."""
    for node in model.graph.node:
        if node.op_type != "Quant" or not is_activation_quantizer(model, node):
            continue
        producer = model.find_producer(node.input[0])
        bits = model.get_initializer(node.input[3])
        if producer is None or producer.op_type != "Relu" or bits is None or bits.size != 1:
            continue
        attributes = attributes_of(node)
        if not attributes.get("signed", 1) or float(np.ravel(bits)[0]) < 2:
            continue
        node.input[3] = str(model.make_new_valueinfo_name())
        model.set_initializer(node.input[3], np.asarray(bits - 1, np.float32))
        kept = [a for a in node.attribute if a.name not in ("signed", "narrow")]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute("signed", 0), helper.make_attribute("narrow", 0)])


def _outputs(model: ModelWrapper) -> set[str]:
    return {o.name for o in model.graph.output}
