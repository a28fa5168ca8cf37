# SPDX-License-Identifier: BSD-3-Clause
"""Small networks with the structure and the names of other projects' U-Nets, and weights as if they were trained."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, DEPTH, SIZE = 4, 2, 16


def _steps(inputs: int, middle: int, outputs: int, names: list[str], bias: bool) -> nn.Sequential:
    layers = [
        nn.Conv2d(inputs, middle, 3, padding=1, bias=bias),
        nn.BatchNorm2d(middle),
        nn.ReLU(),
        nn.Conv2d(middle, outputs, 3, padding=1, bias=bias),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]
    return nn.Sequential(OrderedDict(zip(names, layers, strict=True)))


class Milesial(nn.Module):
    """The structure of milesial/Pytorch-UNet: skip before what comes up, biases until 2021, bilinear or transposed."""

    def __init__(
        self, channels: int = 1, classes: int = 1, bias: bool = False, bilinear: bool = False, depth: int = DEPTH
    ) -> None:
        super().__init__()
        self.depth, self.bilinear = depth, bilinear

        def double(inputs: int, middle: int, outputs: int) -> nn.Module:
            steps = _steps(inputs, middle, outputs, list("012345"), bias)
            return nn.ModuleDict({"double_conv": steps})

        half = 2 if bilinear else 1
        width = [WIDTH * 2**level for level in range(depth + 1)]
        self.inc = double(channels, width[0], width[0])
        for level in range(1, depth + 1):
            outputs = width[level] // (half if level == depth else 1)
            block = nn.ModuleDict(
                {"maxpool_conv": nn.ModuleList([nn.MaxPool2d(2), double(width[level - 1], outputs, outputs)])}
            )
            self.add_module(f"down{level}", block)
        for number in range(1, depth + 1):
            above, level = width[depth - number + 1], depth - number
            parts = nn.ModuleDict()
            if bilinear:
                outputs = width[level] // (half if level else 1)
                parts["conv"] = double(above, above // 2, outputs)
            else:
                parts["up"] = nn.ConvTranspose2d(above, above // 2, 2, stride=2)
                parts["conv"] = double(above, above // 2, above // 2)
            self.add_module(f"up{number}", parts)
        self.outc = nn.ModuleDict({"conv": nn.Conv2d(width[0], classes, 1)})

    def forward(self, x: Tensor) -> Tensor:
        x = self.inc["double_conv"](x)
        skips = []
        for level in range(1, self.depth + 1):
            skips.append(x)
            pool, block = self.get_submodule(f"down{level}")["maxpool_conv"]
            x = block["double_conv"](pool(x))
        for number in range(1, self.depth + 1):
            parts, skip = self.get_submodule(f"up{number}"), skips.pop()
            grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True) if self.bilinear else parts["up"]
            x = parts["conv"]["double_conv"](torch.cat([skip, grow(x)], 1))
        return self.outc["conv"](x)


class BrainSegmentation(nn.Module):
    """The structure of mateuszbuda/brain-segmentation-pytorch, without the sigmoid at its end."""

    def __init__(self, channels: int = 1, classes: int = 1, depth: int = DEPTH) -> None:
        super().__init__()
        self.depth = depth

        def block(inputs: int, outputs: int, name: str) -> nn.Sequential:
            names = [f"{name}{part}" for part in ("conv1", "norm1", "relu1", "conv2", "norm2", "relu2")]
            return _steps(inputs, outputs, outputs, names, bias=False)

        width = [WIDTH * 2**level for level in range(depth + 1)]
        for n in range(1, depth + 1):
            self.add_module(f"encoder{n}", block(width[n - 2] if n > 1 else channels, width[n - 1], f"enc{n}"))
            self.add_module(f"upconv{n}", nn.ConvTranspose2d(width[n], width[n - 1], 2, stride=2))
            self.add_module(f"decoder{n}", block(2 * width[n - 1], width[n - 1], f"dec{n}"))
        self.bottleneck = block(width[depth - 1], width[depth], "bottleneck")
        self.conv = nn.Conv2d(width[0], classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for n in range(1, self.depth + 1):
            x = self.get_submodule(f"encoder{n}")(x)
            skips.append(x)
            x = functional.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for n in range(self.depth, 0, -1):
            x = torch.cat([self.get_submodule(f"upconv{n}")(x), skips.pop()], 1)
            x = self.get_submodule(f"decoder{n}")(x)
        return self.conv(x)


def as_trained(network: nn.Module, seed: int = 0, nothing_below_zero: bool = False) -> nn.Module:
    """`network` in evaluation mode with random weights and biases, and the statistics of batch normalization that belong to them.

    Args:
        nothing_below_zero: what its transposed convolutions give is never negative.
    """
    generator = torch.Generator().manual_seed(seed)

    def random(like: Tensor, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(like.shape, generator=generator)

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(random(module.weight, 0.5, 1.5))
                module.bias.copy_(random(module.bias, -0.5, 0.5))
                module.momentum = None  # the mean of all that it sees
            elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                positive = nothing_below_zero and isinstance(module, nn.ConvTranspose2d)
                reach = 1 / len(module.weight) if positive else 2 / module.weight[0].numel() ** 0.5
                module.weight.copy_(random(module.weight, 0 if positive else -reach, reach))
                if module.bias is not None:
                    module.bias.copy_(random(module.bias, 0 if positive else -0.3, 0.3))
        channels = next(network.parameters()).shape[1]
        for _ in range(3):
            network.train()(torch.rand(8, channels, SIZE, SIZE, generator=generator))
    return network.eval()
