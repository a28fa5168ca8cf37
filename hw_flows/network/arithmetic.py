# SPDX-License-Identifier: BSD-3-Clause
"""The operators of a quantized U-Net in float64: the arithmetic that defines what a network answers.

A quantizer rounds, so a value that lies within rounding error of a boundary between two integers comes out one way or
the other, depending on the order in which a float32 library happens to add. A frame of a U-Net has some 10^5 to 10^6
such values, and two float32 libraries disagree about one of them on about every tenth frame. In float64 the products
of dequantized weights and activations are good to 1e-16, and their sums, too, so all build steps see one network; where a
value lies on a boundary exactly, `whole_steps` decides.

Tensors of operators are NCHW or NHWC as ONNX and FINN have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.general.quant import max_int, min_int, quant

from hw_flows.graph_surgery import attributes_of
from hw_flows.network.functions import FUNCTIONS
from hw_flows.network.quantizer import HALF_ODD
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import FrontEnd, Reference


def compute(node: Any, inputs: Sequence[np.ndarray | None], fixed: bool = False) -> np.ndarray | None:
    """Output of `node` for `inputs` (None where an optional input is absent), or None for an operator that is not
    here or has attributes that no U-Net uses.

    `fixed`: the first input depends on no image, so that a Quant gets the very integers that FINN folds.
    """
    attributes = attributes_of(node)
    doubles = [None if i is None else np.asarray(i, np.float64) for i in inputs]
    if node.op_type == "QuantizeLinear":
        integers = np.uint8 if len(inputs) < 3 or inputs[2] is None else inputs[2].dtype
        return _quantize_linear(attributes, doubles, np.dtype(integers))
    if node.op_type == "Quant" and fixed:
        return quantize_weights(attributes, [i for i in doubles if i is not None])
    operator = _references(front_ends()).get(node.op_type)
    return None if operator is None else operator(attributes, doubles)


def quantized_constant(model: ModelWrapper, quantizer: Any) -> np.ndarray:
    """What a Quant of constants gives."""
    values = [np.asarray(model.get_initializer(name), np.float64) for name in quantizer.input]
    return quantize_weights(attributes_of(quantizer), values)


def constant_value(model: ModelWrapper, tensor: str) -> np.ndarray:
    """A constant, quantized if it has a quantizer."""
    quantizer = model.find_producer(tensor)
    return np.asarray(model.get_initializer(tensor)) if quantizer is None else quantized_constant(model, quantizer)


def quantize_weights(attributes: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    """QONNX Quant of a constant: the integers as float32 rounds them (which is the same everywhere), times the scale.

    Source of the rounding: `FoldQuantWeights` of FINN.
    """
    scale = inputs[1]
    rounded = _quant(attributes, [np.asarray(i, np.float32) for i in inputs])
    return np.round(rounded / np.float32(scale)) * np.float64(scale)


def _quant(attributes: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    mode = attributes.get("rounding_mode", b"ROUND").decode()
    if mode == HALF_ODD:
        return _half_odd(attributes, *inputs)
    return quant(*inputs, attributes.get("signed", 1), attributes.get("narrow", 0), mode)


def _half_odd(
    a: dict[str, Any], x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, bits: np.ndarray
) -> np.ndarray:
    """As QONNX computes the others."""
    limits = [limit(a.get("signed", 1), a.get("narrow", 0), bits) for limit in (min_int, max_int)]
    integers = 1 + np.round(np.clip(x / scale + zero_point, *limits) - 1)
    return np.asarray((integers - zero_point) * scale)


def _batch_normalization(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if inputs[0].ndim != 4 or a.get("training_mode", 0):
        return None
    x, scale, bias, mean, variance = (i if i.ndim == 4 else i.reshape(1, -1, 1, 1) for i in inputs)
    return (x - mean) / np.sqrt(variance + a.get("epsilon", 1e-5)) * scale + bias


def _quantize_linear(a: dict[str, Any], inputs: list[Any], integers: np.dtype) -> np.ndarray | None:
    """Whole numbers of the type `integers`."""
    if a.get("block_size", 0) or a.get("output_dtype", 0) or integers.kind not in "iu":
        return None
    x, scale, zero_point = along_axis(a, inputs)
    limits = np.iinfo(integers)
    return np.clip(np.rint(x / scale) + zero_point, limits.min, limits.max).astype(integers)


def _dequantize_linear(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if a.get("block_size", 0):
        return None
    x, scale, zero_point = along_axis(a, inputs)
    return (x - zero_point) * scale


def along_axis(a: dict[str, Any], inputs: list[Any]) -> list[np.ndarray]:
    """Input, scale and zero point, where the last two have one value or one for each place along the axis."""
    x = inputs[0]
    shape = [1] * x.ndim
    if inputs[1].size > 1:
        shape[a.get("axis", 1)] = -1
    zero_point = inputs[2] if len(inputs) > 2 and inputs[2] is not None else np.zeros_like(inputs[1])
    return [x, inputs[1].reshape(shape), zero_point.reshape(shape)]


_ELEMENTWISE: dict[str, Reference] = {
    **FUNCTIONS,
    "Quant": _quant,
    "BipolarQuant": lambda a, i: np.where(i[0] >= 0, 1.0, -1.0) * i[1],
    "DequantizeLinear": _dequantize_linear,
    "BatchNormalization": _batch_normalization,
    "Relu": lambda a, i: np.maximum(i[0], 0),
    "Mul": lambda a, i: i[0] * i[1],
    "Add": lambda a, i: i[0] + i[1],
    "Sub": lambda a, i: i[0] - i[1],
    "Div": lambda a, i: i[0] / i[1],
    "Transpose": lambda a, i: i[0].transpose(a.get("perm")),
    "Identity": lambda a, i: i[0],
}


@cache
def _references(declared: tuple[FrontEnd, ...]) -> dict[str, Reference]:
    """Those above and what the operators' folders declare."""
    found = dict(_ELEMENTWISE)
    for front_end in declared:
        found.update(front_end.reference)
    return found
