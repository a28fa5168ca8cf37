# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

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
from hw_flows.normal_form.chain import (
    AFFINE,
    PRESERVING,
    QUANTIZERS,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    is_channelwise,
)

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_MAX_ACTIVATION_BITS = 8
#: Scales of channels that meet in a convolution are whole multiples of the smallest, which become part of its weights.
MAX_SCALE_MULTIPLE = 256
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
    """Raises UserError for the first thing in `model`, clean QONNX in normal form, that has no hardware."""
    _check_interface(model)
    nodes = list(model.graph.node)
    if not any(node.op_type in QUANTIZERS for node in nodes):
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
    _check_image_quantizers(model)


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
    if any(d != 1 for d in a.get("dilations", [1])):
        raise _unsupported(
            model,
            node,
            f"a convolution with dilation {list(a['dilations'])} has no hardware",
            "use dilation=1, with a larger kernel or more convolutions in a row for the same reach",
        )
    _check_weights(model, node)
    _check_quantized(model, node, node.input[0], node)
    _check_scales(model, node)


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
    if quantizer is None or quantizer.op_type not in QUANTIZERS:
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
    elif producer.op_type in PRESERVING:
        for name in data_inputs(producer):
            _check_quantized(model, conv, name, producer)
    elif producer.op_type in _CHECKS and producer.op_type not in QUANTIZERS:
        raise _unsupported(
            model,
            producer,
            f"its result goes into {conv.name} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def _check_scales(model: ModelWrapper, conv: Any) -> None:
    """The scales of the activations that `conv` adds up have a common measure."""
    scales = _scales(model, conv.input[0])
    multiples = np.concatenate([np.ravel(s) for s in scales.values()]).astype(np.float64)
    multiples = multiples / multiples.min()
    if np.array_equal(multiples, np.round(multiples)) and multiples.max() <= MAX_SCALE_MULTIPLE:
        return
    by_channel = next((name for name, scale in scales.items() if scale.size > 1), None)
    if by_channel is not None:
        values = ", ".join(f"{v:.6g}" for v in np.ravel(scales[by_channel])[:4])
        raise _unsupported(
            model,
            conv,
            f"the activations that it adds up have a scale for each channel ({by_channel}: {values}, ...)",
            "use one scale for the whole tensor (Brevitas: scaling_per_output_channel=False for activations)",
        )
    raise _different_scales(model, conv, scales)


def _different_scales(model: ModelWrapper, conv: Any, scales: dict[str, np.ndarray]) -> UserError:
    values = ", ".join(f"{float(np.ravel(v)[0]):.6g} ({name})" for name, v in scales.items())
    return _unsupported(
        model,
        conv,
        f"the branches that are joined before it have different scales: {values}",
        "re-train with one quantizer shared by both branches of the Concat (or scales that are whole multiples of each "
        "other, such as powers of two), or quantize again behind the Concat",
    )


def _scales(model: ModelWrapper, tensor: str) -> dict[str, np.ndarray]:
    """Quantizer (or input) -> scale, of all that `tensor` is joined of."""
    producer = model.find_producer(tensor)
    if producer is None:
        return {f"input {tensor}": np.ones(1)}
    if producer.op_type == "Quant":
        scale = model.get_initializer(producer.input[1])
        return {producer.name: np.ones(1) if scale is None else np.asarray(scale)}
    found: dict[str, np.ndarray] = {}
    for name in data_inputs(producer) if producer.op_type in PRESERVING else []:
        found.update(_scales(model, name))
    return found or {producer.name: np.ones(1)}


def _check_image_quantizers(model: ModelWrapper) -> None:
    """One quantizer makes integers of the image: one stream goes into the accelerator."""
    image = next(i.name for i in model.graph.input if model.get_initializer(i.name) is None)
    if model.get_tensor_datatype(image).is_integer():
        return
    first = [
        node
        for node in model.graph.node
        if is_activation_quantizer(model, node) and _reaches_unquantized(model, node.input[0], image)
    ]
    if len(first) > 1:
        names = " and ".join(node.name for node in first)
        raise UserError(
            f"the image is quantized in {len(first)} different ways, by {names}",
            f"input {image}",
            "quantize the image once (one QuantIdentity, 8 bits) and use its result everywhere",
        )


def _reaches_unquantized(model: ModelWrapper, tensor: str, image: str) -> bool:
    """Going back from `tensor` without passing a quantizer, `image` is met."""
    producer = model.find_producer(tensor)
    if producer is None:
        return tensor == image
    return producer.op_type not in QUANTIZERS and any(
        _reaches_unquantized(model, name, image) for name in producer.input if name
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
    if np.any(scale <= 0):
        raise _unsupported(model, node, "the quantizer has a scale that is not positive", _EXPORT)
    if model.get_initializer(node.input[0]) is not None:
        return
    if scale.size > 1 and not is_channelwise(scale, model.get_tensor_shape(node.input[0])[1]):
        raise _unsupported(model, node, f"the quantizer's scale has shape {list(scale.shape)}", "use one scale a tensor")
    _check_before_quantizer(model, node)
    if width > _MAX_ACTIVATION_BITS or (width < 2 and _attributes(node).get("signed", 1)):
        raise _unsupported(
            model,
            node,
            f"activations of {width:g} bits have no hardware",
            f"use 2 to {_MAX_ACTIVATION_BITS} bits (thresholds double with each bit)",
        )


def _check_before_quantizer(model: ModelWrapper, node: Any) -> None:
    """Thresholds can stand for the quantizer and what is before it, back to a convolution, integers or the image."""
    chain = chain_before(model, node)
    before = model.find_producer(chain.source)
    if before is None or before.op_type in _CONVOLUTIONS or not chain.falling_channels(model).any():
        return
    raise _unsupported(
        model,
        node,
        f"between it and {before.name} ({before.op_type}) some channels are multiplied by a negative number (by a batch "
        "normalization, for example), which only a convolution's weights can take up",
        "let the batch normalization follow the convolution, before pooling and quantizers, or make its factors positive",
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
    shape = model.get_tensor_shape(node.output[0])
    for name in node.input[1:] if node.op_type != "BatchNormalization" else []:
        constant = model.get_initializer(name)
        if constant is not None and len(shape) == 4 and not is_channelwise(constant, shape[1]):
            raise _unsupported(
                model,
                node,
                f"a constant of shape {list(constant.shape)}, with a value for each pixel, has no hardware",
                "use one value for the tensor or for each channel, (1, channels, 1, 1)",
            )
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
        and producer.op_type in QUANTIZERS
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
    **dict.fromkeys(AFFINE, _check_affine),
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
