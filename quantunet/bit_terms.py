# SPDX-License-Identifier: BSD-3-Clause
"""What bit widths cost: their mean, and the units that an FPGA pays in. Differentiable in the widths.

The hardware terms follow the flow's dataflow accelerator (`hw_flows`), where every layer has an engine of its
own; nothing is imported from there, the tests compare:

- weight memory: weights x bits, over all layers, in bits;
- thresholds: channels x (2^a - 1) x accumulator bits for each activation of a bits behind a convolution, in
  bits. The accumulator holds the largest sum that the layer's weights can give;
- products: products a frame x LUTs of one product, summed over the layers: the LUTs of a design that takes
  one cycle a frame. Divided by the cycles a frame it is what the products cost in LUTs.

Widths enter as the network uses them, rounded; gradients pass the rounding straight through. Weights enter
the accumulator's width by their values, without a gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from quantunet.config import MAX_BITS
from quantunet.model import Layer, QuantUNet
from quantunet.quantizers import learned_widths

#: LUTs of a product of an unsigned input of a bits and a weight of w bits, in radix-4 Booth digits d = (w + 1) // 2,
#: with its share of the adder tree: A * a * d + D * d + W * w + C. Least squares over the flow's cost model, a and w
#: from 2 to 8, 9 to 72 products an output: 2 % off on average, at most 6 %.
LUT_PER_INPUT_BIT_AND_DIGIT, LUT_PER_DIGIT, LUT_PER_WEIGHT_BIT, LUT_OFFSET = 1.25, 0.56, 2.13, -0.78

#: Names of the terms in the board's units, as in `quantunet.config.BitTerms`.
HARDWARE_TERMS = ("weight_memory", "thresholds", "products")

PIXEL_BITS = 8


def mean_bits(model: QuantUNet) -> Tensor:
    """Mean width of the weight tensors and of the activation tensors, each tensor counting once, averaged
    with equal shares; in bits.
    """
    weights, activations = mean_widths(model)
    return (weights + activations) / 2


def mean_widths(model: QuantUNet) -> tuple[Tensor, Tensor]:
    """Mean width of the weight tensors, and that of the activation tensors, each tensor counting once; in bits."""
    layers = {layer.name for layer in model.layers()}
    weights: list[Tensor] = []
    activations: list[Tensor] = []
    for name, width in learned_widths(model):
        (weights if name in layers else activations).append(width())
    return torch.stack(weights).mean(), torch.stack(activations).mean()


def hardware_terms(model: QuantUNet) -> dict[str, Tensor]:
    """`HARDWARE_TERMS` of a quantized network, scalars, in the units above."""
    return _terms(_shapes(model), {name: width() for name, width in learned_widths(model)})


def relative_terms(model: QuantUNet) -> dict[str, Tensor]:
    """`HARDWARE_TERMS` as fractions of what they are for the same network with 8 bits everywhere."""
    shapes = _shapes(model)
    bits = {name: width() for name, width in learned_widths(model)}
    terms = _terms(shapes, bits)
    most = _terms(shapes, {name: torch.full_like(width, float(MAX_BITS)) for name, width in bits.items()})
    return {name: value / most[name].detach() for name, value in terms.items()}


def measured_terms(model: QuantUNet) -> dict[str, float]:
    """`hardware_terms` as numbers, for reports."""
    with torch.no_grad():
        return {name: value.item() for name, value in hardware_terms(model).items()}


def product_luts(input_bits: Tensor, weight_bits: Tensor) -> Tensor:
    """LUTs of one product. The number of Booth digits steps with every second bit; its gradient is 1/2."""
    half = (weight_bits + 1) / 2
    digits = half + (half.floor() - half).detach()
    row = LUT_PER_INPUT_BIT_AND_DIGIT * input_bits + LUT_PER_DIGIT
    return row * digits + LUT_PER_WEIGHT_BIT * weight_bits + LUT_OFFSET


def accumulator_bits(peak: Tensor, input_bits: Tensor, weight_bits: Tensor) -> Tensor:
    """Bits, not rounded up, of a signed sum of products.

    Args:
        peak: largest sum of a channel's weights of one sign, in units of the layer's largest weight.
    """
    largest_weight = torch.exp2(weight_bits - 1) - 1  # narrow range: -127..127 at 8 bits
    return 1 + torch.log2(1 + peak * largest_weight * (torch.exp2(input_bits) - 1))


@dataclass(frozen=True)
class _Shape:
    """What the terms need to know of a layer besides its widths."""

    name: str
    input: str | None
    """The activation that it reads; None: the image's pixels."""
    output: str | None
    """The activation behind it."""
    weights: int
    products: int
    """A frame."""
    channels: int
    peak: Tensor


def _shapes(model: QuantUNet) -> list[_Shape]:
    # Pooling, upsampling and joining leave an activation's width as it is, so that each layer reads the one
    # before: the decoder's first convolution reads the join that the layer above it feeds.
    height, width = model.config.image_size
    shapes, before = [], None
    level = 0
    for layer in model.layers():
        level = _level(layer, level, model.config.depth)
        pixels = (height >> level) * (width >> level)
        weight = layer.convolution.weight.detach()
        by_channel = _rows(layer.convolution, weight)
        # The unit of a sum: the largest weight of its scale.
        unit = by_channel.abs().max()
        if model.config.weight_scales_per == "channel":
            unit = by_channel.abs().reshape(layer.convolution.out_channels, -1).amax(1)
            unit = unit.repeat_interleave(len(by_channel) // len(unit))
        sums = torch.maximum(by_channel.relu().sum(1), (-by_channel).relu().sum(1))
        peak = (sums / unit.clamp(min=1e-30)).max()
        # A transposed convolution uses each weight once a pixel that it reads, of which it makes stride^2.
        products = weight.numel() * pixels // math.prod(layer.convolution.stride)
        channels = layer.convolution.out_channels
        shapes.append(_Shape(layer.name, before, layer.activation, weight.numel(), products, channels, peak))
        before = layer.activation
    return shapes


def _level(layer: Layer, level: int, depth: int) -> int:
    """Number of halvings of the image where `layer` writes; `level` is that of the layer before."""
    place, _, rest = layer.name.partition(".")
    if place == "head":
        return level
    return depth if place == "bottom" else int(rest.partition(".")[0])


def _rows(convolution: nn.Conv2d | nn.ConvTranspose2d, weight: Tensor) -> Tensor:
    """The weights that are summed to one output, a row each."""
    if isinstance(convolution, nn.ConvTranspose2d):
        return weight.flatten(1).T
    return weight.flatten(1)


def _terms(shapes: list[_Shape], bits: Mapping[str, Tensor]) -> dict[str, Tensor]:
    weight_memory, thresholds, products = [], [], []
    for shape in shapes:
        own = bits[shape.name]
        read = bits[shape.input] if shape.input is not None else torch.full_like(own, float(PIXEL_BITS))
        weight_memory.append(shape.weights * own)
        products.append(shape.products * product_luts(read, own))
        if shape.output is not None:
            steps = torch.exp2(bits[shape.output]) - 1
            thresholds.append(shape.channels * steps * accumulator_bits(shape.peak, read, own))
    terms = (weight_memory, thresholds, products)
    return {name: torch.stack(values).sum() for name, values in zip(HARDWARE_TERMS, terms, strict=True)}
