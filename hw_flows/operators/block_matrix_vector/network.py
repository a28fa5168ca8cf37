# SPDX-License-Identifier: BSD-3-Clause
"""Convolutions whose weights may come from the board's memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators import RTL_DOMAIN
from hw_flows.operators.alternatives import Alternative
from hw_flows.operators.block_matrix_vector.stream import layout_of, pack
from hw_flows.operators.front_end import FrontEnd
from hw_flows.operators.names import own_name

_PADDING, _WINDOW, _MATRIX, _SHUFFLE, _THRESHOLDS = map(
    own_name, ("FMPadding", "ConvolutionInputGenerator", "MVAU", "PixelShuffle", "Thresholding")
)
_BLOCK = own_name("BlockMVAU")


def convolutions(model: ModelWrapper) -> list[Alternative]:
    """A block matrix-vector unit for every convolution that one can compute: zeros around the image, sliding window, products and
    thresholds; the thresholds also from behind the pixel shuffle of a transposed convolution."""
    found = (_alternative(model, node) for node in model.graph.node if node.op_type == _MATRIX)
    return [alternative for alternative in found if alternative is not None]


def _alternative(model: ModelWrapper, matrix: NodeProto) -> Alternative | None:
    front, behind = _front(model, matrix), _behind(model, matrix)
    if front is None or behind is None:
        return None
    *shuffles, thresholding = behind
    unit, quantizer = getCustomOp(matrix), getCustomOp(thresholding)
    shuffle = getCustomOp(shuffles[0]) if shuffles else None
    kernel, size = _window(unit, front)
    outputs, low = int(unit.get_nodeattr("MH")), int(quantizer.get_nodeattr("ActVal"))
    result = quantizer.get_output_datatype()
    if not result.is_integer() or result.name == "BIPOLAR":
        return None
    leaving = thresholding.output[0] if shuffle is None else f"Block{matrix.name}_out"
    stream = f"Block{matrix.name}_stream"
    block = helper.make_node(
        _BLOCK,
        [(front or [matrix])[0].input[0], stream],
        [leaving],
        domain=RTL_DOMAIN,
        backend="fpgadataflow",
        name=f"Block{matrix.name}",
        ImgDim=size,
        NumChannels=int(unit.get_nodeattr("MW")) // (kernel[0] * kernel[1]),
        KernelDim=kernel,
        MH=outputs,
        numSteps=int(quantizer.get_nodeattr("numSteps")),
        ActVal=low,
        inputDataType=unit.get_nodeattr("inputDataType"),
        weightDataType=unit.get_nodeattr("weightDataType"),
        accDataType=unit.get_nodeattr("accDataType"),
        outputDataType=result.name,
    )
    nodes, tensors = [block], {}
    if shuffle is not None:
        phases = helper.make_node(
            _SHUFFLE,
            [leaving],
            [thresholding.output[0]],
            domain=RTL_DOMAIN,
            backend="fpgadataflow",
            name=f"{shuffles[0].name}_behind",
            ImgDim=size,
            NumChannels=int(shuffle.get_nodeattr("NumChannels")),
            BlockSize=list(map(int, shuffle.get_nodeattr("BlockSize"))),
            inputDataType=result.name,
        )
        nodes.append(phases)
        tensors[leaving] = ((1, *size, outputs), result)
    try:
        getCustomOp(block).rtl_parameters()
    except UserError:
        return None
    finish = partial(_pack, weights=matrix.input[1], thresholds=thresholding.input[1], stream=stream)
    replaced = (*front, matrix, *behind)
    return Alternative(tuple(node.name for node in replaced), tuple(nodes), tensors, finish)


def _front(model: ModelWrapper, matrix: NodeProto) -> list[NodeProto] | None:
    """Padding and sliding window before a unit: none of a 1x1 convolution; None where they are not what the unit can do."""
    window = model.find_producer(matrix.input[0])
    if window is None or window.op_type != _WINDOW:
        return []
    own = getCustomOp(window)
    kernel = list(map(int, own.get_nodeattr("ConvKernelDim")))
    padding = model.find_producer(window.input[0])
    if max(*own.get_nodeattr("Stride"), *own.get_nodeattr("Dilation")) > 1 or any(k % 2 == 0 for k in kernel):
        return None
    if kernel == [1, 1] and (padding is None or padding.op_type != _PADDING):
        return [window]
    around = [kernel[0] // 2, kernel[1] // 2] * 2
    if padding is None or padding.op_type != _PADDING or not _only(model, padding) or not _only(model, window):
        return None
    return [padding, window] if list(map(int, getCustomOp(padding).get_nodeattr("Padding"))) == around else None


def _behind(model: ModelWrapper, matrix: NodeProto) -> list[NodeProto] | None:
    nodes = []
    node = matrix
    while _only(model, node):
        node = model.find_consumer(node.output[0])
        nodes.append(node)
        if node.op_type == _THRESHOLDS:
            return nodes
        if node.op_type != _SHUFFLE or len(nodes) > 1:
            return None
    return None


def _only(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether what a node gives goes to one other node and nowhere else."""
    outside = {value.name for value in model.graph.output}
    return node.output[0] not in outside and len(model.find_consumers(node.output[0]) or []) == 1


def _window(unit: Any, front: list[NodeProto]) -> tuple[list[int], list[int]]:
    """Kernel and size of the image, [height, width] each."""
    if not front:
        vectors = list(map(int, unit.get_nodeattr("numInputVectors")))
        return [1, 1], (vectors[1:] if len(vectors) == 3 else [1, vectors[-1]])
    first, window = getCustomOp(front[0]), getCustomOp(front[-1])
    size = first.get_nodeattr("ImgDim" if front[0].op_type == _PADDING else "IFMDim")
    return list(map(int, window.get_nodeattr("ConvKernelDim"))), list(map(int, size))


def _pack(model: ModelWrapper, nodes: Sequence[NodeProto], weights: str, thresholds: str, stream: str) -> None:
    layout = layout_of(getCustomOp(nodes[0]).get_nodeattr)
    matrix, steps = model.get_initializer(weights), np.asarray(model.get_initializer(thresholds))
    kernels = matrix.T.reshape(layout.outputs, *layout.kernel, layout.fold * layout.lanes)
    packed = pack(layout, kernels, np.tile(steps, (layout.outputs // len(steps), 1)))
    model.set_initializer(stream, packed.reshape(1, 1, -1).astype(np.float32))
    model.set_tensor_datatype(stream, DataType["UINT8"])


FRONT_END = FrontEnd(alternatives=convolutions)
