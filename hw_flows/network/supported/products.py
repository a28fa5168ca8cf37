# SPDX-License-Identifier: BSD-3-Clause
"""What convolutions multiply: weights and activations of few bits, sums of such where they are exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.branches import exact_result, integer_weights, is_product, is_sum, parts_of, unknown_part
from hw_flows.network.declared import MAX_ACTIVATION_BITS, MAX_INTEGER_BITS, averages, products
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    data_inputs,
    is_constant_quantizer,
    is_quantized,
    passing,
)
from hw_flows.network.sums import check_sum
from hw_flows.network.supported.branch_products import check_product
from hw_flows.network.supported.scales import MAX_WEIGHT_BITS, check_scales
from hw_flows.operators.front_end import Check, unsupported

#: Of what a convolution reads: activations, or sums of them (average pools, added branches), or products (gates).
_MAX_FACTOR_BITS = 16
#: The same for convolutions in groups.
_MAX_GROUPED_BITS = 9
_ONE_FOR_ZERO_POINT = " (of 8 bits with a zero point, which takes one more)"


def check_products(model: ModelWrapper, node: Any, checks: Mapping[str, Check]) -> None:
    _check_weights(model, node)
    check_quantized(model, node, node.input[0], node, checks)
    check_scales(model, node)
    _check_width(model, node)


def _check_weights(model: ModelWrapper, node: Any) -> None:
    quantizer = model.find_producer(node.input[1])
    if quantizer is None or quantizer.op_type not in QUANTIZERS:
        if quantizer is not None and model.get_initializer(node.input[1]) is None:
            raise unsupported(
                model,
                node,
                f"its weights are computed by {layer_of(model, quantizer)} ({quantizer.op_type}) from the image",
                "give it constant, quantized weights (QuantConv2d)",
            )
        layer = "QuantConvTranspose2d" if node.op_type == "ConvTranspose" else "QuantConv2d"
        raise unsupported(
            model,
            node,
            "the weights are not quantized",
            f"use Brevitas' {layer} in the place of nn.{layer.removeprefix('Quant')}; with ONNX Runtime's quantize_static do not "
            f"leave it out ({node.op_type} in op_types_to_quantize, not in nodes_to_exclude)",
        )
    bits = 1 if quantizer.op_type == "BipolarQuant" else int(np.ravel(model.get_initializer(quantizer.input[3]))[0])
    if bits > MAX_WEIGHT_BITS:
        raise unsupported(
            model,
            node,
            f"its weights have {bits} bits{_ONE_FOR_ZERO_POINT if bits == MAX_WEIGHT_BITS + 1 else ''}, at most {MAX_WEIGHT_BITS} "
            "have hardware",
            f"quantize the weights to {MAX_WEIGHT_BITS} bits or fewer, without a zero point (quantize_static of ONNX Runtime: "
            "weight_type=QuantType.QInt8)",
        )


def check_quantized(model: ModelWrapper, conv: Any, tensor: str, reader: Any, checks: Mapping[str, Check]) -> None:
    """Going back from `tensor`, a quantizer comes before any arithmetic."""
    producer = model.find_producer(tensor)
    if model.get_initializer(tensor) is not None or (producer is not None and is_constant_quantizer(model, producer)):
        raise unsupported(
            model,
            reader,
            f"it joins a constant of shape {model.get_tensor_shape(tensor)} with activations that go into {layer_of(model, conv)} "
            f"({conv.op_type})",
            "leave the constant out (positions, coordinates), or give it as further channels of the network's image",
        )
    if producer is None:
        if not model.get_tensor_datatype(tensor).is_integer():
            raise UserError(
                f"the network's input goes into {layer_of(model, conv)} without a quantizer",
                f"input {tensor}, read by {layer_of(model, reader)} ({reader.op_type})",
                "begin the network with a quantizer of the image (Brevitas QuantIdentity, 8 bits); where it takes raw pixels of "
                "0 to 255, its input may be annotated as UINT8 instead (qonnx: ModelWrapper.set_tensor_datatype)",
            )
    elif passing(producer) is not None:
        for name in data_inputs(producer):
            check_quantized(model, conv, name, producer, checks)
    elif is_sum(model, producer) or is_product(model, producer):
        _check_result(model, conv, producer)
    elif producer.op_type in averages() and conv.op_type in (*products(), *averages()):
        if conv.op_type in products():
            _check_average(model, conv, producer)
    elif producer.op_type in checks and producer.op_type not in QUANTIZERS:
        raise unsupported(
            model,
            producer,
            f"its result goes into {layer_of(model, conv)} ({conv.op_type}) without a quantizer",
            "put a quantizer (QuantReLU or QuantIdentity) behind it",
        )


def check_counted(model: ModelWrapper, average: Any) -> None:
    """The sum that stands for an average can be checked in float32, as FINN's models compute."""
    low, high = integer_range(model, average.output[0])
    most = 2**MAX_INTEGER_BITS
    if max(-low, high) > most:
        raise unsupported(
            model,
            average,
            f"its sums over {averages()[average.op_type](model, average)} pixels reach {max(-low, high)}, more than {most}",
            "use fewer bits for the activations before it, or average and quantize in two steps",
        )


