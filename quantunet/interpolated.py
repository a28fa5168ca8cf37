# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers that learn their width on the line between two whole widths.

With ``width_gradient: rounded`` a network computes with the rounded width, and the gradient of a width is that of the
quantizer's formula as if its number of levels were continuous, which says little about what another bit would change,
and differs from batch to batch. Here a quantizer of width 3.4 gives 0.6 x (its values with 3 bits) + 0.4 x (those with
4 bits), as FracBits does (Yang and Jin, arXiv 2007.02017), and the gradient of the width is what the next bit changes,
exactly. The price: two quantizations, and values between the grids until the widths are kept; then, and whenever the
network is evaluated, the width is the rounded one, and nothing of this is left.
"""

from __future__ import annotations

from typing import Any

from brevitas.core.bit_width import BitWidthParameter
from brevitas.core.quant import RescalingIntQuant
from torch import Tensor, nn

from quantunet.config import MAX_BITS, MIN_BITS


class InterpolatedIntQuant(RescalingIntQuant):
    """Brevitas' quantizer of integers; parameters, buffers and evaluation mode are its own."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Values, scale of the upper width, zero point, rounded width."""
        width: Any = self.msb_clamp_bit_width_impl
        if not (self.training and width.bit_width_offset.requires_grad):
            found: tuple[Tensor, Tensor, Tensor, Tensor] = super().forward(x)
            return found
        exact = (width.bit_width_offset.abs() + MIN_BITS).clamp(MIN_BITS, MAX_BITS)
        lower = exact.detach().floor().clamp(max=MAX_BITS - 1)
        share = exact - lower
        largest, larger = self.int_scaling_impl(lower), self.int_scaling_impl(lower + 1)
        # Once: the scale of an activation counts how often it is asked for.
        scale = self.scaling_impl(x, larger)
        zero_point = self.zero_point_impl(x, scale, lower + 1)
        fine = self.int_quant(scale, zero_point, lower + 1, x)
        coarse = self.int_quant(scale * (larger / largest), zero_point, lower, x)
        return coarse + share * (fine - coarse), scale, zero_point, width()


def interpolate_widths(model: nn.Module) -> None:
    """Make the learned widths of `model` interpolate; names and values of its tensors stay."""
    for module in model.modules():
        if isinstance(module, RescalingIntQuant) and isinstance(module.msb_clamp_bit_width_impl, BitWidthParameter):
            module.__class__ = InterpolatedIntQuant
