# SPDX-License-Identifier: BSD-3-Clause
"""QuantU-Net: the U-Net of Ronneberger et al. (arXiv 1505.04597) with padded convolutions, batch
normalization and one learned bit width for each convolution's weights and for each activation (arXiv
2503.08719); and the same network with fixed widths or in float."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import brevitas.nn as qnn
import torch
from torch import Tensor, nn

from quantunet.config import DataConfig, ModelConfig
from quantunet.quantizers import (
    WEIGHT_QUANTIZERS,
    LearnedActivation,
    Pixel,
    fix_widths,
    start_ranges,
)


class _Quantized:
    """The parts of a network with quantizers."""

    def __init__(self, config: ModelConfig) -> None:
        self._weight_quantizer = WEIGHT_QUANTIZERS[config.weight_scales, config.weight_scales_per]

    @staticmethod
    def pixel() -> nn.Module:
        return qnn.QuantIdentity(act_quant=Pixel, return_quant_tensor=False)

    def convolution(self, inputs: int, outputs: int, kernel: int, bias: bool = False) -> nn.Module:
        return qnn.QuantConv2d(
            inputs, outputs, kernel, padding=kernel // 2, bias=bias, weight_quant=self._weight_quantizer
        )

    def transposed(self, inputs: int, outputs: int) -> nn.Module:
        return qnn.QuantConvTranspose2d(inputs, outputs, 2, stride=2, bias=False, weight_quant=self._weight_quantizer)

    @staticmethod
    def activation() -> nn.Module:
        return qnn.QuantReLU(act_quant=LearnedActivation, return_quant_tensor=False)


class _Float(_Quantized):
    """The same parts without quantizers; the same seed gives the same initial weights."""

    def __init__(self) -> None:
        pass

    @staticmethod
    def pixel() -> nn.Module:
        return nn.Identity()

    def convolution(self, inputs: int, outputs: int, kernel: int, bias: bool = False) -> nn.Module:
        return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)

    def transposed(self, inputs: int, outputs: int) -> nn.Module:
        return nn.ConvTranspose2d(inputs, outputs, 2, stride=2, bias=False)

    @staticmethod
    def activation() -> nn.Module:
        return nn.ReLU()


class DoubleConvolution(nn.Module):
    """Twice: 3x3 convolution, batch normalization, quantized ReLU. NCHW in and out, size kept."""

    def __init__(self, parts: _Quantized, inputs: int, outputs: int, last: nn.Module | None = None) -> None:
        """`last` is the second activation where it is shared with another branch."""
        super().__init__()
        self.conv1 = parts.convolution(inputs, outputs, 3)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.act1 = parts.activation()
        self.conv2 = parts.convolution(outputs, outputs, 3)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.act2 = last if last is not None else parts.activation()

    def steps(self) -> list[tuple[nn.Module, nn.Module]]:
        """Each convolution with its activation."""
        return [(self.conv1, self.act1), (self.conv2, self.act2)]

    def forward(self, x: Tensor) -> Tensor:
        x = self.act1(self.norm1(self.conv1(x)))
        return self.act2(self.norm2(self.conv2(x)))


class UpConvolution(nn.Module):
    """Doubles height and width and maps `inputs` to `outputs` channels, then batch normalization and
    activation.
    """

    def __init__(self, parts: _Quantized, inputs: int, outputs: int, decoder: str, activation: nn.Module) -> None:
        super().__init__()
        if decoder == "transpose":
            self.grow: nn.Module = nn.Identity()
            self.conv = parts.transposed(inputs, outputs)
        else:
            self.grow = nn.Upsample(scale_factor=2, mode="nearest")
            self.conv = parts.convolution(inputs, outputs, 3)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = activation

    def steps(self) -> list[tuple[nn.Module, nn.Module]]:
        """Each convolution with its activation."""
        return [(self.conv, self.act)]

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(self.grow(x))))


#: The quantized ones are subclasses.
Convolution = nn.Conv2d | nn.ConvTranspose2d


@dataclass(frozen=True)
class Layer:
    """One convolution of a network, and the name of the quantized activation after it (None after the
    last).
    """

    name: str
    convolution: Convolution
    activation: str | None


class QuantUNet(nn.Module):
    """A U-Net that maps an image to logits of the same height and width.

    Input: float32 NCHW ``[N, in_channels, height, width]`` with values k/255, k = 0..255.
    Output: float32 NCHW ``[N, out_channels, height, width]``, logits: positive means inside the mask.

    `depth` levels have 5 * depth + 3 convolutions: 2 * depth + 2 of the encoder and the bottom, `depth`
    upwards, 2 * depth of the decoder and the last 1x1. Both branches of a Concat share one activation
    quantizer, as the joined tensor has one scale and one width in hardware. With precision ``float`` there
    are no quantizers and nothing else changes.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        #: The data set that the network was trained on, if known; see `quantunet.data.verification_images`.
        self.data: DataConfig | None = None
        depth = config.depth
        width = [config.base_width * 2**level for level in range(depth + 1)]
        is_float = config.precision == "float"
        parts: _Quantized = _Float() if is_float else _Quantized(config)
        self.pixel = parts.pixel()
        self.join = nn.ModuleList(parts.activation() for _ in range(depth))
        self.encoder = nn.ModuleList(
            DoubleConvolution(parts, width[level - 1] if level else config.in_channels, width[level], self.join[level])
            for level in range(depth)
        )
        self.bottom = DoubleConvolution(parts, width[depth - 1], width[depth])
        self.up = nn.ModuleList(
            UpConvolution(parts, width[level + 1], width[level], config.decoder, self.join[level])
            for level in range(depth)
        )
        self.decoder = nn.ModuleList(DoubleConvolution(parts, 2 * width[level], width[level]) for level in range(depth))
        self.pool = nn.MaxPool2d(2)
        self.head = parts.convolution(width[0], config.out_channels, 1, bias=True)
        #: They never change, and to find them again takes as long as a small network's step.
        self._layers = tuple(self._found_layers())
        if config.bits is not None:
            fix_widths(self, config.bits)
        start_ranges(self.convolutions())

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return (self.config.in_channels, *self.config.image_size)

    def convolutions(self) -> list[nn.Module]:
        """From input to output."""
        return [layer.convolution for layer in self.layers()]

    def layers(self) -> list[Layer]:
        """The convolutions from input to output, each with the activation that follows it."""
        return list(self._layers)

    def _found_layers(self) -> list[Layer]:
        names: dict[nn.Module, str] = {}  # named_modules gives each shared module once, by its first name
        for name, module in self.named_modules():
            names.setdefault(module, name)

        blocks: list[nn.Module] = [*self.encoder, self.bottom]
        for up, decoder in zip(reversed(self.up), reversed(self.decoder), strict=True):
            blocks += [up, decoder]
        found = []
        for block in blocks:
            assert isinstance(block, DoubleConvolution | UpConvolution)
            found += [Layer(names[conv], cast(Convolution, conv), names[act]) for conv, act in block.steps()]
        return [*found, Layer("head", cast(Convolution, self.head), None)]

    def forward(self, x: Tensor) -> Tensor:
        x = self.pixel(x)
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for up, decoder, skip in zip(reversed(self.up), reversed(self.decoder), reversed(skips), strict=True):
            x = decoder(torch.cat([up(x), skip], 1))
        return self.head(x)
