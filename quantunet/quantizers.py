# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers with a bit width that is trained like a weight.

Brevitas learns a width as ``b = round(2 + |offset|)`` with a straight-through gradient, clamped to 2..8
bits. Rounding is already part of the forward pass, so freezing a width changes no value of the network.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from brevitas.core.bit_width import BitWidthParameter
from brevitas.inject.enum import BitWidthImplType, ScalingImplType
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloat
from torch import nn

from quantunet.config import MAX_BITS, MIN_BITS


class LearnedWeight(Int8WeightPerTensorFloat):
    """Signed weights, narrow range, one scale a tensor (the largest magnitude), learned width."""

    bit_width_impl_type = BitWidthImplType.PARAMETER
    bit_width = MAX_BITS
    # Brevitas clamps the whole width to these, although their names say offset.
    bit_width_offset_min_val = float(MIN_BITS)
    bit_width_offset_max_val = float(MAX_BITS)


class LearnedActivation(Uint8ActPerTensorFloat):
    """Unsigned activations, one learned scale a tensor, learned width."""

    bit_width_impl_type = BitWidthImplType.PARAMETER
    bit_width = MAX_BITS
    bit_width_offset_min_val = float(MIN_BITS)
    bit_width_offset_max_val = float(MAX_BITS)
    # Brevitas' 300 steps of statistics are longer than a short training.
    collect_stats_steps = 50


class Pixel(Uint8ActPerTensorFloat):
    """8-bit unsigned pixels of constant scale 1/255: an image of k/255 passes unchanged."""

    scaling_impl_type = ScalingImplType.CONST
    scaling_init = 1.0


def learned_widths(model: nn.Module) -> Iterator[tuple[str, BitWidthParameter]]:
    """The learned widths of a network with the name of their layer, shared ones once, in the order of the
    modules.
    """
    for name, module in model.named_modules():
        if isinstance(module, BitWidthParameter):
            layer = name.partition(".weight_quant.")[0].partition(".act_quant.")[0]
            yield layer, module


def clamp_widths(model: nn.Module) -> None:
    """Keep the trained offsets within 2..8 bits; to be called after each optimizer step."""
    with torch.no_grad():
        for _, width in learned_widths(model):
            width.bit_width_offset.clamp_(0.0, float(MAX_BITS - MIN_BITS))


def freeze_widths(model: nn.Module) -> None:
    """Round every learned width to an integer and stop its gradient. No value of the network changes."""
    with torch.no_grad():
        for _, width in learned_widths(model):
            width.bit_width_offset.copy_(width().round() - MIN_BITS)
            width.bit_width_offset.requires_grad_(False)


def fix_widths(model: nn.Module, bits: int) -> None:
    """Give every weight and activation `bits` bits (2 to 8), for good."""
    assert MIN_BITS <= bits <= MAX_BITS
    with torch.no_grad():
        for _, width in learned_widths(model):
            width.bit_width_offset.fill_(float(bits - MIN_BITS))
    freeze_widths(model)
