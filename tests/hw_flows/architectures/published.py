# SPDX-License-Identifier: BSD-3-Clause
"""Networks of well-known repositories and papers, written anew from their published structure, in float."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, cat, nn
from torch.nn import functional


def _double(i: int, o: int, padding: int = 1, batch_norm: bool = True) -> nn.Sequential:
    """Twice: 3x3 convolution, batch normalization, ReLU."""
    layers: list[nn.Module] = []
    for channels in (i, o):
        layers.append(nn.Conv2d(channels, o, 3, padding=padding, bias=not batch_norm))
        layers += [nn.BatchNorm2d(o)] if batch_norm else []
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class PyTorchUNet(nn.Module):
    """github.com/milesial/Pytorch-UNet: what comes up is padded to the size of the skip, which stands first in the Concat.

    `bilinear`: interpolation in place of transposed convolutions, and half the channels at the bottom.
    """

    def __init__(self, widths: tuple[int, ...], bilinear: bool, classes: int = 2) -> None:
        super().__init__()
        self.bilinear = bilinear
        below = [w // (2 if bilinear and w == widths[-1] else 1) for w in widths]
        self.enter = _double(1, widths[0])
        self.down = nn.ModuleList(_double(i, o) for i, o in pairwise(below))
        self.up, self.join = nn.ModuleList(), nn.ModuleList()
        i = below[-1]
        for level in reversed(range(len(widths) - 1)):
            skip = widths[level]
            o = skip // 2 if bilinear and level else skip
            self.up.append(
                nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
                if bilinear
                else nn.ConvTranspose2d(i, skip, 2, 2)
            )
            self.join.append(_double(skip + (i if bilinear else skip), o))
            i = o
        self.last = nn.Conv2d(i, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(functional.max_pool2d(x, 2))
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = up(x)
            rows, columns = skip.shape[2] - x.shape[2], skip.shape[3] - x.shape[3]
            x = functional.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
            x = join(cat([skip, x], dim=1))
        return cast(Tensor, self.last(x))


class BrainUNet(nn.Module):
    """The U-Net for brain MRI of github.com/mateuszbuda/brain-segmentation-pytorch (PyTorch Hub): what comes up stands first in
    the Concat, a sigmoid at the end."""

    def __init__(self, features: int, depth: int = 3) -> None:
        super().__init__()
        widths = [features * 2**level for level in range(depth + 1)]
        self.encoder = nn.ModuleList(_double(i, o) for i, o in zip([3, *widths], widths[:-1], strict=False))
        self.pool = nn.MaxPool2d(2, 2)
        self.bottleneck = _double(widths[-2], widths[-1])
        pairs = list(zip(widths[1:], widths, strict=False))[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, 2) for i, o in pairs)
        self.decoder = nn.ModuleList(_double(2 * o, o) for _, o in pairs)
        self.conv = nn.Conv2d(features, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for encoder in self.encoder:
            x = encoder(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottleneck(x)
        for up, decoder, skip in zip(self.up, self.decoder, reversed(skips), strict=True):
            x = decoder(cat((up(x), skip), dim=1))
        return torch.sigmoid(self.conv(x))


class FirstUNet(nn.Module):
    """Ronneberger et al. 2015, arXiv 1505.04597: no border, no batch normalization, skips cropped to what is left below."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.down = nn.ModuleList(_double(i, o, 0, False) for i, o in zip((1, *widths), widths, strict=False))
        pairs = list(zip(widths[1:], widths, strict=False))[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, 2) for i, o in pairs)
        self.join = nn.ModuleList(_double(i, o, 0, False) for i, o in pairs)
        self.last = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for down in self.down:
            x = down(functional.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1], strict=True):
            x = up(x)
            top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
            x = join(cat([skip[:, :, top : top + x.shape[2], left : left + x.shape[3]], x], 1))
        return cast(Tensor, self.last(x))


