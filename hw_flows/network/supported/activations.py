# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers of activations, and what stands before them: thresholds, and a table, can stand for all of it."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of, maker_of
from hw_flows.network.branches import is_activation, is_product, is_sum
from hw_flows.network.declared import MAX_ACTIVATION_BITS, averages, products
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    Chain,
    chain_before,
    is_activation_quantizer,
    is_channelwise,
    is_elementwise,
    is_function,
    is_quantized,
    passing,
)
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.network.thresholds import rises, rises_or_falls, staircase
from hw_flows.operators.front_end import Unsupported, unsupported

#: The host quantizes the image.
_MAX_IMAGE_BITS = 16


def check_activations(model: ModelWrapper, node: Any) -> None:
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
    most = _MAX_IMAGE_BITS if before is None else MAX_ACTIVATION_BITS
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
    falls = before is not None and before.op_type not in products() and chain.falling_channels(model).any()
    if falls and not _holds_integers(model, before):
        raise unsupported(
            model,
            node,
            f"between it and {layer_of(model, before)} ({before.op_type}) some channels are multiplied by a negative number (by a "
            "batch normalization, for example), which only a convolution's weights can take up, or thresholds on what a "
            "quantizer has rounded",
            "let the batch normalization follow the convolution, before pooling and quantizers, or make its factors positive",
        )
    functions = chain.split(model)[1]
    of_products = before is not None and before.op_type in products()
    if rises(model, functions) or (of_products and rises_or_falls(model, functions)):
        return
    first = functions.nodes[0]
    if before is not None and not (of_products or _holds_integers(model, before)):
        name = layer_of(model, before)
        raise unsupported(
            model,
            first,
            f"its result falls where its input rises, and {name} ({before.op_type}) before it reads values that no quantizer "
            "has rounded",
            f"put a quantizer (QuantIdentity) before {name}, or {name} behind the quantizer {layer_of(model, node)}",
        )
    steps = staircase(model, functions).thresholds.shape[1]
    if steps >= 2**MAX_ACTIVATION_BITS:
        raise unsupported(
            model,
            first,
            f"its result falls and rises in {steps} steps of {layer_of(model, node)}, at most {2**MAX_ACTIVATION_BITS - 1} have hardware",
            "quantize it to fewer bits",
        )


def _holds_integers(model: ModelWrapper, node: Any) -> bool:
    """Whether the result is integers times a scale: quantized, or a sum, a product or an average of what is."""
    joins = is_sum(model, node) or is_product(model, node)
    return joins or is_quantized(model, node.output[0]) or node.op_type in averages()


def check_affine(model: ModelWrapper, node: Any) -> None:
    if is_sum(model, node) or is_product(model, node):
        return  # `check_sum`, `check_product`
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


def check_function(model: ModelWrapper, node: Any) -> None:
    """A function of activations, which vanishes in the thresholds of the quantizer behind it."""
    if not is_elementwise(model, node):
        raise unsupported(
            model,
            node,
            f"{node.op_type} has hardware as a function of each activation alone, the same within a channel",
            "give its other inputs as constants, one for the tensor or one for each channel",
        )


def check_followed(model: ModelWrapper, node: Any, absorbed: set[str]) -> None:
    """A function is `absorbed` in the thresholds of a quantizer behind it."""
    if node.output[0] in absorbed or is_sum(model, node) or is_product(model, node):
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
            "add or multiply the branches, or join them with Concat",
        )


def check_image_quantizers(model: ModelWrapper) -> None:
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
        raise Unsupported(
            layer_of(model, first[-1]),
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
