# SPDX-License-Identifier: BSD-3-Clause
"""An architecture as people publish it, made small, and the file that a user would bring of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from tests.hw_flows.architectures.ways import Way
from tests.hw_flows.foreign import Exported


@dataclass(frozen=True)
class Architecture:
    """`make` gives the float module; `way` quantizes and writes it."""

    source: str
    """The library that it is taken from, or where its structure was published."""
    way_name: str
    way: Way
    make: Callable[[], nn.Module]
    image: tuple[int, int, int] = (1, 32, 32)
    """Channels, height, width."""

    def export(self, path: Path, frames: int = 2) -> Exported:
        """Write `path`; with `frames` of the random images that it was calibrated with, and its answers to them."""
        torch.manual_seed(0)
        network = with_statistics(self.make(), torch.rand(4, *self.image))
        images = torch.rand(4, *self.image)
        answers = self.way(network, images, path)
        return Exported(path, images[:frames].numpy(), answers[:frames])


def with_statistics(network: nn.Module, images: torch.Tensor) -> nn.Module:
    """As a trained network is: batch normalization of the images' own statistics, with factors and shifts of its own."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.3, 0.3)
            layer.reset_running_stats()
            layer.momentum = None  # the mean of all batches
    last = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)][-1]
    nn.init.normal_(last.weight)  # answers of some size, also before a sigmoid
    network.train()
    with torch.no_grad():
        for _ in range(3):
            network(images)
    return network.eval()


def narrowed(network: nn.Module, divisor: int) -> nn.Module:
    """The same network with the channels of all its layers divided, but for those of the image and of what comes out."""
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    image = layers[0].in_channels

    def fewer(channels: int) -> int:
        return channels if channels == image else max(1, channels // divisor)

    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.BatchNorm2d):
                setattr(parent, name, nn.BatchNorm2d(fewer(layer.num_features)))
            elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                extra = {"output_padding": layer.output_padding} if isinstance(layer, nn.ConvTranspose2d) else {}
                narrow = type(layer)(
                    fewer(layer.in_channels),
                    layer.out_channels if layer is layers[-1] else fewer(layer.out_channels),
                    layer.kernel_size,
                    layer.stride,
                    layer.padding,
                    dilation=layer.dilation,
                    groups=layer.groups if layer.groups == 1 else fewer(layer.groups),
                    bias=layer.bias is not None,
                    **extra,
                )
                setattr(parent, name, narrow)
    return network
