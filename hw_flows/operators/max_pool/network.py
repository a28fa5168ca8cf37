# SPDX-License-Identifier: BSD-3-Clause
"""MaxPool whose windows tile the image."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, Passing, check_numbers, unsupported
from hw_flows.operators.shared.windows import windows


def _check_max_pool(model: ModelWrapper, node: Any) -> None:
    a = attributes_of(node)
    check_numbers(model, node, {"kernel_shape": (2, 1), "strides": (2, 1), "dilations": (2, 1), "pads": (4, 0)})
    kernel, strides = list(a["kernel_shape"]), list(a.get("strides", [1, 1]))
    image = list(model.get_tensor_shape(node.input[0])[2:])
    if kernel != strides or any(a.get("pads", [0])) or any(d != 1 for d in a.get("dilations", [1])):
        raise unsupported(
            model,
            node,
            f"a max-pool whose windows overlap has no hardware: kernel {kernel}, stride {strides}, "
            f"pads {list(a.get('pads', [0]))}",
            "use a kernel equal to the stride without padding (MaxPool2d(2))",
        )
    if any(size % k for size, k in zip(image, kernel, strict=True)):
        raise unsupported(
            model,
            node,
            f"the image of {image[0]}x{image[1]} does not divide into windows of {kernel[0]}x{kernel[1]}",
            "choose an image size that divides by 2 as often as the network halves it",
        )


def _max_pool(a: dict[str, Any], inputs: list[np.ndarray], axes: tuple[int, int] = (2, 3)) -> np.ndarray | None:
    if any(a.get("pads", [0])) or a.get("ceil_mode", 0) or a.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    if inputs[0].ndim != 4:
        return None
    return windows(inputs[0], a, list(a["kernel_shape"]), axes).max(axis=(-2, -1))


def _turn_max_pool(model: ModelWrapper, node: Any) -> None:
    kept = {a.name: list(a.ints) for a in node.attribute if a.name in ("kernel_shape", "strides", "pads")}
    del node.attribute[:]
    node.op_type, node.domain = "MaxPoolNHWC", "qonnx.custom_op.general"
    set_attributes(node, **{"strides": [1, 1], "pads": [0, 0, 0, 0], **kept})


class InferStreamingMaxPool(Transformation):
    """MaxPoolNHWC of integers whose windows tile the image becomes StreamingMaxPool."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type != "MaxPoolNHWC":
                continue
            datatype = model.get_tensor_datatype(node.input[0])
            inst = getCustomOp(node)
            kernel = list(inst.get_nodeattr("kernel_shape"))
            _, h, w, channels = model.get_tensor_shape(node.input[0])
            tiles = (
                list(inst.get_nodeattr("strides")) == kernel
                and not any(inst.get_nodeattr("pads"))
                and h % kernel[0] == 0
                and w % kernel[1] == 0
            )
            if not (tiles and datatype.is_integer()):
                continue
            new = helper.make_node(
                "StreamingMaxPool",
                [node.input[0]],
                [node.output[0]],
                domain=HW_DOMAIN,
                backend="fpgadataflow",
                ImgDim=[h, w],
                PoolDim=kernel,
                NumChannels=channels,
                PE=1,
                inputDataType=datatype.name,
                name=f"StreamingMaxPool_{node.name}",
            )
            model.graph.node.insert(index, new)
            model.graph.node.remove(node)
            return model, True
        return model, False


FRONT_END = FrontEnd(
    checks={"MaxPool": _check_max_pool},
    passing={"MaxPool": Passing(lambda model, node, falls: not falls)},
    reference={"MaxPool": _max_pool, "MaxPoolNHWC": lambda a, i: _max_pool(a, i, (1, 2))},
    turns={"MaxPool": _turn_max_pool},
    convert=lambda: (InferStreamingMaxPool(),),
)
