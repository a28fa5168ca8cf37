# SPDX-License-Identifier: BSD-3-Clause
"""Weights with a zero point: q - z is an integer too, and what it stands for needs no zero point."""

from __future__ import annotations

import numpy as np
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import set_attributes
from hw_flows.network.arithmetic import quantized_constant


def center_weights(model: ModelWrapper) -> None:
    """Quantizers of constants get a zero point of 0 and the least width, with sign, that holds their integers."""
    for node in model.graph.node:
        constants = [model.get_initializer(name) for name in node.input]
        if node.op_type != "Quant" or any(value is None for value in constants) or not np.any(constants[2]):
            continue
        scale = np.asarray(constants[1], np.float64)
        values = quantized_constant(model, node)
        integers = np.rint(values / scale)
        reach = max(-integers.min(), integers.max() + 1)
        bits = max(2, DataType.get_smallest_possible(-reach).bitwidth())
        for place, value in ((0, integers * scale), (2, np.zeros_like(constants[2])), (3, np.asarray(bits))):
            node.input[place] = str(model.make_new_valueinfo_name())
            model.set_initializer(node.input[place], np.asarray(value, np.float32))
        set_attributes(node, signed=1, narrow=0, rounding_mode="ROUND")