def _check_average(model: ModelWrapper, conv: Any, average: Any) -> None:
    """The sum that stands for an average can be multiplied."""
    words = f"its sums over {averages()[average.op_type](model, average)} pixels"
    _check_factors(model, conv, average, integer_range(model, average.output[0]), words)


def _check_result(model: ModelWrapper, conv: Any, node: Any) -> None:
    """What `node`, a sum or a product of branches that `conv` reads, gives can be multiplied."""
    found = exact_result(model, node)
    if found is None:
        (check_sum if is_sum(model, node) else check_product)(model, node)
    assert found is not None, "sums of unequal scales are read by quantizers alone, or refused"
    datatype = found.datatype()
    _check_factors(model, conv, node, (int(datatype.min()), int(datatype.max())), "its results, whole numbers")


def _check_factors(model: ModelWrapper, conv: Any, node: Any, ends: tuple[int, int], words: str) -> None:
    """`conv` can multiply integers of that range, which `node` makes and `words` are, and add the products up."""
    low, high = ends
    bits = max(high.bit_length() + (low < 0), (-low - 1).bit_length() + 1 if low < 0 else 0)
    grouped = attributes_of(conv).get("group", 1) > 1
    most = _MAX_GROUPED_BITS if grouped else _MAX_FACTOR_BITS
    reach = _largest_weights(model, conv) * max(-low, high) if bits > _MAX_GROUPED_BITS else 0
    if bits <= most and reach <= 2**MAX_INTEGER_BITS:
        return
    where = f"{layer_of(model, conv)} ({conv.op_type}) without a quantizer"
    result = f", where they would add up to {reach}, more than {2**MAX_INTEGER_BITS}" if bits <= most else ""
    raise unsupported(
        model,
        node,
        f"{words} of {bits} bits, go into {where}{result}",
        "put a quantizer (QuantReLU or QuantIdentity) behind it",
    )


def _largest_weights(model: ModelWrapper, conv: Any) -> int:
    """The largest sum of the integers of one output's weights, without their signs."""
    quantizer = model.find_producer(conv.input[1])
    axes = (1, 2, 3) if conv.op_type == "Conv" else (0, 2, 3)
    return int(np.abs(integer_weights(model, quantizer)).sum(axis=axes).max())


def integer_range(model: ModelWrapper, tensor: str) -> tuple[int, int]:
    """Least and largest integer of a tensor that is quantized, or a sum of such; in units of its scale."""
    parts = parts_of(model, tensor, unknown_part(model)) or []
    return min(part.low for part in parts), max(part.high for part in parts)


def _check_width(model: ModelWrapper, conv: Any) -> None:
    """What `conv` multiplies has no more bits than a quantizer may have: interpolation makes it wider."""
    bits, node = _width(model, conv.input[0])
    if node is not None and bits > MAX_ACTIVATION_BITS:
        raise unsupported(
            model,
            node,
            f"what it interpolates goes into {layer_of(model, conv)} ({conv.op_type}) with {bits} bits, which is more than "
            f"{MAX_ACTIVATION_BITS}",
            f"put a quantizer (QuantIdentity) behind {layer_of(model, node)} (the nn.Upsample)",
        )


def _width(model: ModelWrapper, tensor: str) -> tuple[int, Any]:
    """Most bits of the integers that `tensor` is joined of, and the node that makes them wider than their quantizer."""
    parts = parts_of(model, tensor, unknown_part(model)) or []
    widest = max(parts, key=lambda part: part.bits())
    return widest.bits(), widest.wider


def check_interpolated(model: ModelWrapper, node: Any) -> None:
    """What is interpolated has been quantized, or is what a convolution has added up: sums of it are exact."""
    before = node.input[0]
    while not is_quantized(model, before):
        producer = model.find_producer(before)
        if producer is None or producer.op_type in products():
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
