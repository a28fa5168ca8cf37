# SPDX-License-Identifier: BSD-3-Clause
"""Scales of the activations that meet in a convolution: they can be made one."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import quantize_weights
from hw_flows.network.branches import MAX_SCALE_MULTIPLE, exact_result, is_product, is_sum
from hw_flows.network.normal_form.chain import (
    data_inputs,
    passing,
)
from hw_flows.network.supported.declared import averages
from hw_flows.operators.front_end import unsupported
from hw_flows.operators.matrix_vector.network import is_depthwise

MAX_WEIGHT_BITS = 8


def check_scales(model: ModelWrapper, conv: Any) -> None:
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
    if integers.min() >= -(2 ** (MAX_WEIGHT_BITS - 1)) and integers.max() < 2 ** (MAX_WEIGHT_BITS - 1):
        return
    listed = ", ".join(f"{float(np.ravel(v)[0]):.6g} ({name})" for name, v in scales.items())
    raise unsupported(
        model,
        conv,
        f"the branches that are joined before it have different scales, {listed}: some weights would be {most} times as "
        f"large, which is more than {MAX_WEIGHT_BITS} bits",
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
    if is_sum(model, producer) or is_product(model, producer):
        joint = exact_result(model, producer)
        return {layer_of(model, producer): np.ones(1) if joint is None else np.asarray([joint.scale])}
    if producer.op_type in averages():
        count = averages()[producer.op_type](model, producer)
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
