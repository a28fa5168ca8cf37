# SPDX-License-Identifier: BSD-3-Clause
"""Transposed convolutions whose kernel equals their stride: a matrix product for each pixel, and its result shuffled."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, attributes_of, new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, unsupported
from hw_flows.operators.matrix_vector.network import check_convolution, with_bias


def _check_conv_transpose(model: ModelWrapper, node: Any) -> None:
    check_convolution(model, node)
    a = attributes_of(node)
    kernel = list(model.get_tensor_shape(node.input[1])[2:])
    strides = list(a.get("strides", [1, 1]))
    other = [k for k in ("pads", "output_padding") if any(a.get(k, [0]))]
    if strides != kernel or other or any(d != 1 for d in a.get("dilations", [1])):
        details = f"kernel {kernel}, stride {strides}" + "".join(f", {k} {list(a[k])}" for k in other)
        raise unsupported(
            model,
            node,
            f"a transposed convolution whose windows overlap has no hardware: {details}",
            "use a kernel equal to the stride without padding (2x2, stride 2), or nearest upsampling and a convolution",
        )


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
    return with_bias(y.transpose(0, 3, 1, 4, 2, 5).reshape(n, c, h * kh, w * kw), inputs)


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
    checks={"ConvTranspose": _check_conv_transpose},
    products=frozenset({"ConvTranspose"}),
    reference={"ConvTranspose": _conv_transpose},
    lower=lambda: (LowerConvTransposeToPixelShuffle(),),
)
