# SPDX-License-Identifier: BSD-3-Clause
"""A quantizer of activations as FINN-ONNX has it: MultiThreshold, a table where there is one, and Mul by the scale."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import new_tensor
from hw_flows.network.quantizer import ActivationQuantizer
from hw_flows.operators.lookup_table.network import table_node


def replace_quantizer(
    model: ModelWrapper,
    node: NodeProto,
    quantizer: ActivationQuantizer,
    source: str,
    thresholds: np.ndarray,
    table: tuple[int, ...] | None = None,
) -> None:
    """Put `thresholds` (channels or 1, steps) on `source` in the place of `node`, the Quant or BipolarQuant that `quantizer`
    describes. `table`: the integer for each number of thresholds that is reached, where that is not simply counted on."""
    graph, index, shape = model.graph, list(model.graph.node).index(node), model.get_tensor_shape(node.output[0])
    limits, integers = model.make_new_valueinfo_name(), node.output[0]
    model.set_initializer(limits, thresholds)
    scale = quantizer.scale
    if np.any(scale != 1):
        integers, factor = new_tensor(model, shape), model.make_new_valueinfo_name()
        model.set_initializer(factor, scale.reshape(1, -1, 1, 1) if scale.size > 1 else scale.reshape(()))
        graph.node.insert(index, helper.make_node("Mul", [integers, factor], [node.output[0]]))
    datatype, low = quantizer.datatype, quantizer.low
    if table is not None:
        datatype, low = DataType.get_smallest_possible(len(table) - 1), 0
        counted = new_tensor(model, shape)
        graph.node.insert(index, table_node(model, counted, integers, table, (datatype, quantizer.datatype)))
        integers = counted
    counting = helper.make_node(
        "MultiThreshold",
        [source, limits],
        [integers],
        domain="qonnx.custom_op.general",
        out_dtype=datatype.name,
        out_bias=float(low),
        data_layout="NCHW",
    )
    graph.node.insert(index, counting)
    graph.node.remove(node)
