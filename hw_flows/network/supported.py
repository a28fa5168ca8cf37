# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_of, maker_of
from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import quantize_weights
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
from hw_flows.network.sums import MAX_SCALE_MULTIPLE, check_sum, exact_sum, is_activation, is_sum
from hw_flows.network.thresholds import differs_by_channel, rises, staircase
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Check, Unsupported, has_hardware, unsupported
from hw_flows.operators.matrix_vector.network import is_depthwise

_MAX_ACTIVATION_BITS = 8
_MAX_WEIGHT_BITS = 8
#: The host quantizes the image.
_MAX_IMAGE_BITS = 16
#: Of what a convolution reads: activations, or sums of them (average pools, added branches).
_MAX_FACTOR_BITS = 9
#: What float32 counts exactly: FINN's Python models compute in it.
MAX_INTEGER_BITS = 24

_ADVICE = {
    "InstanceNormalization": "group, instance and layer normalization divide by statistics of the image, which is no "
    "fixed scale: use batch normalization",
}
_ADVICE |= dict.fromkeys(
    ("QuantizeLinear", "DequantizeLinear"),
    "let DequantizeLinear follow QuantizeLinear with the same constant scale and zero point, one for the tensor or one a "
    "channel, as quantize_static of ONNX Runtime (QuantFormat.QDQ) and Brevitas write them",
)
_ADVICE |= dict.fromkeys(("GroupNormalization", "LayerNormalization"), _ADVICE["InstanceNormalization"])


@dataclass(frozen=True)
class Complaint:
    """Why there is no hardware for a layer, by the author's name; None: for the network as a whole."""

    layer: str | None
    error: UserError


def check_supported(model: ModelWrapper) -> None:
    """Raises UserError for the first thing in `model`, clean QONNX in normal form, that has no hardware."""
    for complaint in complaints(model):
        raise complaint.error


def complaints(model: ModelWrapper) -> Iterator[Complaint]:
    """All in `model`, clean QONNX in normal form, that has no hardware: the likeliest cause of the others first."""
    try:
        _check_network(model)
    except UserError as error:
        yield Complaint(None, error)
        return
    checks, products = _checks(), _products()
    inside = list(_before_last_convolution(model, products))
    unknown = [node for node in inside if node.op_type not in checks]
    for node in sorted(unknown, key=lambda node: node.op_type not in _ADVICE):
        if node.op_type not in _ADVICE and _beside_cause(model, node, checks):
            continue
        advice = _ADVICE.get(node.op_type, _operators_with_hardware(checks))
        yield Complaint(layer_of(model, node), unsupported(model, node, f"{node.op_type} has no hardware", advice))
    refused = {name for node in unknown for name in node.output}  # tensors
    absorbed = _absorbed(model)
    for node in inside:
        if node.op_type not in checks:
            continue
        try:
            checks[node.op_type](model, node)
            _check_followed(model, node, absorbed)
            if _comes_from(model, node.input[0], refused):
                continue
            if (kind := passing(node)) is not None and kind.parts(model, node) > 1:
                _check_interpolated(model, node)
            if node.op_type in products:
                _check_products(model, node, checks)
            elif node.op_type in _averages():
                _check_quantized(model, node, node.input[0], node, checks)
                _check_counted(model, node)
        except UserError as error:
            refused.update(node.output)
            yield Complaint(error.layer if isinstance(error, Unsupported) else layer_of(model, node), error)
        except Exception:
            if not refused:  # else what it meets may be a consequence
                raise
    if refused:
        return
    for node in inside:  # once all quantizers are known to be sound
        try:
            if is_sum(model, node):
                check_sum(model, node)
        except UserError as error:
            yield Complaint(error.layer if isinstance(error, Unsupported) else layer_of(model, node), error)
    try:
        _check_image_quantizers(model)
    except UserError as error:
        yield Complaint(None, error)


def _absorbed(model: ModelWrapper) -> set[str]:
    """Results of the functions that vanish in the thresholds of a quantizer behind them."""
    return {
        name
        for quantizer in model.graph.node
        if is_activation_quantizer(model, quantizer)
        for node in chain_before(model, quantizer).nodes
        for name in node.output
    }


