# SPDX-License-Identifier: BSD-3-Clause
"""MaxPool: windows that tile the image become StreamingMaxPool, all others StreamingPool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported
from hw_flows.operators.pool.network import check_windows, turn_pool
from hw_flows.operators.shared.windows import pool_pads, windows


def _check_max_pool(model: ModelWrapper, node: Any) -> None:
    check_windows(model, node)
    if any(node.output[1:]):
        raise unsupported(
            model, node, "the places of the largest values have no hardware", "use a pool without return_indices"
        )


def _max_pool(a: dict[str, Any], inputs: list[np.ndarray], axes: tuple[int, int] = (2, 3)) -> np.ndarray | None:
    x = inputs[0]
    if a.get("auto_pad", b"NOTSET") != b"NOTSET" or x.ndim != 4:
        return None
    padded = {**a, "pads": pool_pads(a, [x.shape[axis] for axis in axes])}
    return windows(x, padded, list(a["kernel_shape"]), axes, -np.inf).max(axis=(-2, -1))


def _tiles(a: dict[str, Any], image: Sequence[int]) -> bool:
    """Whether every pixel is in one window."""
    kernel = list(a["kernel_shape"])
    whole = all(size % k == 0 for size, k in zip(image, kernel, strict=True))
    return whole and list(a.get("strides", [1, 1])) == kernel and not any(a.get("pads", [0]))


def _turn_max_pool(model: ModelWrapper, node: Any) -> None:
    if not _tiles(attributes_of(node), model.get_tensor_shape(node.input[0])[2:]):
        turn_pool(model, node)
        return
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
            if not (_tiles(attributes_of(node), (h, w)) and datatype.is_integer()):
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
