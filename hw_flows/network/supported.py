# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.machine.errors import UserError
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    is_channelwise,
    passing,
)
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Check, has_hardware, unsupported
from hw_flows.operators.matrix_vector.network import is_depthwise

_MAX_ACTIVATION_BITS = 8
#: Of what a convolution reads: activations, or sums of them (average pools).
_MAX_FACTOR_BITS = 9
#: Of sums of activations: whole numbers that float32 counts.
_MAX_SUM = 2**24
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
    "LeakyRelu": "use QuantReLU, or QuantIdentity for signed activations",
    "PRelu": "use QuantReLU, or QuantIdentity for signed activations",
}
_ADVICE |= dict.fromkeys(("GroupNormalization", "LayerNormalization"), _ADVICE["InstanceNormalization"])


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
        if node.op_type in products:
            _check_products(model, node)
        elif node.op_type in _averages():
            _check_quantized(model, node, node.input[0], node)
            _check_counted(model, node)
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
    elif producer.op_type in _averages() and conv.op_type in (*_products(), *_averages()):
        if conv.op_type in _products():
            _check_sum(model, conv, producer)
    elif producer.op_type in _checks() and producer.op_type not in QUANTIZERS:
        raise unsupported(
            model,
            producer,
            f"its result goes into {conv.name} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def _check_counted(model: ModelWrapper, average: Any) -> None:
    """The sum that stands for an average can be checked in float32, as FINN's models compute."""
    low, high = integer_range(model, average.output[0])
    if max(-low, high) > _MAX_SUM:
        raise unsupported(
            model,
            average,
            f"its sums over {_averages()[average.op_type](model, average)} pixels reach {max(-low, high)}, more than {_MAX_SUM}",
            "use fewer bits for the activations before it, or average and quantize in two steps",
        )


def _check_sum(model: ModelWrapper, conv: Any, average: Any) -> None:
    """The sum that stands for an average can be multiplied."""
    low, high = integer_range(model, average.output[0])
    bits = max(high.bit_length() + (low < 0), (-low - 1).bit_length() + 1 if low < 0 else 0)
    if bits > _MAX_FACTOR_BITS:
        raise unsupported(
            model,
            average,
            f"its sums over {_averages()[average.op_type](model, average)} pixels have {bits} bits, and go into {conv.name} "
            f"({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def integer_range(model: ModelWrapper, tensor: str) -> tuple[int, int]:
    """Least and largest integer of a tensor that is quantized, or a sum of such; in units of its scale."""
    producer = model.find_producer(tensor)
    if producer is None:
        datatype = model.get_tensor_datatype(tensor)
        return int(datatype.min()), int(datatype.max())
    if producer.op_type in _averages():
        count = _averages()[producer.op_type](model, producer)
        low, high = integer_range(model, producer.input[0])
        return count * low, count * high
    if passing(producer) is not None:
        ranges = [integer_range(model, name) for name in data_inputs(producer)]
        return min(low for low, _ in ranges), max(high for _, high in ranges)
    if producer.op_type != "Quant":
        return -1, 1
    bits, signed = int(np.ravel(model.get_initializer(producer.input[3]))[0]), attributes_of(producer).get("signed", 1)
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def _check_scales(model: ModelWrapper, conv: Any) -> None:
    """The scales of the activations that `conv` adds up have a common measure."""
    if is_depthwise(model, conv):
        return  # it adds up activations of one channel
    scales = _scales(model, conv.input[0])
    multiples = np.concatenate([np.ravel(s) for s in scales.values()]).astype(np.float64)
    if whole_multiples(multiples / multiples.min()) is not None:
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


def whole_multiples(ratios: np.ndarray) -> np.ndarray | None:
    """Ratios of scales as whole numbers; None where they are none, or too large for weights.

    Scales are float32, so their ratios are whole or miss it by far more than float64 rounds in dividing one by the pixels
    of an average.
    """
    rounded = np.round(ratios)
    close = np.allclose(ratios, rounded, rtol=1e-12, atol=0)
    return rounded if close and np.abs(rounded).max() <= MAX_SCALE_MULTIPLE else None


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
    if producer.op_type in _averages():
        count = _averages()[producer.op_type](model, producer)
        return {
            name: np.asarray(scale, np.float64) / count for name, scale in _scales(model, producer.input[0]).items()
        }
    found: dict[str, np.ndarray] = {}
    for name in data_inputs(producer) if passing(producer) is not None else []:
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


def _averages() -> dict[str, Callable[[ModelWrapper, Any], int]]:
    """Operators that average activations, with how many."""
    return {op_type: count for front_end in front_ends() for op_type, count in front_end.averages.items()}


def _operators_with_hardware() -> str:
    return "operators with hardware: " + ", ".join(sorted(_checks()))
