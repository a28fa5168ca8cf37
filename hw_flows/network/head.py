# SPDX-License-Identifier: BSD-3-Clause
"""Where a network ends as hardware: what follows its last convolution is split off and runs on the host, in float.

So the hardware's part, the body, always ends with logits (1, classes, H, W), and what makes masks, probabilities or larger
images of them, the head, may be any operators of ONNX.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto, TensorProto, helper

from hw_flows.machine.errors import UserError
from hw_flows.network.dialects import QUANTIZER_DOMAIN
from hw_flows.network.shapes import Shape, infer_shapes

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_AFFINE = ("Mul", "Add", "Sub", "Div", "BatchNormalization")
_NOTHING = ("Identity", "Dropout")
#: Ends of quantizers, in QONNX's form and in that of ONNX; what stands within one; what thresholds take in before one.
_QUANTIZED = ("Quant", "BipolarQuant", "DequantizeLinear")
_BEFORE_QUANTIZED = ("Relu", "QuantizeLinear", "Clip")


@dataclass(frozen=True)
class SplitNetwork:
    """`body`: image to `logits`, the name of its one output. `head`: logits to the other outputs; None where there are
    none. `output`: the first output of the whole network, which is the one that counts."""

    body: ModelProto
    head: ModelProto | None
    logits: str
    output: str

    @property
    def host_operators(self) -> tuple[str, ...]:
        """Types of the head's operators that work on the logits, in order."""
        if self.head is None:
            return ()
        fixed = fixed_tensors(self.head)
        return tuple(node.op_type for node in self.head.graph.node if not fixed.issuperset(filter(None, node.output)))


def split_head(model: ModelProto) -> SplitNetwork:
    """Split `model` (as `network_file.load_network` gives it) behind its last convolution.

    With that convolution stay the scales and biases of channels right behind it, and activations up to a quantizer that
    follows them alone: thresholds take them in. Operators that lead to no output are left out. A network without
    convolutions is all body. Raises UserError where the outputs are computed from more than one tensor of the body.
    """
    graph = model.graph
    outputs = [value.name for value in graph.output]
    live = _needed(graph.node, outputs, ())
    inside = _before_convolutions(live)
    if not inside:
        return SplitNetwork(model, None, outputs[0], outputs[0])
    fixed = fixed_tensors(model)
    ends = _ends(model, live, inside, fixed)
    if len(ends) != 1:
        raise _several_ends(model, ends)
    shapes = infer_shapes(model)
    logits = _follow(ends[0], live, outputs, fixed, shapes)
    shape = shapes.get(logits)
    if shape is None or len(shape) != 4 or shape[0] != 1 or not all(shape):
        raise UserError(
            f"the result of the last convolution has shape {list(shape) if shape else 'unknown'}, not (1, channels, height, width)",
            f"tensor {logits}",
            "export with fixed sizes, or say the image's: --input-shape 1,CHANNELS,HEIGHT,WIDTH",
        )
    interface = helper.make_tensor_value_info(logits, TensorProto.FLOAT, list(shape))
    images = [value for value in graph.input if value.name not in fixed]
    body = _part(model, images, [interface], "body")
    others = [value for value in graph.output if value.name != logits]
    head = _part(model, [interface], others, "head") if others else None
    return SplitNetwork(body, head, logits, outputs[0])


def fixed_tensors(model: ModelProto) -> set[str]:
    """Names of all tensors that depend on no image: constants, and what is computed from constants alone."""
    fixed = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if fixed.issuperset(filter(None, node.input)):
            fixed.update(filter(None, node.output))
    return fixed


def _needed(nodes: Iterable[Any], tensors: Iterable[str], given: Collection[str]) -> list[Any]:
    """Nodes that `tensors` depend on, in order, where those `given` need not be computed."""
    needed, chosen = set(tensors).difference(given), []
    for node in reversed(list(nodes)):
        if needed.intersection(node.output):
            needed.update(name for name in node.input if name not in given)
            chosen.append(node)
    return chosen[::-1]


def _before_convolutions(nodes: list[Any]) -> list[Any]:
    """Convolutions and what they depend on; nothing where there are none."""
    needed: set[str] = set()
    chosen = []
    for node in reversed(nodes):
        if node.op_type in _CONVOLUTIONS or needed.intersection(node.output):
            needed.update(filter(None, node.input))
            chosen.append(node)
    return chosen[::-1]


