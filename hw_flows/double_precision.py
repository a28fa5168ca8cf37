# SPDX-License-Identifier: BSD-3-Clause
"""The operators of a quantized U-Net in float64: the arithmetic that defines what a network answers.

A quantizer rounds, so a value that lies within rounding error of a boundary between two integers comes out one way or
the other, depending on the order in which a float32 library happens to add. A frame of a U-Net has some 10^5 to 10^6
such values, and two float32 libraries disagree about one of them on about every tenth frame. In float64 the products
of dequantized weights and activations are exact and the sums good to 1e-16, so all build steps see one network.

Tensors of operators are NCHW or NHWC as ONNX and FINN have them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from onnx import helper
from qonnx.custom_op.general.quant import quant

# An optional input that is absent is None; only Resize has any.
Operator = Callable[[dict[str, Any], list[Any]], np.ndarray | None]
#: Of a convolution's windows, which overlap: 64 MiB of them are copied out at a time.
_VALUES_AT_ONCE = 2**23
#: How Resize rounds a place to that of a pixel, and what it adds to both places before it divides one.
_NEAREST: dict[bytes, Callable[[np.ndarray], np.ndarray]] = {
    b"floor": np.floor, b"ceil": np.ceil, b"round_prefer_ceil": lambda x: np.floor(x + 0.5),
    b"round_prefer_floor": lambda x: np.ceil(x - 0.5),
}  # fmt: skip
_OFFSETS = {b"asymmetric": 0.0, b"half_pixel": 0.5, b"half_pixel_symmetric": 0.5, b"pytorch_half_pixel": 0.5}
_LARGEST_FACTOR = 4096
#: What Upsample, which came before Resize, always does.
_ASYMMETRIC = {"coordinate_transformation_mode": b"asymmetric", "nearest_mode": b"floor"}


def compute(node: Any, inputs: Sequence[np.ndarray | None], fixed: bool = False) -> np.ndarray | None:
    """Output of `node` for `inputs` (None where an optional input is absent), or None for an operator that is not
    here or has attributes that no U-Net uses.

    `fixed`: the first input depends on no image, so that a Quant gets the very integers that FINN folds.
    """
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    doubles = [None if i is None else np.asarray(i, np.float64) for i in inputs]
    if node.op_type == "QuantizeLinear":
        integers = np.uint8 if len(inputs) < 3 or inputs[2] is None else inputs[2].dtype
        return _quantize_linear(attributes, doubles, np.dtype(integers))
    if node.op_type == "Quant" and fixed:
        return quantize_weights(attributes, [i for i in doubles if i is not None])
    operator = OPERATORS.get(node.op_type)
    return None if operator is None else operator(attributes, doubles)


def quantize_weights(attributes: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    """QONNX Quant of a constant: the integers as float32 rounds them (which is the same everywhere), times the scale.

    Source of the rounding: `FoldQuantWeights` of FINN.
    """
    scale = inputs[1]
    rounded = _quant(attributes, [np.asarray(i, np.float32) for i in inputs])
    return np.round(rounded / np.float32(scale)) * np.float64(scale)


def _quant(attributes: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    mode = attributes.get("rounding_mode", b"ROUND").decode()
    return quant(*inputs, attributes.get("signed", 1), attributes.get("narrow", 0), mode)


def _windows(x: np.ndarray, a: dict[str, Any], kernel: list[int], axes: tuple[int, int]) -> np.ndarray:
    """Zero-padded sliding windows over the spatial `axes`; the two kernel axes come last."""
    pads = a.get("pads", a.get("pad_amount", [0, 0, 0, 0]))
    strides, dilations = a.get("strides", a.get("stride", [1, 1])), a.get("dilations", [1, 1])
    border = [(0, 0)] * 4
    border[axes[0]], border[axes[1]] = (pads[0], pads[2]), (pads[1], pads[3])
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    windows = sliding_window_view(np.pad(x, border), reach, axis=axes)
    steps = [slice(None)] * 4
    steps[axes[0]], steps[axes[1]] = slice(None, None, strides[0]), slice(None, None, strides[1])
    return windows[(*steps, slice(None, None, dilations[0]), slice(None, None, dilations[1]))]


def _conv(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x, weights = inputs[:2]
    if a.get("group", 1) != 1 or x.ndim != 4 or a.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    windows = _windows(x, a, list(weights.shape[2:]), (2, 3))  # (N, C, H, W, kh, kw)
    rows = max(1, _VALUES_AT_ONCE * windows.shape[2] // max(1, windows.size))  # the product copies its windows
    slabs = (windows[:, :, start : start + rows] for start in range(0, windows.shape[2], rows))
    y = np.concatenate([np.tensordot(slab, weights, axes=([1, 4, 5], [1, 2, 3])) for slab in slabs], axis=1)
    return _with_bias(y.transpose(0, 3, 1, 2), inputs)


def _conv_transpose(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x, weights = inputs[:2]
    plain = not any(a.get("pads", [0])) and not any(a.get("output_padding", [0])) and a.get("group", 1) == 1
    plain = plain and x.ndim == 4 and all(d == 1 for d in a.get("dilations", [1])) and "output_shape" not in a
    if (
        not plain
        or a.get("auto_pad", b"NOTSET") != b"NOTSET"
        or list(a.get("strides", [1, 1])) != list(weights.shape[2:])
    ):
        return None
    n, _, h, w = x.shape
    _, c, kh, kw = weights.shape
    y = np.tensordot(x, weights, axes=([1], [0]))  # (N, H, W, C, kh, kw)
    return _with_bias(y.transpose(0, 3, 1, 4, 2, 5).reshape(n, c, h * kh, w * kw), inputs)


def _with_bias(y: np.ndarray, inputs: list[Any]) -> np.ndarray:
    return y if len(inputs) < 3 or inputs[2] is None else y + inputs[2].reshape(1, -1, 1, 1)


def _batch_normalization(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if inputs[0].ndim != 4 or a.get("training_mode", 0):
        return None
    x, scale, bias, mean, variance = (i if i.ndim == 4 else i.reshape(1, -1, 1, 1) for i in inputs)
    return (x - mean) / np.sqrt(variance + a.get("epsilon", 1e-5)) * scale + bias


def _max_pool(a: dict[str, Any], inputs: list[np.ndarray], axes: tuple[int, int] = (2, 3)) -> np.ndarray | None:
    if any(a.get("pads", [0])) or a.get("ceil_mode", 0) or a.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    if inputs[0].ndim != 4:
        return None
    return _windows(inputs[0], a, list(a["kernel_shape"]), axes).max(axis=(-2, -1))


def repeats_pixels(attributes: dict[str, Any], factors: np.ndarray) -> bool:
    """A Resize with `attributes` to the nearest pixel repeats each one `factor` times along each axis.

    Attributes that are absent have the defaults of ONNX from version 11 on; those of version 10 do the same.
    """
    transform = attributes.get("coordinate_transformation_mode", b"half_pixel")
    rounding = attributes.get("nearest_mode", b"round_prefer_floor")
    nearest, offset = _NEAREST.get(rounding), _OFFSETS.get(transform)
    if nearest is None or offset is None:
        return False
    for factor in factors:
        if factor != np.round(factor) or not 1 <= factor <= _LARGEST_FACTOR:
            return False
        place = np.arange(2 * factor)  # of the pixels of the second, with one before and one after
        source = nearest((place + factor + offset) / factor - offset)
        if not np.array_equal(source, 1 + place // factor):
            return False
    return True


def _resize(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x = inputs[0]
    if a.get("mode", b"nearest") != b"nearest":
        return None
    if inputs[-1] is None or inputs[-1].size != 4:
        return None
    factors = inputs[-1] / x.shape if len(inputs) == 4 else inputs[-1]
    if "axes" in a or not repeats_pixels(a, factors):
        return None
    for axis, factor in enumerate(factors):
        x = np.repeat(x, int(factor), axis=axis)
    return x


def _im2col(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if a.get("depthwise", 0):
        return None
    windows = _windows(inputs[0], a, list(a["kernel_size"]), (1, 2))  # (N, H, W, C, kh, kw)
    n, h, w = windows.shape[:3]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(n, h, w, -1)


def _multi_threshold(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    x, thresholds = inputs
    channel_axis = 1 if a.get("data_layout", b"") in (b"", b"NCHW") else x.ndim - 1
    columns = np.moveaxis(x, channel_axis, -1)
    counts = np.empty(columns.shape)
    for c in range(columns.shape[-1]):  # thresholds ascend, so a search counts those that x reaches
        row = thresholds[c if len(thresholds) > 1 else 0]
        counts[..., c] = np.searchsorted(row, columns[..., c], side="right")
    return np.moveaxis(counts, -1, channel_axis) * a.get("out_scale", 1.0) + a.get("out_bias", 0.0)


def _quantize_linear(a: dict[str, Any], inputs: list[Any], integers: np.dtype) -> np.ndarray | None:
    """Whole numbers of the type `integers`."""
    if a.get("block_size", 0) or a.get("output_dtype", 0) or integers.kind not in "iu":
        return None
    x, scale, zero_point = _along_axis(a, inputs)
    limits = np.iinfo(integers)
    return np.clip(np.rint(x / scale) + zero_point, limits.min, limits.max).astype(integers)


def _dequantize_linear(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if a.get("block_size", 0):
        return None
    x, scale, zero_point = _along_axis(a, inputs)
    return (x - zero_point) * scale


def _along_axis(a: dict[str, Any], inputs: list[Any]) -> list[np.ndarray]:
    """Input, scale and zero point, where the last two have one value or one for each place along the axis."""
    x = inputs[0]
    shape = [1] * x.ndim
    if inputs[1].size > 1:
        shape[a.get("axis", 1)] = -1
    zero_point = inputs[2] if len(inputs) > 2 and inputs[2] is not None else np.zeros_like(inputs[1])
    return [x, inputs[1].reshape(shape), zero_point.reshape(shape)]


def _clip(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    low, high = ([*inputs[1:], None, None])[:2]
    low = a.get("min", -np.inf) if low is None else low
    return np.minimum(np.maximum(inputs[0], low), a.get("max", np.inf) if high is None else high)


OPERATORS: dict[str, Operator] = {
    "Quant": _quant,
    "DequantizeLinear": _dequantize_linear,
    "Clip": _clip,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "BatchNormalization": _batch_normalization,
    "MaxPool": _max_pool,
    "MaxPoolNHWC": lambda a, i: _max_pool(a, i, (1, 2)),
    "Resize": _resize,
    "Upsample": lambda a, i: _resize({"mode": a.get("mode", b"nearest"), **_ASYMMETRIC}, i),
    "Im2Col": _im2col,
    "MultiThreshold": _multi_threshold,
    "MatMul": lambda a, i: i[0] @ i[1],
    "Relu": lambda a, i: np.maximum(i[0], 0),
    "Mul": lambda a, i: i[0] * i[1],
    "Add": lambda a, i: i[0] + i[1],
    "Sub": lambda a, i: i[0] - i[1],
    "Div": lambda a, i: i[0] / i[1],
    "Concat": lambda a, i: np.concatenate(i, axis=a["axis"]),
    "Transpose": lambda a, i: i[0].transpose(a.get("perm")),
    "Identity": lambda a, i: i[0],
}
