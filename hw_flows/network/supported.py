# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import quantize_weights
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    is_channelwise,
    is_quantized,
    passing,
)
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Check, has_hardware, unsupported

_MAX_ACTIVATION_BITS = 8
_MAX_WEIGHT_BITS = 8
#: Scales of channels that meet in a convolution are whole multiples of the smallest, which become part of its weights.
MAX_SCALE_MULTIPLE = 256
#: What float32 counts exactly: FINN's Python models compute in it.
MAX_INTEGER_BITS = 24
_EXPORT = "export the network again with Brevitas' export_qonnx"

_ADVICE = {
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
    products = _products()
    if not any(node.op_type in products for node in nodes):
        raise UserError("the network has no convolution", f"graph {model.graph.name}", "bring a U-Net-like network")
    inside = list(_before_last_convolution(model))
    checks = _checks()
    unknown = [node for node in inside if node.op_type not in checks]
    for node in sorted(unknown, key=lambda node: node.op_type not in _ADVICE):  # a norm, not the Reshape before it
        raise unsupported(
            model, node, f"{node.op_type} has no hardware", _ADVICE.get(node.op_type, _operators_with_hardware())
        )
    for node in inside:
        checks[node.op_type](model, node)
        if (kind := passing(node)) is not None and kind.parts(model, node) > 1:
            _check_interpolated(model, node)
        if node.op_type in products:
            _check_products(model, node)
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
    products = _products()
    chosen = []
    for node in reversed(model.graph.node):
        if node.op_type in products or needed.intersection(node.output):
            needed.update(node.input)
            chosen.append(node)
    return reversed(chosen)


def _check_products(model: ModelWrapper, node: Any) -> None:
    _check_weights(model, node)
    _check_quantized(model, node, node.input[0], node)
    _check_scales(model, node)
    _check_width(model, node)


def _check_weights(model: ModelWrapper, node: Any) -> None:
    quantizer = model.find_producer(node.input[1])
    if quantizer is None or quantizer.op_type not in QUANTIZERS:
        raise unsupported(
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
    elif passing(producer) is not None:
        for name in data_inputs(producer):
            _check_quantized(model, conv, name, producer)
    elif producer.op_type in _checks() and producer.op_type not in QUANTIZERS:
        raise unsupported(
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
        _check_multiplied_weights(model, conv, scales, int(multiples.max()))
        return
    by_channel = next((name for name, scale in scales.items() if scale.size > 1), None)
    if by_channel is not None:
        values = ", ".join(f"{v:.6g}" for v in np.ravel(scales[by_channel])[:4])
        raise unsupported(
            model,
            conv,
            f"the activations that it adds up have a scale for each channel ({by_channel}: {values}, ...)",
            "use one scale for the whole tensor (Brevitas: scaling_per_output_channel=False for activations)",
        )
    raise _different_scales(model, conv, scales)


def _check_multiplied_weights(model: ModelWrapper, conv: Any, scales: dict[str, np.ndarray], most: int) -> None:
    """The weights of the branches with larger scales become so many times as large, and fit."""
    quantizer = model.find_producer(conv.input[1])
    if most == 1 or quantizer.op_type != "Quant":
        return
    values = [np.asarray(model.get_initializer(name), np.float64) for name in quantizer.input]
    integers = most * np.round(quantize_weights(attributes_of(quantizer), values) / values[1])
    if integers.min() >= -(2 ** (_MAX_WEIGHT_BITS - 1)) and integers.max() < 2 ** (_MAX_WEIGHT_BITS - 1):
        return
    listed = ", ".join(f"{float(np.ravel(v)[0]):.6g} ({name})" for name, v in scales.items())
    raise unsupported(
        model,
        conv,
        f"the branches that are joined before it have different scales, {listed}: some weights would be {most} times as "
        f"large, which is more than {_MAX_WEIGHT_BITS} bits",
        "quantize all branches of the Concat by one quantizer, an interpolated one behind its nn.Upsample, or use fewer bits "
        "for the weights",
    )


def _different_scales(model: ModelWrapper, conv: Any, scales: dict[str, np.ndarray]) -> UserError:
    values = ", ".join(f"{float(np.ravel(v)[0]):.6g} ({name})" for name, v in scales.items())
    return unsupported(
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
    if (kind := passing(producer)) is not None:
        parts = kind.parts(model, producer)
        for name in data_inputs(producer):
            for key, scale in _scales(model, name).items():
                found[key if parts == 1 else f"{key} behind {producer.name}"] = scale / parts
    return found or {producer.name: np.ones(1)}


def _check_width(model: ModelWrapper, conv: Any) -> None:
    """What `conv` multiplies has no more bits than a quantizer may have: interpolation makes it wider."""
    bits, node = _width(model, conv.input[0])
    if node is not None and bits > _MAX_ACTIVATION_BITS:
        raise unsupported(
            model,
            node,
            f"what it interpolates goes into {conv.name} ({conv.op_type}) with {bits} bits, which is more than "
            f"{_MAX_ACTIVATION_BITS}",
            f"put a quantizer (QuantIdentity) behind {node.name} (the nn.Upsample)",
        )


def _width(model: ModelWrapper, tensor: str) -> tuple[int, Any]:
    """Most bits of the integers that `tensor` is joined of, and the node that makes them wider than their quantizer."""
    producer = model.find_producer(tensor)
    kind = None if producer is None else passing(producer)
    if kind is not None:
        bits, node = max((_width(model, name) for name in data_inputs(producer)), key=lambda found: found[0])
        parts = kind.parts(model, producer)
        return (bits, node) if parts == 1 else (bits + (parts - 1).bit_length(), producer)
    if producer is None or producer.op_type != "Quant":
        return 0, None
    return int(np.ravel(model.get_initializer(producer.input[3]))[0]), None


def _check_interpolated(model: ModelWrapper, node: Any) -> None:
    """What is interpolated has been quantized, or is what a convolution has added up: sums of it are exact."""
    before = node.input[0]
    while not is_quantized(model, before):
        producer = model.find_producer(before)
        if producer is None or producer.op_type in _products():
            return
        if producer.op_type not in AFFINE and passing(producer) is None:
            raise unsupported(
                model,
                node,
                f"it interpolates what {producer.name} ({producer.op_type}) gives before that is quantized",
                f"put a quantizer (QuantReLU, QuantIdentity) before {node.name} (the nn.Upsample)",
            )
        before = producer.input[0]
    bits, _ = _width(model, node.output[0])
    if bits > MAX_INTEGER_BITS:
        raise unsupported(
            model,
            node,
            f"interpolating makes integers of {bits} bits of it, more than {MAX_INTEGER_BITS}",
            "quantize to fewer bits before it, or upsample with align_corners=False",
        )


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
        raise unsupported(model, node, "the quantizer's scale or width is computed at run time", "freeze it first")
    width = float(np.ravel(bits)[0])
    if bits.size != 1 or width != round(width):
        raise unsupported(
            model,
            node,
            f"the bit width {np.ravel(bits)[:4].tolist()} is not one whole number",
            "freeze learned bit widths to whole numbers before the export",
        )
    if np.any(zero_point != 0):
        raise unsupported(
            model, node, "the quantizer has a zero point other than 0", "use a symmetric or unsigned quantizer"
        )
    mode = attributes_of(node).get("rounding_mode", b"ROUND").decode().upper()
    if mode not in ("ROUND", "HALF_EVEN"):
        raise unsupported(model, node, f"rounding mode {mode} has no hardware", "use Brevitas' default, ROUND")
    if np.any(scale <= 0):
        raise unsupported(model, node, "the quantizer has a scale that is not positive", _EXPORT)
    if model.get_initializer(node.input[0]) is not None:
        return
    if scale.size > 1 and not is_channelwise(scale, model.get_tensor_shape(node.input[0])[1]):
        raise unsupported(model, node, f"the quantizer's scale has shape {list(scale.shape)}", "use one scale a tensor")
    _check_before_quantizer(model, node)
    if width > _MAX_ACTIVATION_BITS or (width < 2 and attributes_of(node).get("signed", 1)):
        raise unsupported(
            model,
            node,
            f"activations of {width:g} bits have no hardware",
            f"use 2 to {_MAX_ACTIVATION_BITS} bits (thresholds double with each bit)",
        )


def _check_before_quantizer(model: ModelWrapper, node: Any) -> None:
    """Thresholds can stand for the quantizer and what is before it, back to a convolution, integers or the image."""
    chain = chain_before(model, node)
    before = model.find_producer(chain.source)
    kind = None if before is None else passing(before)
    if kind is not None and kind.inserts_zeros(model, before) and not is_quantized(model, chain.source):
        raise unsupported(
            model,
            node,
            f"zeros that {before.name} ({before.op_type}) puts around the image are not 0 any more once they are quantized "
            "(there is a bias or a batch normalization between)",
            f"put the quantizer before {before.name}",
        )
    if before is None or before.op_type in _products() or not chain.falling_channels(model).any():
        return
    raise unsupported(
        model,
        node,
        f"between it and {before.name} ({before.op_type}) some channels are multiplied by a negative number (by a batch "
        "normalization, for example), which only a convolution's weights can take up",
        "let the batch normalization follow the convolution, before pooling and quantizers, or make its factors positive",
    )


def _check_bipolar(model: ModelWrapper, node: Any) -> None:
    if model.get_initializer(node.input[0]) is None:
        raise unsupported(
            model, node, "bipolar activations (-1, +1) cannot hold the 0 of a padded border", "use 2 bits or more"
        )


def _check_affine(model: ModelWrapper, node: Any) -> None:
    shape = model.get_tensor_shape(node.output[0])
    for name in node.input[1:] if node.op_type != "BatchNormalization" else []:
        constant = model.get_initializer(name)
        if constant is not None and len(shape) == 4 and not is_channelwise(constant, shape[1]):
            raise unsupported(
                model,
                node,
                f"a constant of shape {list(constant.shape)}, with a value for each pixel, has no hardware",
                "use one value for the tensor or for each channel, (1, channels, 1, 1)",
            )
    dynamic = [name for name in node.input if model.get_initializer(name) is None and not _is_constant(model, name)]
    if len(dynamic) > 1:
        raise unsupported(
            model,
            node,
            f"{node.op_type} of two branches ({' and '.join(dynamic)}) has no hardware",
            "join branches with Concat, as a U-Net does",
        )


def _is_constant(model: ModelWrapper, name: str) -> bool:
    producer = model.find_producer(name)
    return (
        producer is not None and producer.op_type in QUANTIZERS and model.get_initializer(producer.input[0]) is not None
    )


def _checks() -> dict[str, Check]:
    """ONNX operator type -> its check, for all that have hardware or vanish in thresholds."""
    found: dict[str, Check] = {
        "Quant": _check_quant,
        "BipolarQuant": _check_bipolar,
        "Relu": has_hardware,
        "Identity": has_hardware,
        **dict.fromkeys(AFFINE, _check_affine),
    }
    for front_end in front_ends():
        found.update(front_end.checks)
    return found


def _products() -> set[str]:
    """Operators that add up products of weights and activations."""
    return {op_type for front_end in front_ends() for op_type in front_end.products}


def _operators_with_hardware() -> str:
    return "operators with hardware: " + ", ".join(sorted(_checks()))
