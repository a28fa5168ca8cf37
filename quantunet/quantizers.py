# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers with a bit width that is trained like a weight.

Brevitas learns a width as ``b = round(2 + |offset|)`` with a straight-through gradient, clamped to 2..8
bits. Rounding is already part of the forward pass, so freezing a width changes no value of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from brevitas.core.bit_width import BitWidthParameter
from brevitas.core.scaling import ParameterFromRuntimeStatsScaling
from brevitas.inject.enum import BitWidthImplType, ScalingImplType, ScalingPerOutputType
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloat
from torch import Tensor, nn

from quantunet.config import MAX_BITS, MIN_BITS

#: Of a learned range: weights that are all zero have none.
_LEAST_RANGE = 1e-8


class _ScaledGradient(torch.autograd.Function):
    """A tensor as it is, its gradient times a factor."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, factor: Tensor) -> Tensor:
        ctx.factor = factor
        return tensor.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.factor, None


class LearnedRange(nn.Module):
    """Range of the weights that a quantizer covers, a parameter: the scale is it, divided by the largest integer.

    It is the range that is learned and not the scale, so that it stays where it is while the width moves. Its gradient
    is that of LSQ (arXiv 1902.08153) with the factor 1 / sqrt(weights of the scale x largest integer).
    """

    def __init__(self, scaling_shape: tuple[int, ...]) -> None:
        """Brevitas gives the shape: () for a scale a tensor."""
        super().__init__()
        self.value = nn.Parameter(torch.ones(scaling_shape))

    def forward(self, weights: Tensor, largest_integer: Tensor) -> Tensor:
        """The scale, of the shape of `value`."""
        value = self.value.abs().clamp(min=_LEAST_RANGE)
        if self.training:
            count = weights.numel() / self.value.numel()
            value = _ScaledGradient.apply(value, (count * largest_integer.detach()).rsqrt())
        return value / largest_integer

    def start(self, weights: Tensor, largest_integer: Tensor) -> None:
        """The largest magnitude, or, where that is more, the range of LSQ's start: twice the mean magnitude times the root
        of the largest integer.
        """
        with torch.no_grad():
            axes = [axis for axis in range(weights.dim()) if self.value.dim() == 0 or self.value.shape[axis] == 1]
            sizes = weights.detach().abs()
            largest = sizes.amax(axes, keepdim=True)
            usual = 2 * sizes.mean(axes, keepdim=True) * largest_integer.sqrt()
            self.value.copy_(torch.minimum(largest, usual).clamp(min=_LEAST_RANGE).reshape(self.value.shape))


class LearnedWeight(Int8WeightPerTensorFloat):
    """Signed weights, narrow range, one scale a tensor (the largest magnitude), learned width."""

    bit_width_impl_type = BitWidthImplType.PARAMETER
    bit_width = MAX_BITS
    # Brevitas clamps the whole width to these, although their names say offset.
    bit_width_offset_min_val = float(MIN_BITS)
    bit_width_offset_max_val = float(MAX_BITS)


class LearnedWeightPerChannel(LearnedWeight):
    """The same with one scale for each output channel."""

    scaling_per_output_type = ScalingPerOutputType.CHANNEL


class LearnedWeightAndRange(LearnedWeight):
    """Signed weights, narrow range, one learned scale a tensor, learned width."""

    scaling_impl = LearnedRange


class LearnedWeightAndRangePerChannel(LearnedWeightPerChannel):
    """The same with one learned scale for each output channel."""

    scaling_impl = LearnedRange


#: (`weight_scales`, `weight_scales_per`) of a configuration -> quantizer of the weights.
WEIGHT_QUANTIZERS = {
    ("largest", "tensor"): LearnedWeight,
    ("largest", "channel"): LearnedWeightPerChannel,
    ("learned", "tensor"): LearnedWeightAndRange,
    ("learned", "channel"): LearnedWeightAndRangePerChannel,
}


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


def start_ranges(convolutions: Iterable[nn.Module]) -> None:
    """Set learned ranges by the weights and the widths that are there; networks without are left alone."""
    for convolution in convolutions:
        quantizer: Any = getattr(getattr(convolution, "weight_quant", None), "tensor_quant", None)
        if isinstance(getattr(quantizer, "scaling_impl", None), LearnedRange):
            largest = quantizer.int_scaling_impl(quantizer.msb_clamp_bit_width_impl())
            quantizer.scaling_impl.start(convolution.weight, largest)


def scale_parameters(model: nn.Module) -> list[nn.Parameter]:
    """The learned scales of activations and weights, shared ones once."""
    learned = (LearnedRange, ParameterFromRuntimeStatsScaling)
    return [module.value for module in model.modules() if isinstance(module, learned)]


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
