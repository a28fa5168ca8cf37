# SPDX-License-Identifier: BSD-3-Clause
"""QONNX quantizers become integer weights and multi-thresholds (FINN-ONNX)."""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.transformation.qonnx.convert_qonnx_to_finn import InferMissingConvKernelShape
from finn.transformation.qonnx.fold_quant_weights import FoldQuantWeights
from onnx import helper
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

from hw_flows.graph_surgery import attributes_of, new_tensor
from hw_flows.network.arithmetic import quantize_weights
from hw_flows.network.integer_sums import sums_to_integers

#: Fraction of a quantization step between a tie and its threshold.
_BESIDE_TIE = 2.0**-36


def step_qonnx_to_finn(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Clean QONNX, checked by the step before, to FINN-ONNX with thresholds in float64.

    The transformations are those of FINN's ConvertQONNXtoFINN, less the ones for operators that a U-Net has not, less
    RemoveIdentityOps (see `transform.RemoveExactIdentities`), and with thresholds of our own.
    """
    fold_quantized_biases(model)
    for transformation in (
        InferMissingConvKernelShape(),
        ExtractBiasFromConv(),
        FoldTransposeIntoQuantInit(),
        InferDataTypes(),
        FoldQuantWeights(),
        InferDataLayouts(),
    ):
        model = model.transform(transformation)
    sums_to_integers(model)
    quantizers_to_thresholds(model)
    for transformation in (
        InferShapes(),
        FoldConstants(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        RemoveStaticGraphInputs(),
    ):
        model = model.transform(transformation)
    return model


def fold_quantized_biases(model: ModelWrapper) -> None:
    """Quantized biases of convolutions become constants, in float64. QONNX cannot take a Quant with one scale for all
    channels out of a convolution, and a bias is absorbed in thresholds, whether it was quantized or not."""
    for node in model.graph.node:
        if node.op_type not in ("Conv", "ConvTranspose") or len(node.input) < 3:
            continue
        quantizer = model.find_producer(node.input[2])
        if quantizer is None or quantizer.op_type != "Quant":
            continue
        attributes = attributes_of(quantizer)
        values = [np.asarray(model.get_initializer(name), np.float64) for name in quantizer.input]
        node.input[2] = model.make_new_valueinfo_name()
        model.set_initializer(node.input[2], quantize_weights(attributes, values))
        model.graph.node.remove(quantizer)


def quantizers_to_thresholds(model: ModelWrapper) -> None:
    """Quantizers of activations become MultiThreshold and, for the scale, Mul. What stands before them stays: streamlining
    takes it into the thresholds.

    In float64 and for rounding half to even, where FINN's ConvertQuantActToMultiThreshold stores (q + 1/2) * scale rounded
    to float32, rounds ties up, drops a ReLU that another quantizer still reads and refuses a signed quantizer behind one.
    A QONNX Quant rounds a tie to the even integer (as PyTorch does): where q is even the tie stays with q. Ties are
    common with power-of-two scales. So thresholds stand a little beside the tie, far enough to survive float64
    arithmetic and far nearer than any other value.
    """
    for node in [n for n in model.graph.node if n.op_type == "Quant" and model.get_initializer(n.input[0]) is None]:
        low, high, datatype = _integer_range(model, node)
        scale = np.asarray(model.get_initializer(node.input[1]), np.float64)
        q = low + np.arange(high - low, dtype=np.float64)
        beside = np.where(q % 2 == 0, _BESIDE_TIE, -_BESIDE_TIE)
        thresholds = model.make_new_valueinfo_name()
        model.set_initializer(thresholds, (q + 0.5 + beside) * scale.reshape(-1, 1))
        index = list(model.graph.node).index(node)
        integers = node.output[0]
        if np.any(scale != 1):
            integers, factor = (
                new_tensor(model, model.get_tensor_shape(node.output[0])),
                model.make_new_valueinfo_name(),
            )
            model.set_initializer(factor, scale if scale.size > 1 else scale.reshape(()))
            model.graph.node.insert(index, helper.make_node("Mul", [integers, factor], [node.output[0]]))
        counting = helper.make_node(
            "MultiThreshold",
            [node.input[0], thresholds],
            [integers],
            domain="qonnx.custom_op.general",
            out_dtype=datatype,
            out_bias=float(low),
            data_layout="NCHW",
        )
        model.graph.node.insert(index, counting)
        model.graph.node.remove(node)


def _integer_range(model: ModelWrapper, node: Any) -> tuple[int, int, str]:
    """Lowest and highest integer that a Quant gives, and QONNX's name of their data type."""
    attributes = attributes_of(node)
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    bits = int(np.ravel(model.get_initializer(node.input[3]))[0])
    if signed:
        return -(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1, f"INT{bits}"
    return 0, 2**bits - 1 - narrow, "BINARY" if bits == 1 else f"UINT{bits}"