class NestedUNet(nn.Module):
    """U-Net++, arXiv 1807.10165: node (i, j) joins all nodes before it at its size with the one below, repeated."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.pool, self.up = nn.MaxPool2d(2), nn.Upsample(scale_factor=2, mode="nearest")
        self.depth = len(widths)
        self.nodes = nn.ModuleDict()
        for j in range(self.depth):
            for i in range(self.depth - j):
                before = ((1, *widths)[i] if i else 1) if j == 0 else j * widths[i] + widths[i + 1]
                self.nodes[f"x{i}{j}"] = _double(before, widths[i])
        self.last = nn.Conv2d(widths[0], 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        rows: list[list[Tensor]] = []
        for i in range(self.depth):
            rows.append([self.nodes[f"x{i}0"](self.pool(rows[i - 1][0]) if i else image)])
            for j in range(1, i + 1):
                above = i - j
                rows[above].append(self.nodes[f"x{above}{j}"](cat([*rows[above], self.up(rows[above + 1][j - 1])], 1)))
        return cast(Tensor, self.last(rows[0][-1]))


class UNet3Plus(nn.Module):
    """U-Net 3+, arXiv 2004.08790: each decoder stage joins all sizes, pooled or interpolated, each behind a convolution."""

    def __init__(self, widths: tuple[int, ...], each: int) -> None:
        super().__init__()
        levels = len(widths)
        self.levels, self.joined = levels, each * levels
        self.encoder = nn.ModuleList(_double(i, o) for i, o in zip((1, *widths), widths, strict=False))
        self.branches, self.fuse = nn.ModuleDict(), nn.ModuleDict()
        for stage in range(levels - 1):
            for source in range(levels):
                decoded = stage < source < levels - 1
                self.branches[f"{stage}_{source}"] = _single(self.joined if decoded else widths[source], each)
            self.fuse[str(stage)] = _single(self.joined, self.joined)
        self.last = nn.Conv2d(self.joined, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        features = []
        for level, encoder in enumerate(self.encoder):
            x = encoder(functional.max_pool2d(x, 2) if level else x)
            features.append(x)
        for stage in reversed(range(self.levels - 1)):
            branches = []
            for source in range(self.levels):
                y = features[source]
                if source < stage:
                    y = functional.max_pool2d(y, 2 ** (stage - source))
                elif source > stage:
                    y = functional.interpolate(y, scale_factor=2.0 ** (source - stage), mode="bilinear")
                branches.append(self.branches[f"{stage}_{source}"](y))
            features[stage] = self.fuse[str(stage)](cat(branches, 1))
        return cast(Tensor, self.last(features[0]))


def _single(i: int, o: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class _ResidualBlock(nn.Module):
    """Full pre-activation: batch normalization, ReLU and convolution, twice; added to a projection of what came in."""

    def __init__(self, i: int, o: int, stride: int, first: bool = False) -> None:
        super().__init__()
        before: list[nn.Module] = [] if first else [nn.BatchNorm2d(i), nn.ReLU()]
        self.block = nn.Sequential(
            *before,
            nn.Conv2d(i, o, 3, stride, 1),
            nn.BatchNorm2d(o),
            nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1),
        )
        self.skip = nn.Sequential(nn.Conv2d(i, o, 1, stride), nn.BatchNorm2d(o))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.block(x) + self.skip(x))


class ResUNet(nn.Module):
    """Deep residual U-Net, arXiv 1711.10684."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        ways = list(zip((1, *widths), widths, strict=False))
        self.down = nn.ModuleList(
            _ResidualBlock(i, o, 2 if level else 1, not level) for level, (i, o) in enumerate(ways)
        )
        pairs = list(zip(widths[1:], widths, strict=False))[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, i, 2, 2) for i, _ in pairs)
        self.join = nn.ModuleList(_ResidualBlock(i + o, o, 1) for i, o in pairs)
        self.last = nn.Conv2d(widths[0], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1], strict=True):
            x = join(cat([up(x), skip], 1))
        return torch.sigmoid(self.last(x))


