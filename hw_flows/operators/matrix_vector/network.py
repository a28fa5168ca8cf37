# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions and matrix products: a matrix-vector unit, behind a sliding window where the kernel is more than a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of
from hw_flows.operators.front_end import FrontEnd, check_numbers, unsupported
from hw_flows.operators.shared.windows import windows

#: Of a convolution's windows, which overlap: 64 MiB of them are copied out at a time.
_VALUES_AT_ONCE = 2**23


def check_convolution(model: ModelWrapper, node: Any) -> None:
    """Conv, and what every ConvTranspose must hold, too. Raises UserError."""
    a = attributes_of(node)
    if len(model.get_tensor_shape(node.input[0])) != 4:
        raise unsupported(model, node, "only two-dimensional convolutions have hardware", "use Conv2d")
    if a.get("group", 1) != 1 and node.op_type != "Conv":
        raise unsupported(
            model,
            node,
            f"a transposed convolution in {a['group']} groups has no hardware",
            "use one with groups=1, or upsampling and a depthwise convolution",
        )
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b""):
        raise unsupported(model, node, "automatic padding has no hardware", "give the padding as numbers")
    kernel = list(model.get_tensor_shape(node.input[1])[2:])
    if list(a.get("kernel_shape", kernel)) != kernel:
        said = list(a["kernel_shape"])
        raise unsupported(
            model,
            node,
            f"the kernel is said to be {said}, but is {kernel}",
            "export the network again with Brevitas' export_qonnx",
        )
    check_numbers(model, node, {"strides": (2, 1), "dilations": (2, 1), "pads": (4, 0)})


def is_depthwise(model: ModelWrapper, node: Any) -> bool:
    """A convolution with a kernel for each channel, and one channel out for each in."""
    group = attributes_of(node).get("group", 1)
    channels = [model.get_tensor_shape(name)[1] for name in (node.input[0], node.output[0])]
    return bool(node.op_type == "Conv" and channels == [group, group])


def _conv(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x, weights = inputs[:2]
    if x.ndim != 4 or a.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    found = windows(x, a, list(weights.shape[2:]), (2, 3))  # (N, C, H, W, kh, kw)
    groups = a.get("group", 1)
    parts = zip(np.split(found, groups, axis=1), np.split(weights, groups), strict=True)
    return with_bias(np.concatenate([_products(*part) for part in parts], axis=1), inputs)


def _products(found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Windows (N, C, H, W, kh, kw) times kernels (M, C, kh, kw): (N, M, H, W)."""
    rows = max(1, _VALUES_AT_ONCE * found.shape[2] // max(1, found.size))  # the product copies its windows
    slabs = (found[:, :, start : start + rows] for start in range(0, found.shape[2], rows))
    y = np.concatenate([np.tensordot(slab, weights, axes=([1, 4, 5], [1, 2, 3])) for slab in slabs], axis=1)
    return y.transpose(0, 3, 1, 2)


def with_bias(y: np.ndarray, inputs: list[Any]) -> np.ndarray:
    """`y` (N, C, H, W) plus the third input, one value a channel, where there is one."""
    return y if len(inputs) < 3 or inputs[2] is None else y + inputs[2].reshape(1, -1, 1, 1)


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.quantized_matrix_vector_activation import (
        InferQuantizedMatrixVectorActivation,
    )

    return (InferQuantizedMatrixVectorActivation(),)


FRONT_END = FrontEnd(
    hardware="matrix-vector unit",
    checks={"Conv": check_convolution},
    products=frozenset({"Conv"}),
    reference={"Conv": _conv, "MatMul": lambda a, i: i[0] @ i[1]},
    convert=_convert,
)
