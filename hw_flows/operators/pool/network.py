# SPDX-License-Identifier: BSD-3-Clause
"""Average pools, which become sums and a scale, and max-pools whose windows overlap or reach over the border."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm, prod
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.graph_surgery import attributes_of, new_tensor, set_attributes
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, check_numbers, unsupported
from hw_flows.operators.shared.windows import pool_pads, windows

AVERAGES = ("AveragePool", "GlobalAveragePool", "ReduceMean")
#: Attribute of an AveragePool that has become a sum, until it is hardware.
_IS_SUM = "is_sum"


def check_windows(model: ModelWrapper, node: Any) -> None:
    """Kernel, stride, padding and dilation of a MaxPool or AveragePool. Raises UserError."""
    a = attributes_of(node)
    if len(model.get_tensor_shape(node.input[0])) != 4:
        raise unsupported(model, node, "only two-dimensional pools have hardware", f"use {_LAYERS[node.op_type]}")
    check_numbers(model, node, {"kernel_shape": (2, 1), "strides": (2, 1), "dilations": (2, 1), "pads": (4, 0)})
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b""):
        raise unsupported(model, node, "automatic padding has no hardware", "give the padding as numbers")
    if any(d != 1 for d in a.get("dilations", [1])):
        raise unsupported(
            model, node, f"a pool with dilation {list(a['dilations'])} has no hardware", "use a pool without dilation"
        )
    kernel, pads = list(a["kernel_shape"]), list(a.get("pads", [0, 0, 0, 0]))
    if any(pad >= k for pad, k in zip(pads, 2 * kernel, strict=True)):
        raise unsupported(
            model,
            node,
            f"some of its windows lie in the padding alone: kernel {kernel}, pads {pads}",
            "use a padding of at most half the kernel",
        )


_LAYERS = {"MaxPool": "MaxPool2d", "AveragePool": "AvgPool2d"}


def _check_average_pool(model: ModelWrapper, node: Any) -> None:
    check_windows(model, node)
    a = attributes_of(node)
    image = model.get_tensor_shape(node.input[0])[2:]
    if pool_pads(a, image) != list(a.get("pads", [0, 0, 0, 0])):
        raise unsupported(
            model,
            node,
            f"the windows of ceil_mode reach over the image of {image[0]}x{image[1]}, and divide by fewer pixels there",
            "use ceil_mode=False, or an image size that divides by 2 as often as the network halves it",
        )


def _check_global_average_pool(model: ModelWrapper, node: Any) -> None:
    if len(model.get_tensor_shape(node.input[0])) != 4:
        raise unsupported(model, node, "only two-dimensional pools have hardware", "use AdaptiveAvgPool2d(1)")


def _check_mean(model: ModelWrapper, node: Any) -> None:
    shape = model.get_tensor_shape(node.input[0])
    axes = _mean_axes(model, node)
    if len(shape) != 4 or sorted(axis % 4 for axis in axes) != [2, 3] or not attributes_of(node).get("keepdims", 1):
        raise unsupported(
            model,
            node,
            "only a mean over height and width that keeps both axes has hardware",
            "use AdaptiveAvgPool2d(1); group, instance and layer normalization divide by statistics of the image, which is no "
            "fixed scale: use batch normalization",
        )


def _mean_axes(model: ModelWrapper, node: Any) -> list[int]:
    axes = attributes_of(node).get("axes")
    if axes is None and len(node.input) > 1 and node.input[1]:
        axes = model.get_initializer(node.input[1])
    return [] if axes is None else [int(axis) for axis in axes]


def averaged(model: ModelWrapper, node: NodeProto) -> int:
    """How many pixels an average is of; where that differs from window to window, a multiple of all."""
    if node.op_type == "AveragePool":
        return prod(_multiples(attributes_of(node), model.get_tensor_shape(node.input[0])[2:]))
    return prod(model.get_tensor_shape(node.input[0])[2:])


def _pixels(a: dict[str, Any], image: Sequence[int]) -> list[list[int]]:
    """For both axes, by how many of its rows (columns) each window divides: padding counts where `a` says so."""
    pads = a.get("pads", [0, 0, 0, 0])
    found = []
    for size, k, s, before, behind in zip(
        image, a["kernel_shape"], a.get("strides", [1, 1]), pads[:2], pads[2:], strict=True
    ):
        begins = [window * s - before for window in range((size + before + behind - k) // s + 1)]
        whole = a.get("count_include_pad", 0)
        found.append([k if whole else min(begin + k, size) - max(begin, 0) for begin in begins])
    return found


def _multiples(a: dict[str, Any], image: Sequence[int]) -> list[int]:
    return [lcm(*counts) for counts in _pixels(a, image)]


def _average_pool(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    """An exact sum, and one rounding; of what is a sum already, whole numbers times those of what is read."""
    x = inputs[0]
    if x.ndim != 4 or a.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    image = x.shape[2:]
    if pool_pads(a, image) != list(a.get("pads", [0, 0, 0, 0])):
        return None
    found = windows(x, a, list(a["kernel_shape"]), (2, 3)).sum(axis=(-2, -1))
    rows, columns = (np.array(counts) for counts in _pixels(a, image))
    if not a.get(_IS_SUM, 0):
        return found / (rows[:, None] * columns)
    height, width = _multiples(a, image)
    return found * (height // rows[:, None] * (width // columns))


def _global_average_pool(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x = inputs[0]
    return x.sum(axis=(2, 3), keepdims=True) / prod(x.shape[2:]) if x.ndim == 4 else None


def _mean(a: dict[str, Any], inputs: list[Any]) -> np.ndarray | None:
    axes = a.get("axes", inputs[1] if len(inputs) > 1 else None)
    if axes is None or inputs[0].ndim != 4 or sorted(int(axis) % 4 for axis in axes) != [2, 3]:
        return None
    return _global_average_pool(a, inputs) if a.get("keepdims", 1) else None


class AverageToSum(Transformation):
    """An average becomes the sum of its pixels and a Mul by 1 over their number, which a quantizer or the weights take.

    Where windows at the border have fewer pixels, each sum is multiplied to that of a common multiple of their numbers.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type not in AVERAGES or attributes_of(node).get(_IS_SUM, 0):
                continue
            count, shape = averaged(model, node), model.get_tensor_shape(node.input[0])
            if node.op_type != "AveragePool":
                node.op_type = "AveragePool"
                del node.attribute[:]
                set_attributes(node, kernel_shape=shape[2:], strides=[1, 1])
                node.input[:] = node.input[:1]
            set_attributes(node, **{_IS_SUM: 1})
            average, factor = node.output[0], model.make_new_valueinfo_name()
            node.output[0] = new_tensor(model, model.get_tensor_shape(average))
            model.set_initializer(factor, np.asarray(1 / count, np.float64))
            model.graph.node.insert(index + 1, helper.make_node("Mul", [node.output[0], factor], [average]))
            return model, True
        return model, False


