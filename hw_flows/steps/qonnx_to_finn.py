# SPDX-License-Identifier: BSD-3-Clause
"""QONNX quantizers become integer weights and multi-thresholds (FINN-ONNX)."""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.transformation.qonnx.convert_qonnx_to_finn import InferMissingConvKernelShape
from finn.transformation.qonnx.fold_quant_weights import FoldQuantWeights
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.extract_conv_bias import ExtractBiasFromConv
from qonnx.transformation.fold_constants import FoldConstants
from qonnx.transformation.general import (
    GiveReadableTensorNames,
    GiveUniqueNodeNames,
    RemoveStaticGraphInputs,
)
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.transformation.quant_constant_folding import FoldTransposeIntoQuantInit

from hw_flows.graph_surgery import new_tensor, remove_unread
from hw_flows.layer_names import Layers
from hw_flows.network.arithmetic import quantized_constant
from hw_flows.network.declared import products
from hw_flows.network.integer_sums import sums_to_integers
from hw_flows.network.multi_threshold import replace_quantizer
from hw_flows.network.normal_form.chain import chain_before, is_activation_quantizer
from hw_flows.network.thresholds import staircase
from hw_flows.network.transform import transformed
from hw_flows.operators import register


def step_qonnx_to_finn(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Clean QONNX, checked by the step before, to FINN-ONNX with thresholds in float64.

    The transformations are those of FINN's ConvertQONNXtoFINN, less the ones for operators that a U-Net has not, less
    RemoveIdentityOps (see `transform.RemoveExactIdentities`), and with thresholds of our own.
    """
    register()
    fold_quantized_biases(model)
    model = transformed(
        model,
        InferMissingConvKernelShape(),
        ExtractBiasFromConv(),
        FoldTransposeIntoQuantInit(),
        InferDataTypes(),
        FoldQuantWeights(),
        InferDataLayouts(),
    )
    before = Layers(model)
    sums_to_integers(model)
    quantizers_to_thresholds(model)
    before.inherit(model)
    return transformed(
        model,
        InferShapes(),
        FoldConstants(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        RemoveStaticGraphInputs(),
    )


def fold_quantized_biases(model: ModelWrapper) -> None:
    """Quantized biases of convolutions become constants, in float64. QONNX cannot take a Quant with one scale for all
    channels out of a convolution, and a bias is absorbed in thresholds, whether it was quantized or not."""
    for node in list(model.graph.node):  # quantizers are taken out on the way
        if node.op_type not in ("Conv", "ConvTranspose") or len(node.input) < 3:
            continue
        quantizer = model.find_producer(node.input[2])
        if quantizer is None or quantizer.op_type != "Quant":
            continue
        node.input[2] = model.make_new_valueinfo_name()
        model.set_initializer(node.input[2], quantized_constant(model, quantizer))
        if not model.find_consumers(quantizer.output[0]):
            model.graph.node.remove(quantizer)


def quantizers_to_thresholds(model: ModelWrapper) -> None:
    """Quantizers of activations, and functions before them, become MultiThreshold and, for the scale, Mul. Scales, biases
    and ReLUs in front stay: streamlining takes them into the thresholds.

    In float64, for every rounding mode and function, where FINN's ConvertQuantActToMultiThreshold stores (q + 1/2) * scale
    rounded to float32, rounds ties up, drops a ReLU that another quantizer still reads and refuses a signed quantizer
    behind one.
    """
    for node in [n for n in model.graph.node if is_activation_quantizer(model, n)]:
        whole = chain_before(model, node)
        chain = whole.split(model)[1]
        before = model.find_producer(whole.source)
        stairs = staircase(model, chain, before is not None and before.op_type in products())
        argument = chain.source
        if (stairs.signs < 0).any():
            argument = new_tensor(model, model.get_tensor_shape(chain.source))
            negation = _negation(model, chain.source, argument, stairs.signs)
            model.graph.node.insert(list(model.graph.node).index(node), negation)
        replace_quantizer(model, node, stairs.quantizer, argument, stairs.thresholds, stairs.table)
    remove_unread(model)


def _negation(model: ModelWrapper, source: str, result: str, signs: np.ndarray) -> NodeProto:
    """`source` times 1 or -1 for each channel (or one for all), which ends in the weights before it."""
    factors = model.make_new_valueinfo_name()
    channels = model.get_tensor_shape(source)[1]
    model.set_initializer(factors, np.broadcast_to(signs, channels).reshape(1, channels, 1, 1).copy())
    return helper.make_node("Mul", [source, factors], [result])
