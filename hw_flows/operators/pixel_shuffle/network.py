# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle (DepthToSpace), and transposed convolutions whose kernel equals their stride: a matrix product for each
pixel, and its result shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, attributes_of, new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.matrix_vector.network import check_convolution, with_bias
from hw_flows.operators.shared.blocks import depth_to_space
from hw_flows.operators.shared.lowered import LowerToStages, MoveConstantsPast, Stage

_IMAGE = 4  # axes


def _check_conv_transpose(model: ModelWrapper, node: Any) -> None:
    check_convolution(model, node)
    a = attributes_of(node)
    kernel = list(model.get_tensor_shape(node.input[1])[2:])
    strides = list(a.get("strides", [1, 1]))
    other = [k for k in ("pads", "output_padding") if any(a.get(k, [0]))]
    if strides != kernel or other:  # those that can be split are convolutions by now
        details = f"kernel {kernel}, stride {strides}" + "".join(f", {k} {list(a[k])}" for k in other)
        raise unsupported(
            model,
            node,
            f"this transposed convolution has no hardware: {details}",
            "use one stride for rows and columns, at most the kernel, and a padding less than the kernel",
        )


def _conv_transpose(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    x, weights = inputs[:2]
    plain = a.get("group", 1) == 1 and x.ndim == _IMAGE and "output_shape" not in a
    if not plain or a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b""):
        return None
    n, _, h, w = x.shape
    _, c, kh, kw = weights.shape
    (sh, sw), (dh, dw) = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    (top, left, bottom, right), (more_h, more_w) = a.get("pads", [0] * 4), a.get("output_padding", [0, 0])
    # every input pixel adds to the output pixels of its window
    y = np.zeros((n, c, (h - 1) * sh + (kh - 1) * dh + 1 + more_h, (w - 1) * sw + (kw - 1) * dw + 1 + more_w))
    for ky, kx in np.ndindex(kh, kw):
        rows = slice(ky * dh, ky * dh + (h - 1) * sh + 1, sh)
        columns = slice(kx * dw, kx * dw + (w - 1) * sw + 1, sw)
        y[:, :, rows, columns] += np.tensordot(x, weights[:, :, ky, kx], axes=([1], [0])).transpose(0, 3, 1, 2)
    return with_bias(y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right], inputs)


def _check_depth_to_space(model: ModelWrapper, node: Any) -> None:
    if attributes_of(node).get("mode", b"DCR") != b"DCR":
        raise unsupported(
            model,
            node,
            "no convolution can give the channels in the hardware's order, because other layers read them, too",
            "let a convolution of its own come right before the pixel shuffle",
        )


def _depth_to_space(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if inputs[0].ndim != _IMAGE:
        return None
    return depth_to_space(inputs[0], int(a["blocksize"]), a.get("mode", b"DCR").decode())


def _given_channels(model: ModelWrapper, node: NodeProto) -> np.ndarray:
    """For each channel that a DepthToSpace reads, the one that it gives."""
    a, channels = attributes_of(node), model.get_tensor_shape(node.input[0])[1]
    block = int(a["blocksize"]) ** 2
    place = np.arange(channels)
    return place % (channels // block) if a.get("mode", b"DCR") == b"DCR" else place // block


def _constant_behind(model: ModelWrapper, node: NodeProto, operation: str, value: np.ndarray) -> np.ndarray | None:
    """The same for all pixels of a block, or none."""
    if value.size == 1:
        return value
    given = _given_channels(model, node)
    behind = np.empty(given.max() + 1, value.dtype)
    behind[given] = value
    return behind if np.array_equal(behind[given], value) else None


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage]:
    _, channels, h, w = model.get_tensor_shape(node.input[0])
    block = int(attributes_of(node)["blocksize"])
    attributes = {
        "ImgDim": [h, w],
        "NumChannels": channels // block**2,
        "BlockSize": [block, block],
        "SIMD": 1,
        "inputDataType": model.get_tensor_datatype(node.input[0]).name,
    }
    return [Stage("PixelShuffle", (1, h * block, w * block, channels // block**2), attributes)]


class LowerConvTransposeToPixelShuffle(Transformation):
    """ConvTranspose with kernel == stride becomes Transpose, MatMul (C_in, rh * rw * C_out), PixelShuffle, Transpose.
    There are no others: `supported.check_supported` has refused them.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type == "ConvTranspose":
                for new in _lowered(model, node):
                    index += 1
                    model.graph.node.insert(index, new)
                model.graph.node.remove(node)
                return model, True
        return model, False


def _lowered(model: ModelWrapper, node: Any) -> list[Any]:
    weights = model.get_initializer(node.input[1])  # (C_in, C_out, rh, rw)
    c_in, c_out, rh, rw = weights.shape
    _, _, h, w = model.get_tensor_shape(node.input[0])
    matrix = node.input[1]
    model.set_initializer(matrix, weights.transpose(0, 2, 3, 1).reshape(c_in, rh * rw * c_out))

    nhwc = new_tensor(model, [1, h, w, c_in])
    product = new_tensor(model, [1, h, w, rh * rw * c_out])
    shuffled = new_tensor(model, [1, h * rh, w * rw, c_out])
    datatype = DataType["INT32"]  # QONNX infers none for ConvTranspose; it is narrowed with all accumulators
    model.set_tensor_datatype(node.output[0], datatype)
    model.set_tensor_datatype(nhwc, model.get_tensor_datatype(node.input[0]))
    model.set_tensor_datatype(product, datatype)
    model.set_tensor_datatype(shuffled, datatype)
    return [
        helper.make_node("Transpose", [node.input[0]], [nhwc], perm=TO_NHWC),
        helper.make_node("MatMul", [nhwc, matrix], [product]),
        helper.make_node(
            "PixelShuffle",
            [product],
            [shuffled],
            domain=HW_DOMAIN,
            backend="fpgadataflow",
            ImgDim=[h, w],
            NumChannels=c_out,
            BlockSize=[rh, rw],
            SIMD=1,
            inputDataType=datatype.name,
            name=f"PixelShuffle_{node.name}",
        ),
        helper.make_node("Transpose", [shuffled], [node.output[0]], perm=TO_NCHW),
    ]


FRONT_END = FrontEnd(
    hardware="matrix-vector unit and pixel shuffle",
    checks={"ConvTranspose": _check_conv_transpose, "DepthToSpace": _check_depth_to_space},
    products=frozenset({"ConvTranspose"}),
    passing={"DepthToSpace": Passing(lambda model, node, falls: True, channels=_given_channels)},
    reference={"ConvTranspose": _conv_transpose, "DepthToSpace": _depth_to_space},
    moves=lambda: (MoveConstantsPast("DepthToSpace", _constant_behind),),
    lower=lambda: (LowerConvTransposeToPixelShuffle(), LowerToStages(("DepthToSpace",), _stages)),
)
