# SPDX-License-Identifier: BSD-3-Clause
"""Additions of branches whose scales have no common measure become additions of integers (see `sums.py`)."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import new_tensor, remove_unread
from hw_flows.network.multi_threshold import replace_quantizer
from hw_flows.network.normal_form.chain import chain_before
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.network.sums import integer_sums


def sums_to_integers(model: ModelWrapper) -> None:
    """Clean QONNX in place: each branch is multiplied so that it is integers of a scale that suits the sum, and the quantizers
    behind the sum become MultiThreshold, on whole numbers, and Mul by their scale."""
    for found in list(integer_sums(model)):
        for (output, index), factor in found.factors.items():
            add = model.find_producer(output)
            add.input[index] = _times(model, add, add.input[index], factor / found.scales[output, index])
        for output, thresholds in found.thresholds.items():
            node = model.find_producer(output)
            quantizer = activation_quantizer(model, node)
            replace_quantizer(
                model, node, quantizer, chain_before(model, node).source, thresholds, found.tables[output]
            )
    remove_unread(model)


def _times(model: ModelWrapper, reader: NodeProto, source: str, factor: float) -> str:
    """A new tensor, `source` times `factor`, for `reader`."""
    name, product = model.make_new_valueinfo_name(), new_tensor(model, model.get_tensor_shape(source))
    model.set_initializer(name, np.asarray(factor, np.float64))
    position = list(model.graph.node).index(reader)
    model.graph.node.insert(position, helper.make_node("Mul", [source, name], [product]))
    return product
