# SPDX-License-Identifier: BSD-3-Clause
"""Scales of the activations that meet in a convolution: they can be made one."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.branches import integer_weights, parts_of, unknown_part, whole_multiples
from hw_flows.network.sums import SHARE_JOINED
from hw_flows.operators.front_end import unsupported
from hw_flows.operators.matrix_vector.network import is_depthwise

MAX_WEIGHT_BITS = 8


def check_scales(model: ModelWrapper, conv: Any) -> None:
    """The scales of the activations that `conv` adds up have a common measure."""
    if is_depthwise(model, conv):
        return  # it adds up activations of one channel
    scales = _scales(model, conv.input[0])
    multiples = whole_multiples(np.concatenate([np.ravel(s) for s in scales.values()]))
    if multiples is not None:
        _check_multiplied_weights(model, conv, scales, round(multiples[1].max()))
        return
    by_channel = next((name for name, scale in scales.items() if scale.size > 1), None)
    if by_channel is not None:
        values = ", ".join(f"{v:.6g}" for v in np.ravel(scales[by_channel])[:4])
        raise unsupported(
            model,
            conv,
            f"the activations that it adds up have a scale for each channel ({by_channel}: {values}, ...)",
            "use one scale for the whole tensor (Brevitas: scaling_per_output_channel=False for activations), scales that are "
            "powers of two, or a depthwise convolution",
        )
    raise _different_scales(model, conv, scales)


def _check_multiplied_weights(model: ModelWrapper, conv: Any, scales: dict[str, np.ndarray], most: int) -> None:
    """The weights of the branches with larger scales become so many times as large, and fit."""
    quantizer = model.find_producer(conv.input[1])
    if most == 1 or quantizer.op_type != "Quant":
        return
    integers = most * integer_weights(model, quantizer)
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
    grouped = attributes_of(conv).get("group", 1) != 1
    why = "and it works in groups" if grouped else "and its result is not quantized before anything else reads it"
    return unsupported(
        model, conv, f"the branches that are joined before it have different scales, {values}, {why}", SHARE_JOINED
    )


def _scales(model: ModelWrapper, tensor: str) -> dict[str, np.ndarray]:
    """What made it -> scale, of all that `tensor` is joined of. What nothing quantized is refused elsewhere."""
    found: dict[str, np.ndarray] = {}
    for part in parts_of(model, tensor, unknown_part(model)) or []:
        label = part.name if part.wider is None else f"{part.name} behind {layer_of(model, part.wider)}"
        while label in found and not np.array_equal(found[label], part.scale):
            label = f"{label}, for other channels"  # a layer's copies
        found[label] = part.scale
    return found
