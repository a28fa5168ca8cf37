# SPDX-License-Identifier: BSD-3-Clause
"""What a network answers: the file as it was given, executed in float64 before anything is changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.execute import execute_file
from hw_flows.network.file import MOST_IMAGE_VALUES
from hw_flows.network.head import SplitNetwork, fixed_tensors
from hw_flows.network.large_constants import LeanModel
from hw_flows.network.shapes import Shape, infer_shapes


@dataclass(frozen=True)
class Interface:
    """Shapes of one frame: `image` (C, H, W), `logits` (classes, H, W), and of the network's `output`, any."""

    image: tuple[int, ...]
    logits: tuple[int, ...]
    output: tuple[int, ...]


@dataclass(frozen=True)
class Answers:
    """`logits` (N, classes, H, W) in float64, and the network's `output` (N, ...): the same where there is no head, else
    floats, whole numbers or truth values, as the file says."""

    logits: np.ndarray
    output: np.ndarray


_OTHER_FLOATS = {TensorProto.FLOAT16: "float16", TensorProto.BFLOAT16: "bfloat16", TensorProto.DOUBLE: "float64"}
_CONVOLUTIONS = ("Conv", "ConvTranspose")
#: Number of axes -> what such a tensor is, what to do.
_DIMENSIONS = {2: "no image", 3: "a signal, or an image without an axis for the batch", 5: "a volume"}
_OTHER_DIMENSIONS = {
    3: "let the network take (1, channels, height, width): a signal as an image of one row, with QuantConv2d of kernel (1, k) and "
    "MaxPool2d((1, 2)) in the place of Conv1d and MaxPool1d; an image without an unsqueeze inside the network",
    5: "use a network of slices, with Conv2d in the place of Conv3d, which may see neighbouring slices as channels",
}


def image_input(model: ModelProto, path: Path) -> str:
    """The name of the network's one input. Raises UserError where it has none or several, or it is no image."""
    fixed = fixed_tensors(model)
    images = [value.name for value in model.graph.input if value.name not in fixed]
    if len(images) != 1:
        raise UserError(
            f"the network has {len(images)} inputs, not one: {', '.join(images[:8])}",
            str(path),
            "export a network of one image: several images of one size can be its channels (torch.cat before the network)",
        )
    (value,) = (value for value in model.graph.input if value.name == images[0])
    if value.type.tensor_type.elem_type in _OTHER_FLOATS:
        raise UserError(
            f"the network computes in {_OTHER_FLOATS[value.type.tensor_type.elem_type]}",
            f"{path}, input {images[0]}",
            "export it in float32: model.float() before the export",
        )
    _require_image(images[0], infer_shapes(model).get(images[0]), path)
    return images[0]


def _require_image(name: str, shape: Shape | None, path: Path) -> None:
    if shape is not None and len(shape) != 4:
        raise UserError(
            f"tensor {name} has shape {_words(shape)}: {_DIMENSIONS.get(len(shape), 'no image')}, not (1, channels, height, width)",
            str(path),
            _OTHER_DIMENSIONS.get(len(shape), "export a network of images, (1, channels, height, width)"),
        )
    if shape is None or shape[0] != 1 or not all(shape):
        raise UserError(
            f"tensor {name} has shape {_words(shape)}, not (1, channels, height, width)",
            str(path),
            "export a network of images (batch, channels, height, width), or say their size: --input-shape 1,CHANNELS,HEIGHT,WIDTH",
        )


def interface(network: SplitNetwork, image: str, path: Path) -> Interface:
    """Shapes at the ends of the network. Raises UserError where they are not fixed or are too large."""
    shapes = infer_shapes(network.body)
    ends = [shapes.get(name) for name in (image, network.logits)]
    types = {node.op_type for node in network.body.graph.node}
    if types.isdisjoint(_CONVOLUTIONS) and len(ends[1] or ()) != 4:
        raise UserError(
            "the network has no convolution",
            f"graph {network.body.graph.name}, {len(network.body.graph.node)} operators",
            "bring a U-Net-like network of images, whose last layer in hardware is a convolution",
        )
    _require_image(network.logits, ends[1], path)
    output = ends[1] if network.head is None else infer_shapes(network.head).get(network.output, ends[1])
    if output is None or not all(output):
        raise UserError(f"the output {network.output} has shape {_words(output)}", str(path), "export with fixed sizes")
    for name, shape in ((image, ends[0]), (network.logits, ends[1]), (network.output, output)):
        if prod(shape) > MOST_IMAGE_VALUES:  # type: ignore[arg-type]
            raise UserError(
                f"tensor {name} has shape {_words(shape)}, too large", str(path), "export for smaller images"
            )
    return Interface(*(_of_frame(shape) for shape in (*ends, output)))  # type: ignore[arg-type]


def answer(network: SplitNetwork, image: str, frames: np.ndarray) -> Answers:
    """What the network answers for each of `frames` (N, C, H, W). Raises UserError where it cannot be executed."""
    body = LeanModel(network.body)
    head = None if network.head is None else ModelWrapper(network.head)
    logits, outputs = [], []
    for frame in frames:
        logits.append(execute_file(body, {image: frame[None]})[network.logits])
        outputs.append(_output(network, head, logits[-1]))
    return Answers(np.concatenate(logits), np.stack(outputs))


def apply_head(network: SplitNetwork, logits: np.ndarray) -> np.ndarray:
    """The network's output (N, ...) for `logits` (N, classes, H, W)."""
    head = None if network.head is None else ModelWrapper(network.head)
    return np.stack([_output(network, head, frame[None]) for frame in logits])


def _output(network: SplitNetwork, head: ModelWrapper | None, logits: np.ndarray) -> np.ndarray:
    """The output of one frame, without an axis for frames, for `logits` (1, classes, H, W)."""
    if head is None or network.output == network.logits:
        return logits[0]
    value = execute_file(head, {network.logits: logits})[network.output]
    return value.reshape(_of_frame(value.shape))


def _of_frame(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without the axis of frames, if it has one."""
    return shape[1:] if shape[:1] == (1,) else shape


def _words(shape: tuple[int | None, ...] | None) -> str:
    return "unknown" if shape is None else f"({', '.join('?' if d is None else str(d) for d in shape)})"