class MoveMulPastAveragePool(Transformation):
    """Mul by one number or one a channel, AveragePool: the other way round."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            if node.op_type != "AveragePool":
                continue
            mul = model.find_producer(node.input[0])
            scale = model.get_initializer(mul.input[1]) if mul is not None and mul.op_type == "Mul" else None
            if mul is None or scale is None or model.is_fork_node(mul):
                continue
            if scale.size > 1 and scale.shape != (1, model.get_tensor_shape(node.input[0])[1], 1, 1):
                continue
            product = node.output[0]
            node.input[0] = mul.input[0]
            node.output[0] = new_tensor(model, model.get_tensor_shape(product))
            moved = helper.make_node("Mul", [node.output[0], mul.input[1]], [product], name=mul.name)
            model.graph.node.insert(list(model.graph.node).index(node) + 1, moved)
            model.graph.node.remove(mul)
            return model, True
        return model, False


class InferSumDataTypes(Transformation):
    """QONNX gives no type to an AveragePool: a sum of integers is one of more bits."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        from hw_flows.operators.pool.hw import sum_datatype

        for node in model.get_nodes_by_op_type("AveragePool"):
            datatype = model.get_tensor_datatype(node.input[0])
            if not datatype.is_integer() or not attributes_of(node).get(_IS_SUM, 0):
                continue
            result = sum_datatype(datatype, averaged(model, node))
            if model.get_tensor_datatype(node.output[0]) != result:
                model.set_tensor_datatype(node.output[0], result)
                return model.transform(InferDataTypes()), True
        return model, False


def turn_pool(model: ModelWrapper, node: Any) -> None:
    """A MaxPool or a sum in NCHW becomes StreamingPool, which is hardware in NHWC."""
    a = attributes_of(node)
    _, channels, *image = model.get_tensor_shape(node.input[0])
    out = model.get_tensor_shape(node.output[0])[2:]
    datatype = model.get_tensor_datatype(node.input[0])
    border = any(a.get("pads", [0])) and not a.get("count_include_pad", 0)
    function = "max" if node.op_type == "MaxPool" else "average" if border else "sum"
    name = f"StreamingPool_{node.name}"
    del node.attribute[:]
    node.op_type, node.domain, node.name = "StreamingPool", HW_DOMAIN, name
    set_attributes(
        node,
        backend="fpgadataflow",
        Function=function,
        ImgDim=image,
        KernelDim=list(a["kernel_shape"]),
        Stride=list(a.get("strides", [1, 1])),
        Pad=list(a.get("pads", [0, 0]))[:2],
        OutDim=out,
        NumChannels=channels,
        PE=1,
        inputDataType=datatype.name,
    )


FRONT_END = FrontEnd(
    checks={
        "AveragePool": _check_average_pool,
        "GlobalAveragePool": _check_global_average_pool,
        "ReduceMean": _check_mean,
    },
    averages=dict.fromkeys(AVERAGES, averaged),
    reference={"AveragePool": _average_pool, "GlobalAveragePool": _global_average_pool, "ReduceMean": _mean},
    moves=lambda: (AverageToSum(), MoveMulPastAveragePool()),
    lower=lambda: (InferSumDataTypes(),),
    turns={"AveragePool": turn_pool},
)