def _ends(model: ModelProto, live: list[Any], inside: list[Any], fixed: set[str]) -> list[str]:
    """Tensors that depend on the image, and that are an output or are read behind the convolutions."""
    made = [value.name for value in model.graph.input] + [name for node in inside for name in node.output]
    known = {id(node) for node in inside}
    read = {name for node in live if id(node) not in known for name in node.input}
    read.update(value.name for value in model.graph.output)
    return [name for name in made if name and name in read and name not in fixed]


def _follow(tensor: str, live: list[Any], outputs: list[str], fixed: set[str], shapes: dict[str, Shape]) -> str:
    """The last tensor of the chain behind `tensor` that hardware and the host's scale and bias compute."""
    last, scaled = tensor, True
    channels = (shapes.get(tensor) or (None, None))[1]
    while tensor not in outputs:
        readers = [node for node in live if tensor in node.input]
        if len(readers) != 1 or len(readers[0].output) != 1:
            break
        (node,) = readers
        others = [name for name in node.input[1:] if name]
        if node.input[0] != tensor and node.op_type in ("Mul", "Add", "Sub"):
            others = [node.input[0]]
        if tensor in others or not fixed.issuperset(others):
            break
        if _is_affine(node, others, shapes, channels):
            pass
        elif node.op_type in _QUANTIZED and node.domain in ("", "ai.onnx", QUANTIZER_DOMAIN):
            scaled = True
        elif node.op_type in _BEFORE_QUANTIZED:
            scaled = False
        else:
            break
        (tensor,) = node.output
        if scaled:
            last = tensor
    return last


def _is_affine(node: Any, others: list[str], shapes: dict[str, Shape], channels: int | None) -> bool:
    """The node does nothing, or multiplies and adds one number a channel."""
    attributes = {a.name: a.i for a in node.attribute}
    if node.op_type in _NOTHING or (node.op_type == "Cast" and attributes.get("to") == TensorProto.FLOAT):
        return True
    if node.op_type == "BatchNormalization":
        return not attributes.get("training_mode", 0)
    if node.op_type not in _AFFINE:
        return False
    shape = shapes.get(others[0])
    if shape is None or len(shape) > 4:
        return False
    batch, channel, height, width = (1,) * (4 - len(shape)) + shape
    return batch == height == width == 1 and channel in (1, channels)


def _part(model: ModelProto, inputs: list[Any], outputs: list[Any], name: str) -> ModelProto:
    """The part of `model` from the tensors `inputs` to the tensors `outputs`, with its constants."""
    part = ModelProto(ir_version=max(model.ir_version, 4), producer_name=model.producer_name)
    part.opset_import.extend(model.opset_import)
    graph, source = part.graph, model.graph
    graph.name = source.name or name
    graph.input.extend(inputs)
    graph.output.extend(outputs)
    ends = {value.name for value in (*inputs, *outputs)}
    graph.node.extend(_needed(source.node, [v.name for v in outputs], {v.name for v in inputs}))
    used = ends.union(*([*node.input, *node.output] for node in graph.node))
    graph.initializer.extend(tensor for tensor in source.initializer if tensor.name in used)
    graph.value_info.extend(value for value in source.value_info if value.name in used - ends)
    graph.quantization_annotation.extend(n for n in source.quantization_annotation if n.tensor_name in used)
    return part


def _several_ends(model: ModelProto, ends: list[str]) -> UserError:
    graph = model.graph
    producers = {name: f"{node.op_type} {node.name}" for node in graph.node for name in node.output}
    places = [f"{name} ({producers.get(name, 'the input image')})" for name in ends[:8]]
    images = [v.name for v in graph.input if v.name not in {t.name for t in graph.initializer}]
    outputs = [value.name for value in graph.output]
    last = outputs[-1] if ends[-1] not in outputs and len(outputs) > 1 else ends[-1]
    cut = f"onnx.utils.extract_model('network.onnx', 'cut.onnx', {images}, {[last]})"
    if len(outputs) > 1:
        return UserError(
            f"the network has {len(outputs)} outputs, from {len(ends)} different layers: {', '.join(outputs[:8])}",
            f"computed from {', '.join(places)}",
            f"choose one: --output-tensor {outputs[0]}, for example (`output_tensor:` in a configuration); the hardware has "
            "one output",
        )
    return UserError(
        f"the output is computed from {len(ends)} tensors behind the last convolution, and hardware has one output",
        f"output {outputs[0]}, computed from {', '.join(places)}",
        "export a network that ends with one convolution, whose result alone the rest reads (without deep supervision), "
        "or cut the file there: " + cut,
    )
