"""Step 2: QONNX quantizers become integer weights and multi-thresholds (FINN-ONNX)."""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.transformation.qonnx.convert_qonnx_to_finn import InferMissingConvKernelShape
from finn.transformation.qonnx.fold_quant_weights import FoldQuantWeights
from finn.transformation.qonnx.quant_act_to_multithreshold import ConvertQuantActToMultiThreshold
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

from hw_flows.double_precision import quantize_weights

#: Fraction of a quantization step between a tie and its threshold.
_BESIDE_TIE = 2.0**-36


def step_qonnx_to_finn(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Clean QONNX, checked by the step before, to FINN-ONNX with thresholds in float64.

    The transformations are those of FINN's ConvertQONNXtoFINN, less the ones for operators that a U-Net has not, and
    less RemoveIdentityOps (see `transform.RemoveExactIdentities`).
    """
    fold_quantized_biases(model)
    for transformation in (
        InferMissingConvKernelShape(),
        ExtractBiasFromConv(),
        FoldTransposeIntoQuantInit(),
        InferDataTypes(),
        FoldQuantWeights(),
        InferDataLayouts(),
        ConvertQuantActToMultiThreshold(),
    ):
        model = model.transform(transformation)
    sharpen_thresholds(model)
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
        attributes = {a.name: helper.get_attribute_value(a) for a in quantizer.attribute}
        values = [np.asarray(model.get_initializer(name), np.float64) for name in quantizer.input]
        node.input[2] = model.make_new_valueinfo_name()
        model.set_initializer(node.input[2], quantize_weights(attributes, values))
        model.graph.node.remove(quantizer)


def sharpen_thresholds(model: ModelWrapper) -> None:
    """Compute the thresholds of all MultiThresholds again, in float64 and for rounding half to even.

    FINN stores (q + 1/2) * scale rounded to float32, and reaching a threshold counts, so that a tie is rounded up.
    A QONNX Quant rounds a tie to the even integer (as PyTorch does): where q is even the tie stays with q. Ties are
    common with power-of-two scales. So thresholds stand a little beside the tie, far enough to survive float64
    arithmetic and far nearer than any other value.
    """
    for node in model.get_nodes_by_op_type("MultiThreshold"):
        lowest, scale = _integer_range(model, node)
        thresholds = model.get_initializer(node.input[1])
        q = lowest + np.arange(thresholds.shape[1], dtype=np.float64)
        beside = np.where(q % 2 == 0, _BESIDE_TIE, -_BESIDE_TIE)
        exact = (q + 0.5 + beside) * np.float64(scale).reshape(-1, 1)
        assert np.allclose(exact, thresholds, rtol=1e-5, atol=0), f"{node.name} is no uniform quantizer"
        model.set_initializer(node.input[1], exact)


def _integer_range(model: ModelWrapper, node: Any) -> tuple[float, np.ndarray]:
    """The lowest integer a MultiThreshold stands for, and its scale; FINN puts both behind it as Add and Mul."""
    lowest, scale = 0.0, np.ones(1)
    consumer = model.find_consumer(node.output[0])
    if consumer is not None and consumer.op_type == "Add":
        lowest = float(np.ravel(model.get_initializer(consumer.input[1]))[0])
        consumer = model.find_consumer(consumer.output[0])
    if consumer is not None and consumer.op_type == "Mul":
        scale = model.get_initializer(consumer.input[1])
    return lowest, scale
