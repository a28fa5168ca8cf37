"""Which quantized networks have hardware: checked on clean QONNX, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.double_precision import repeats_pixels
from hw_flows.errors import UserError

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_QUANTIZERS = ("Quant", "BipolarQuant")
#: Operators that pass integers on as they are.
_INTEGER_PRESERVING = ("MaxPool", "Resize", "Upsample", "Concat", "Identity")
_AFFINE = ("BatchNormalization", "Mul", "Add", "Sub", "Div")
_MAX_ACTIVATION_BITS = 8
_EXPORT = "export the network again with Brevitas' export_qonnx"

_ADVICE = {
    "Pad": "only borders of zeros right before convolutions have hardware: give the convolutions the padding, or choose an "
    "image size that divides by 2 as often as the network halves it, so that nothing has to be padded",
    "QuantizeLinear": "quantize with one constant scale, and with zero points of 0, as Brevitas' export_qonnx writes it",
    "DequantizeLinear": "quantize with one constant scale, and with zero points of 0, as Brevitas' export_qonnx writes it",
    "Sigmoid": "use a quantized ReLU (QuantReLU) inside the network; a sigmoid may only stand at its end",
    "InstanceNormalization": "group, instance and layer normalization divide by statistics of the image, which is no "
    "fixed scale: use batch normalization",
    "AveragePool": "use max-pooling, or a convolution of stride 2",
    "GlobalAveragePool": "use max-pooling, or a convolution of stride 2",
    "LeakyRelu": "use QuantReLU, or QuantIdentity for signed activations",
    "PRelu": "use QuantReLU, or QuantIdentity for signed activations",
}
_ADVICE |= dict.fromkeys(("GroupNormalization", "LayerNormalization", "ReduceMean"), _ADVICE["InstanceNormalization"])


def check_supported(model: ModelWrapper) -> None:
    """Raises UserError for the first thing in the clean QONNX `model` that has no hardware."""
    _check_interface(model)
    nodes = list(model.graph.node)
    if not any(node.op_type in _QUANTIZERS for node in nodes):
        raise UserError(
            "the network has no quantizers: this is a floating-point model",
            f"graph {model.graph.name}, {len(nodes)} operators",
            "train it quantized (qu-train, or Brevitas layers) and export with brevitas.export.export_qonnx",
        )
    if not any(node.op_type in _CONVOLUTIONS for node in nodes):
        raise UserError("the network has no convolution", f"graph {model.graph.name}", "bring a U-Net-like network")
    inside = list(_before_last_convolution(model))
    unknown = [node for node in inside if node.op_type not in _CHECKS]
    for node in sorted(unknown, key=lambda node: node.op_type not in _ADVICE):  # a norm, not the Reshape before it
        raise _unsupported(
            model, node, f"{node.op_type} has no hardware", _ADVICE.get(node.op_type, _operators_with_hardware())
        )
    for node in inside:
        _CHECKS[node.op_type](model, node)


def _check_interface(model: ModelWrapper) -> None:
    inputs = [i.name for i in model.graph.input if model.get_initializer(i.name) is None]
    outputs = [o.name for o in model.graph.output]
    if len(inputs) != 1 or len(outputs) != 1:
        raise UserError(
            f"the network has {len(inputs)} inputs and {len(outputs)} outputs",
            f"inputs {', '.join(inputs)}; outputs {', '.join(outputs)}",
            "export a network with one image as input and one as output",
        )
    shape = model.get_tensor_shape(inputs[0])
    if shape is None or len(shape) != 4 or shape[0] != 1:
        raise UserError(
            f"the network's input has shape {shape}",
            f"input {inputs[0]}",
            "export with one image, (1, channels, height, width), of a fixed size",
        )


def _before_last_convolution(model: ModelWrapper) -> Iterator[Any]:
    """Nodes that a convolution depends on, and the convolutions, in graph order."""
    needed: set[str] = set()
    chosen = []
    for node in reversed(model.graph.node):
        if node.op_type in _CONVOLUTIONS or needed.intersection(node.output):
            needed.update(node.input)
            chosen.append(node)
    return reversed(chosen)


def _check_convolution(model: ModelWrapper, node: Any) -> None:
    a = _attributes(node)
    if len(model.get_tensor_shape(node.input[0])) != 4:
        raise _unsupported(model, node, "only two-dimensional convolutions have hardware", "use Conv2d")
    if a.get("group", 1) != 1:
        raise _unsupported(
            model,
            node,
            f"a convolution in {a['group']} groups (depthwise, for example) has no hardware",
            "use a convolution with groups=1",
        )
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b""):
        raise _unsupported(model, node, "automatic padding has no hardware", "give the padding as numbers")
    kernel = list(model.get_tensor_shape(node.input[1])[2:])
    if list(a.get("kernel_shape", kernel)) != kernel:
        raise _unsupported(model, node, f"the kernel is said to be {list(a['kernel_shape'])}, but is {kernel}", _EXPORT)
    _check_numbers(model, node, {"strides": (2, 1), "dilations": (2, 1), "pads": (4, 0)})
    _check_weights(model, node)
    _check_quantized(model, node, node.input[0], node)


def _check_conv_transpose(model: ModelWrapper, node: Any) -> None:
    _check_convolution(model, node)
    a = _attributes(node)
    kernel = list(model.get_tensor_shape(node.input[1])[2:])
    strides = list(a.get("strides", [1, 1]))
    other = [k for k in ("pads", "output_padding") if any(a.get(k, [0]))]
    if strides != kernel or other or any(d != 1 for d in a.get("dilations", [1])):
        details = f"kernel {kernel}, stride {strides}" + "".join(f", {k} {list(a[k])}" for k in other)
        raise _unsupported(
            model,
            node,
            f"a transposed convolution whose windows overlap has no hardware: {details}",
            "use a kernel equal to the stride without padding (2x2, stride 2), or nearest upsampling and a convolution",
        )


def _check_numbers(model: ModelWrapper, node: Any, wanted: dict[str, tuple[int, int]]) -> None:
    """Attributes are lists of so many whole numbers, none less than so much."""
    for name, (count, least) in wanted.items():
        values = _attributes(node).get(name)
        if values is not None and (len(values) != count or min(values) < least):
            raise _unsupported(
                model, node, f"{name} are {list(values)[:8]}", f"give {count} numbers of at least {least}, or leave them out"
            )


def _check_weights(model: ModelWrapper, node: Any) -> None:
    quantizer = model.find_producer(node.input[1])
    if quantizer is None or quantizer.op_type not in _QUANTIZERS:
        raise _unsupported(
            model, node, "the weights are not quantized", "use a Brevitas layer (QuantConv2d) with a weight quantizer"
        )


def _check_quantized(model: ModelWrapper, conv: Any, tensor: str, reader: Any) -> None:
    """Going back from `tensor`, a quantizer comes before any arithmetic."""
    producer = model.find_producer(tensor)
    if producer is None:
        if not model.get_tensor_datatype(tensor).is_integer():
            raise UserError(
                f"the network's input goes into {conv.name} without a quantizer",
                f"input {tensor}, read by {reader.name} ({reader.op_type})",
                "begin the network with a quantizer (Brevitas QuantIdentity, 8 bits), or annotate the input as UINT8",
            )
    elif producer.op_type in _INTEGER_PRESERVING:
        branches = producer.input if producer.op_type == "Concat" else producer.input[:1]
        for name in branches:
            _check_quantized(model, conv, name, producer)
    elif producer.op_type in _CHECKS and producer.op_type not in _QUANTIZERS:
        raise _unsupported(
            model,
            producer,
            f"its result goes into {conv.name} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def _check_quant(model: ModelWrapper, node: Any) -> None:
    scale, zero_point, bits = (model.get_initializer(name) for name in node.input[1:4])
    if scale is None or zero_point is None or bits is None:
        raise _unsupported(model, node, "the quantizer's scale or width is computed at run time", "freeze it first")
    width = float(np.ravel(bits)[0])
    if bits.size != 1 or width != round(width):
        raise _unsupported(
            model,
            node,
            f"the bit width {np.ravel(bits)[:4].tolist()} is not one whole number",
            "freeze learned bit widths to whole numbers before the export",
        )
    if np.any(zero_point != 0):
        raise _unsupported(
            model, node, "the quantizer has a zero point other than 0", "use a symmetric or unsigned quantizer"
        )
    mode = _attributes(node).get("rounding_mode", b"ROUND").decode().upper()
    if mode not in ("ROUND", "HALF_EVEN"):
        raise _unsupported(model, node, f"rounding mode {mode} has no hardware", "use Brevitas' default, ROUND")
    if model.get_initializer(node.input[0]) is not None:
        return
    if width > _MAX_ACTIVATION_BITS or (width < 2 and _attributes(node).get("signed", 1)):
        raise _unsupported(
            model,
            node,
            f"activations of {width:g} bits have no hardware",
            f"use 2 to {_MAX_ACTIVATION_BITS} bits (thresholds double with each bit)",
        )


def _check_bipolar(model: ModelWrapper, node: Any) -> None:
    if model.get_initializer(node.input[0]) is None:
        raise _unsupported(
            model, node, "bipolar activations (-1, +1) cannot hold the 0 of a padded border", "use 2 bits or more"
        )


def _check_max_pool(model: ModelWrapper, node: Any) -> None:
    a = _attributes(node)
    _check_numbers(model, node, {"kernel_shape": (2, 1), "strides": (2, 1), "dilations": (2, 1), "pads": (4, 0)})
    kernel, strides = list(a["kernel_shape"]), list(a.get("strides", [1, 1]))
    image = list(model.get_tensor_shape(node.input[0])[2:])
    if kernel != strides or any(a.get("pads", [0])) or any(d != 1 for d in a.get("dilations", [1])):
        raise _unsupported(
            model,
            node,
            f"a max-pool whose windows overlap has no hardware: kernel {kernel}, stride {strides}, "
            f"pads {list(a.get('pads', [0]))}",
            "use a kernel equal to the stride without padding (MaxPool2d(2))",
        )
    if any(size % k for size, k in zip(image, kernel, strict=True)):
        raise _unsupported(
            model,
            node,
            f"the image of {image[0]}x{image[1]} does not divide into windows of {kernel[0]}x{kernel[1]}",
            "choose an image size that divides by 2 as often as the network halves it",
        )


def _check_resize(model: ModelWrapper, node: Any) -> None:
    a = _attributes(node)
    mode = a.get("mode", b"nearest").decode()
    before, after = model.get_tensor_shape(node.input[0]), model.get_tensor_shape(node.output[0])
    transform = a.get("coordinate_transformation_mode", b"half_pixel").decode()
    whole = len(before) == 4 and before[:2] == after[:2] and all(o % i == 0 for i, o in zip(before, after, strict=True))
    if mode != "nearest" or not whole or (node.op_type == "Resize" and not repeats_pixels(a, np.divide(after, before))):
        raise _unsupported(
            model,
            node,
            f"resizing by {mode} ({transform}) from {before} to {after} has no hardware",
            'use nn.Upsample(mode="nearest") with a whole factor, or a transposed convolution',
        )


def _check_concat(model: ModelWrapper, node: Any) -> None:
    if _attributes(node)["axis"] not in (1, -3):
        raise _unsupported(model, node, "joining along an axis other than the channels has no hardware", "join axis 1")
    repeated = next((name for place, name in enumerate(node.input) if name in node.input[:place]), None)
    if repeated is not None:
        raise _unsupported(
            model,
            node,
            f"it joins {repeated} with itself, which has no hardware",
            "join it once: a convolution of half as many input channels can compute the same",
        )


def _check_affine(model: ModelWrapper, node: Any) -> None:
    dynamic = [name for name in node.input if model.get_initializer(name) is None and not _is_constant(model, name)]
    if len(dynamic) > 1:
        raise _unsupported(
            model,
            node,
            f"{node.op_type} of two branches ({' and '.join(dynamic)}) has no hardware",
            "join branches with Concat, as a U-Net does",
        )


def _is_constant(model: ModelWrapper, name: str) -> bool:
    producer = model.find_producer(name)
    return (
        producer is not None
        and producer.op_type in _QUANTIZERS
        and model.get_initializer(producer.input[0]) is not None
    )


def _nothing(model: ModelWrapper, node: Any) -> None:
    """Has hardware, or disappears, whatever its attributes."""


_CHECKS = {
    "Conv": _check_convolution,
    "ConvTranspose": _check_conv_transpose,
    "Quant": _check_quant,
    "BipolarQuant": _check_bipolar,
    "MaxPool": _check_max_pool,
    "Resize": _check_resize,
    "Upsample": _check_resize,
    "Concat": _check_concat,
    "Relu": _nothing,
    "Identity": _nothing,
    **dict.fromkeys(_AFFINE, _check_affine),
}


def _operators_with_hardware() -> str:
    return "operators with hardware: " + ", ".join(sorted(_CHECKS))


def _attributes(node: Any) -> dict[str, Any]:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def _unsupported(model: ModelWrapper, node: Any, what: str, fix: str) -> UserError:
    return UserError(f"{node.name} ({node.op_type}): {what}", describe_place(model, node), fix)


def describe_place(model: ModelWrapper, node: Any) -> str:
    """Name, type and neighbours of a node, for messages."""
    before = [f"{p.name} ({p.op_type})" for p in model.find_direct_predecessors(node) or []]
    after = [f"{s.name} ({s.op_type})" for s in model.find_direct_successors(node) or []]
    return (
        f"node {node.name} ({node.op_type}), between {', '.join(before) or 'the input'} "
        f"and {', '.join(after) or 'the output'}"
    )