class _BasicBlock(nn.Module):
    """The block of ResNet-18."""

    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.first = _single(i, o, 3, stride)
        self.second = nn.Sequential(nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o))
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or i != o:
            self.skip = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(self.first(x)) + self.skip(x))


class LinkNet(nn.Module):
    """LinkNet, arXiv 1707.03718: a ResNet whose stages are added to what comes up, between 1x1 convolutions."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.enter = nn.Sequential(_single(3, widths[0], 7, 2), nn.MaxPool2d(3, 2, 1))
        ways = zip((widths[0], *widths), widths, strict=False)
        self.down = nn.ModuleList(
            nn.Sequential(_BasicBlock(i, o, 2 if level else 1), _BasicBlock(o, o, 1))
            for level, (i, o) in enumerate(ways)
        )
        outs = zip(widths, (widths[0], *widths), strict=False)
        self.up = nn.ModuleList(self._decoder(i, o, 2 if level else 1) for level, (i, o) in enumerate(outs))
        half = widths[0] // 2
        self.leave = nn.Sequential(
            nn.ConvTranspose2d(widths[0], half, 3, 2, 1, output_padding=1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            _single(half, half),
            nn.ConvTranspose2d(half, 2, 2, 2),
        )

    @staticmethod
    def _decoder(i: int, o: int, stride: int) -> nn.Module:
        up = nn.ConvTranspose2d(i // 4, i // 4, 3, stride, 1, output_padding=stride - 1, bias=False)
        return nn.Sequential(_single(i, i // 4, 1), up, nn.BatchNorm2d(i // 4), nn.ReLU(), _single(i // 4, o, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        stages = []
        for down in self.down:
            x = down(x)
            stages.append(x)
        for level in reversed(range(len(stages))):
            x = self.up[level](x)
            if level:
                x = x + stages[level - 1]
        return cast(Tensor, self.leave(x))


class _Bottleneck(nn.Module):
    """ENet's: 1x1, one convolution of its own kind, 1x1; PReLU behind each and behind the sum."""

    def __init__(self, channels: int, middle: Callable[[int], nn.Module]) -> None:
        super().__init__()
        inner = channels // 4
        self.block = nn.Sequential(
            *_with_slope(nn.Conv2d(channels, inner, 1, bias=False), inner),
            *_with_slope(middle(inner), inner),
            nn.Conv2d(inner, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.last = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.last(x + self.block(x)))


def _with_slope(layer: nn.Module, channels: int) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(channels), nn.PReLU()]


class ENet(nn.Module):
    """ENet, arXiv 1606.02147, with transposed convolutions in place of its max-unpooling: first block of a strided convolution
    beside a pool, bottlenecks with dilated and with 5x1 and 1x5 convolutions."""

    def __init__(self, channels: int, classes: int = 2) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, channels - 3, 3, 2, 1, bias=False)
        self.enter = nn.Sequential(nn.BatchNorm2d(channels), nn.PReLU())
        wide = 2 * channels
        self.down = nn.Sequential(*_with_slope(nn.Conv2d(channels, wide, 2, 2, bias=False), wide))
        self.middle = nn.Sequential(
            _Bottleneck(wide, lambda c: nn.Conv2d(c, c, 3, padding=1)),
            _Bottleneck(wide, lambda c: nn.Conv2d(c, c, 3, padding=4, dilation=4)),
            _Bottleneck(
                wide,
                lambda c: nn.Sequential(
                    nn.Conv2d(c, c, (5, 1), padding=(2, 0)), nn.Conv2d(c, c, (1, 5), padding=(0, 2))
                ),
            ),
        )
        self.up = nn.Sequential(*_with_slope(nn.ConvTranspose2d(wide, channels, 3, 2, 1, 1, bias=False), channels))
        self.after = _Bottleneck(channels, lambda c: nn.Conv2d(c, c, 3, padding=1))
        self.last = nn.ConvTranspose2d(channels, classes, 3, 2, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(cat([self.first(x), functional.max_pool2d(x, 2)], 1))
        return cast(Tensor, self.last(self.after(self.up(self.middle(self.down(x))))))
