# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.functions import FUNCTIONS
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    Chain,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    is_channelwise,
    is_elementwise,
    is_function,
    is_quantized,
    passing,
)
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.network.thresholds import differs_by_channel, rises, staircase
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Check, has_hardware, unsupported
from hw_flows.operators.matrix_vector.network import is_depthwise

_MAX_ACTIVATION_BITS = 8
_MAX_WEIGHT_BITS = 8
#: The host quantizes the image.
_MAX_IMAGE_BITS = 16
#: Of what a convolution reads: activations, or sums of them (average pools).
_MAX_FACTOR_BITS = 9
#: Scales of channels that meet in a convolution are whole multiples of the smallest, which become part of its weights.
MAX_SCALE_MULTIPLE = 256
#: What float32 counts exactly: FINN's Python models compute in it.
MAX_INTEGER_BITS = 24

_ADVICE = {
    "QuantizeLinear": "quantize with one constant scale, and with zero points of 0, as Brevitas' export_qonnx writes it",
    "DequantizeLinear": "quantize with one constant scale, and with zero points of 0, as Brevitas' export_qonnx writes it",
    "InstanceNormalization": "group, instance and layer normalization divide by statistics of the image, which is no "
    "fixed scale: use batch normalization",
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
    inside = list(_before_last_convolution(model, products))
    checks = _checks()
    unknown = [node for node in inside if node.op_type not in checks]
    for node in sorted(unknown, key=lambda node: node.op_type not in _ADVICE):  # a norm, not the Reshape before it
        raise unsupported(
            model, node, f"{node.op_type} has no hardware", _ADVICE.get(node.op_type, _operators_with_hardware(checks))
        )
    absorbed = {
        name
        for quantizer in model.graph.node
        if is_activation_quantizer(model, quantizer)
        for node in chain_before(model, quantizer).nodes
        for name in node.output
    }
    for node in inside:
        checks[node.op_type](model, node)
        _check_followed(model, node, absorbed)
        if (kind := passing(node)) is not None and kind.parts(model, node) > 1:
            _check_interpolated(model, node)
        if node.op_type in products:
            _check_products(model, node, checks)
        elif node.op_type in _averages():
            _check_quantized(model, node, node.input[0], node, checks)
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


def _before_last_convolution(model: ModelWrapper, products: Collection[str]) -> Iterator[Any]:
    """Nodes that a convolution depends on, and the convolutions, in graph order."""
    needed: set[str] = set()
    chosen = []
    for node in reversed(model.graph.node):
        if node.op_type in products or needed.intersection(node.output):
            needed.update(node.input)
            chosen.append(node)
    return reversed(chosen)


def _check_products(model: ModelWrapper, node: Any, checks: Mapping[str, Check]) -> None:
    _check_weights(model, node)
    _check_quantized(model, node, node.input[0], node, checks)
    _check_scales(model, node)
    _check_width(model, node)


def _check_weights(model: ModelWrapper, node: Any) -> None:
    quantizer = model.find_producer(node.input[1])
    if quantizer is None or quantizer.op_type not in QUANTIZERS:
        raise unsupported(
            model, node, "the weights are not quantized", "use a Brevitas layer (QuantConv2d) with a weight quantizer"
        )
    bits = 1 if quantizer.op_type == "BipolarQuant" else int(np.ravel(model.get_initializer(quantizer.input[3]))[0])
    if bits > _MAX_WEIGHT_BITS:
        raise unsupported(
            model,
            node,
            f"its weights have {bits} bits, at most {_MAX_WEIGHT_BITS} have hardware",
            f"quantize the weights to {_MAX_WEIGHT_BITS} bits or fewer",
        )


def _check_quantized(model: ModelWrapper, conv: Any, tensor: str, reader: Any, checks: Mapping[str, Check]) -> None:
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
            _check_quantized(model, conv, name, producer, checks)
    elif producer.op_type in _averages() and conv.op_type in _products():
        _check_sum(model, conv, producer)
    elif producer.op_type in checks and producer.op_type not in QUANTIZERS:
        raise unsupported(
            model,
            producer,
            f"its result goes into {conv.name} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
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
    quantizer = activation_quantizer(model, producer)
    return quantizer.low, quantizer.high


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
    if (kind := passing(producer)) is not None:
        parts = kind.parts(model, producer)
        for name in data_inputs(producer):
            found.update({key: scale / parts for key, scale in _scales(model, name).items()})
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


def _check_activations(model: ModelWrapper, node: Any) -> None:
    """A quantizer of activations: `quantizer.check_quantizer` has looked at it before anything was moved."""
    if model.get_initializer(node.input[0]) is not None:
        return
    quantizer = activation_quantizer(model, node)
    shape = model.get_tensor_shape(node.input[0])
    scale = model.get_initializer(node.input[1])
    if scale.size > 1 and not is_channelwise(scale, shape[1]):
        raise unsupported(model, node, f"the quantizer's scale has shape {list(scale.shape)}", "use one scale a tensor")
    if node.op_type == "Quant" and model.get_initializer(node.input[2]).size > 1:
        raise unsupported(
            model,
            node,
            "the quantizer has a zero point for each channel",
            "use one zero point for the whole tensor (Brevitas: scaling_per_output_channel=False for activations)",
        )
    chain = chain_before(model, node)
    _check_before_quantizer(model, node, chain)
    before = model.find_producer(chain.source)
    most = _MAX_IMAGE_BITS if before is None else _MAX_ACTIVATION_BITS
    if len(quantizer.bounds) >= 2**most:
        raise unsupported(
            model,
            node,
            f"activations of {quantizer.datatype.bitwidth()} bits have no hardware",
            f"use at most {most} bits (thresholds double with each bit)",
        )


def _check_before_quantizer(model: ModelWrapper, node: Any, chain: Chain) -> None:
    """Thresholds can stand for the quantizer and what is before it, back to a convolution, integers or the image."""
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
    if before is not None and before.op_type not in _products() and chain.falling_channels(model).any():
        raise unsupported(
            model,
            node,
            f"between it and {before.name} ({before.op_type}) some channels are multiplied by a negative number (by a "
            "batch normalization, for example), which only a convolution's weights can take up",
            "let the batch normalization follow the convolution, before pooling and quantizers, or make its factors "
            "positive",
        )
    functions = chain.split(model)[1]
    if rises(model, functions):
        return
    first = functions.nodes[0]
    if before is not None and before.op_type not in _products() and not is_quantized(model, chain.source):
        raise unsupported(
            model,
            first,
            f"its result falls where its input rises, and {before.name} ({before.op_type}) before it reads values that no "
            "quantizer has rounded",
            f"put a quantizer (QuantIdentity) before {before.name}, or {before.name} behind the quantizer {node.name}",
        )
    if differs_by_channel(model, functions):
        raise unsupported(
            model,
            first,
            "its result falls where its input rises, and not in all channels alike",
            "use one slope and one scale for the whole tensor, or slopes that are not negative",
        )
    steps = staircase(model, functions).thresholds.shape[1]
    if steps >= 2**_MAX_ACTIVATION_BITS:
        raise unsupported(
            model,
            first,
            f"its result falls and rises in {steps} steps of {node.name}, at most {2**_MAX_ACTIVATION_BITS - 1} have hardware",
            "quantize it to fewer bits",
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


def _check_function(model: ModelWrapper, node: Any) -> None:
    """A function of activations, which vanishes in the thresholds of the quantizer behind it."""
    if not is_elementwise(model, node):
        raise unsupported(
            model,
            node,
            f"{node.op_type} has hardware as a function of each activation alone, the same within a channel",
            "give its other inputs as constants, one for the tensor or one for each channel",
        )


def _check_followed(model: ModelWrapper, node: Any, absorbed: set[str]) -> None:
    """A function is `absorbed` in the thresholds of a quantizer behind it."""
    if is_function(node) and node.output[0] not in absorbed:
        raise unsupported(
            model,
            node,
            "no quantizer follows it",
            "put a quantizer (QuantReLU or QuantIdentity) behind it: both together become thresholds",
        )
    dynamic = [name for name in node.input if model.get_initializer(name) is None and not _is_constant(model, name)]
    if node.op_type in AFFINE and len(dynamic) > 1 and node.output[0] not in absorbed:
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
        **dict.fromkeys(QUANTIZERS, _check_activations),
        "Relu": has_hardware,
        **dict.fromkeys(FUNCTIONS, _check_function),
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


def _operators_with_hardware(checks: Mapping[str, Check]) -> str:
    return "operators with hardware: " + ", ".join(sorted(checks))