def _beside_cause(model: ModelWrapper, node: Any, checks: Mapping[str, Check]) -> bool:
    """A likelier cause stands right beside an operator without hardware: a norm, beside its Reshape."""
    beside = [*(model.find_direct_predecessors(node) or []), *(model.find_direct_successors(node) or [])]
    return any(other.op_type in _ADVICE and other.op_type not in checks for other in beside)


def types_with_hardware() -> frozenset[str]:
    """ONNX operator types that have hardware, or vanish in thresholds."""
    return frozenset(_checks())


def _comes_from(model: ModelWrapper, tensor: str, refused: set[str]) -> bool:
    """Going back from `tensor` to the quantizers that it is joined of, one of the tensors `refused` is met."""
    producer = model.find_producer(tensor)
    if tensor in refused or producer is None or passing(producer) is None:
        return tensor in refused
    return any(_comes_from(model, name, refused) for name in data_inputs(producer))


def _check_network(model: ModelWrapper) -> None:
    _check_interface(model)
    nodes = list(model.graph.node)
    if not any(node.op_type in QUANTIZERS for node in nodes):
        raise UserError(
            "the network has no quantizers: this is a floating-point model",
            f"graph {model.graph.name}, {len(nodes)} operators",
            "train it quantized (qu-train, or Brevitas layers) and export with brevitas.export.export_qonnx, or quantize "
            "it with ONNX Runtime's quantize_static in the QDQ format",
        )
    products = _products()
    if not any(node.op_type in products for node in nodes):
        raise UserError("the network has no convolution", f"graph {model.graph.name}", "bring a U-Net-like network")


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
                f"the network's input goes into {layer_of(model, conv)} without a quantizer",
                f"input {tensor}, read by {layer_of(model, reader)} ({reader.op_type})",
                "begin the network with a quantizer (Brevitas QuantIdentity, 8 bits), or annotate the input as UINT8",
            )
    elif passing(producer) is not None:
        for name in data_inputs(producer):
            _check_quantized(model, conv, name, producer, checks)
    elif is_sum(model, producer):
        _check_sum_bits(model, conv, producer)
    elif producer.op_type in _averages() and conv.op_type in (*_products(), *_averages()):
        if conv.op_type in _products():
            _check_average(model, conv, producer)
    elif producer.op_type in checks and producer.op_type not in QUANTIZERS:
        raise unsupported(
            model,
            producer,
            f"its result goes into {layer_of(model, conv)} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def _check_counted(model: ModelWrapper, average: Any) -> None:
    """The sum that stands for an average can be checked in float32, as FINN's models compute."""
    low, high = integer_range(model, average.output[0])
    most = 2**MAX_INTEGER_BITS
    if max(-low, high) > most:
        raise unsupported(
            model,
            average,
            f"its sums over {_averages()[average.op_type](model, average)} pixels reach {max(-low, high)}, more than {most}",
            "use fewer bits for the activations before it, or average and quantize in two steps",
        )


def _check_average(model: ModelWrapper, conv: Any, average: Any) -> None:
    """The sum that stands for an average can be multiplied."""
    low, high = integer_range(model, average.output[0])
    bits = max(high.bit_length() + (low < 0), (-low - 1).bit_length() + 1 if low < 0 else 0)
    if bits > _MAX_FACTOR_BITS:
        raise unsupported(
            model,
            average,
            f"its sums over {_averages()[average.op_type](model, average)} pixels have {bits} bits, and go into "
            f"{layer_of(model, conv)} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def _check_sum_bits(model: ModelWrapper, conv: Any, node: Any) -> None:
    """`conv` reads `node`, a sum, without a quantizer."""
    found = exact_sum(model, node)
    if found is None:
        check_sum(model, node)
    assert found is not None, "a sum of unequal scales is read by quantizers alone, or refused"
    bits = found.datatype().bitwidth()
    if bits > _MAX_FACTOR_BITS:
        raise unsupported(
            model,
            node,
            f"its result, whole numbers of {bits} bits, goes into {layer_of(model, conv)} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind the addition",
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
    if is_sum(model, producer) and (found := exact_sum(model, producer)) is not None:
        return int(found.datatype().min()), int(found.datatype().max())
    quantizer = activation_quantizer(model, producer)
    return quantizer.low, quantizer.high


def _check_scales(model: ModelWrapper, conv: Any) -> None:
    """The scales of the activations that `conv` adds up have a common measure."""
    if is_depthwise(model, conv):
        return  # it adds up activations of one channel
    scales = _scales(model, conv.input[0])
    multiples = np.concatenate([np.ravel(s) for s in scales.values()]).astype(np.float64)
    multiples = multiples / multiples.min()
    if whole_multiples(multiples) is not None:
        _check_multiplied_weights(model, conv, scales, round(multiples.max()))
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
        return {layer_of(model, producer): np.ones(1) if scale is None else np.asarray(scale)}
    if is_sum(model, producer):
        found_sum = exact_sum(model, producer)
        return {layer_of(model, producer): np.ones(1) if found_sum is None else np.asarray([found_sum.scale])}
    if producer.op_type in _averages():
        count = _averages()[producer.op_type](model, producer)
        return {
            name: np.asarray(scale, np.float64) / count for name, scale in _scales(model, producer.input[0]).items()
        }
    found: dict[str, np.ndarray] = {}
    if (kind := passing(producer)) is not None:
        parts = kind.parts(model, producer)
        for name in data_inputs(producer):
            for label, scale in _scales(model, name).items():
                if parts > 1:
                    label = f"{label} behind {layer_of(model, producer)}"
                elif label in found and not np.array_equal(found[label], scale):
                    label = f"{label}, for {name}"  # a layer's copies for other channels
                found[label] = scale / parts
    return found or {layer_of(model, producer): np.ones(1)}


def _check_width(model: ModelWrapper, conv: Any) -> None:
    """What `conv` multiplies has no more bits than a quantizer may have: interpolation makes it wider."""
    bits, node = _width(model, conv.input[0])
    if node is not None and bits > _MAX_ACTIVATION_BITS:
        raise unsupported(
            model,
            node,
            f"what it interpolates goes into {layer_of(model, conv)} ({conv.op_type}) with {bits} bits, which is more than "
            f"{_MAX_ACTIVATION_BITS}",
            f"put a quantizer (QuantIdentity) behind {layer_of(model, node)} (the nn.Upsample)",
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
                f"it interpolates what {layer_of(model, producer)} ({producer.op_type}) gives before that is quantized",
                f"put a quantizer (QuantReLU, QuantIdentity) before {layer_of(model, node)} (the nn.Upsample)",
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
        names = " and ".join(layer_of(model, node) for node in first[:8])
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
            f"zeros that {layer_of(model, before)} ({before.op_type}) puts around the image are not 0 any more once they are quantized "
            "(there is a bias or a batch normalization between)",
            f"put the quantizer before {layer_of(model, before)}",
        )
    if before is not None and before.op_type not in _products() and chain.falling_channels(model).any():
        raise unsupported(
            model,
            node,
            f"between it and {layer_of(model, before)} ({before.op_type}) some channels are multiplied by a negative number (by a "
            "batch normalization, for example), which only a convolution's weights can take up",
            "let the batch normalization follow the convolution, before pooling and quantizers, or make its factors "
            "positive",
        )
    functions = chain.split(model)[1]
    if rises(model, functions):
        return
    first = functions.nodes[0]
    if before is not None and before.op_type not in _products() and not is_quantized(model, chain.source):
        name = layer_of(model, before)
        raise unsupported(
            model,
            first,
            f"its result falls where its input rises, and {name} ({before.op_type}) before it reads values that no quantizer "
            "has rounded",
            f"put a quantizer (QuantIdentity) before {name}, or {name} behind the quantizer {layer_of(model, node)}",
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
            f"its result falls and rises in {steps} steps of {layer_of(model, node)}, at most {2**_MAX_ACTIVATION_BITS - 1} have hardware",
            "quantize it to fewer bits",
        )


def _check_affine(model: ModelWrapper, node: Any) -> None:
    if is_sum(model, node):
        return  # `check_sum`
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
    if node.output[0] in absorbed or is_sum(model, node):
        return
    if is_function(node):
        raise unsupported(
            model,
            node,
            "no quantizer follows it",
            "put a quantizer (QuantReLU or QuantIdentity) behind it: both together become thresholds",
        )
    dynamic = [name for name in node.input if is_activation(model, name)]
    if node.op_type in AFFINE and len(dynamic) > 1:
        raise unsupported(
            model,
            node,
            f"{node.op_type} of two branches ({' and '.join(maker_of(model, name) for name in dynamic)}) has no hardware",
            "add the branches, or join them with Concat",
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
