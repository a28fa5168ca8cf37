# SPDX-License-Identifier: BSD-3-Clause
"""Windows of a convolution: Im2Col, into which QONNX lowers it. And space to depth, whose windows are the blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.shared.blocks import space_to_depth
from hw_flows.operators.shared.lowered import LowerToStages, MoveConstantsPast, Stage
from hw_flows.operators.shared.windows import windows

_IMAGE = 4  # axes


def _im2col(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    found = windows(inputs[0], a, list(a["kernel_size"]), (1, 2))  # (N, H, W, C, kh, kw)
    n, h, w = found.shape[:3]
    return found.transpose(0, 1, 2, 4, 5, 3).reshape(n, h, w, -1)


class OneOrder(Transformation):
    """Windows of depthwise convolutions are read as all others are, so that the number of lanes of who reads them is free
    (see `OpenVVAU_rtl`)."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.get_nodes_by_op_type("Im2Col"):
            set_attributes(node, depthwise=0)
        return model, False


def _check_space_to_depth(model: ModelWrapper, node: Any) -> None:
    shape, block = model.get_tensor_shape(node.input[0]), int(attributes_of(node)["blocksize"])
    if len(shape) != _IMAGE or any(size % block for size in shape[2:]):
        raise unsupported(
            model,
            node,
            f"{shape} does not divide into blocks of {block}x{block} pixels",
            "choose an image size that is a multiple of the blocks",
        )
    if attributes_of(node).get("mode", b"DCR") != b"DCR":
        raise unsupported(
            model,
            node,
            "its channels come in another order in hardware, and not all who read them are convolutions",
            "let convolutions alone read what the pixel unshuffle gives",
        )


def _space_to_depth(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray | None:
    if inputs[0].ndim != _IMAGE:
        return None
    return space_to_depth(inputs[0], int(a["blocksize"]), a.get("mode", b"DCR").decode())


def _constant_behind(model: ModelWrapper, node: NodeProto, operation: str, value: np.ndarray) -> np.ndarray | None:
    """Repeated for every pixel of a block."""
    if value.size == 1 or attributes_of(node).get("mode", b"DCR") != b"DCR":
        return value if value.size == 1 else None
    return np.tile(value, int(attributes_of(node)["blocksize"]) ** 2)


def _stages(model: ModelWrapper, node: NodeProto) -> Sequence[Stage]:
    _, channels, h, w = model.get_tensor_shape(node.input[0])
    block = int(attributes_of(node)["blocksize"])
    datatype = model.get_tensor_datatype(node.input[0]).name
    attributes = {
        "ConvKernelDim": [block, block],
        "IFMChannels": channels,
        "IFMDim": [h, w],
        "OFMDim": [h // block, w // block],
        "SIMD": 1,
        "Stride": [block, block],
        "Dilation": [1, 1],
        "inputDataType": datatype,
        "outputDataType": datatype,
        "depthwise": 0,
    }
    return [Stage("ConvolutionInputGenerator", (1, h // block, w // block, channels * block**2), attributes)]


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen

    return OneOrder(), InferConvInpGen()


FRONT_END = FrontEnd(
    checks={"SpaceToDepth": _check_space_to_depth},
    passing={"SpaceToDepth": Passing(lambda model, node, falls: False)},
    reference={"Im2Col": _im2col, "SpaceToDepth": _space_to_depth},
    moves=lambda: (MoveConstantsPast("SpaceToDepth", _constant_behind),),
    lower=lambda: (LowerToStages(("SpaceToDepth",), _stages),),
    convert=_convert,
)
