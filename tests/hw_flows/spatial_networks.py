# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks with layers that move or interpolate pixels, in the ways that people write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import brevitas.nn as qnn
import torch
from brevitas.quant import Int8BiasPerTensorFloatInternalScaling, Int8WeightPerTensorFloat
from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.written_differently import (
    CHANNELS,
    Net,
    chain_of,
    conv,
    export,
    identity,
    norm,
    pool,
    relu,
    up_conv,
)

__all__ = ["IN_HARDWARE", "NETWORKS", "REFUSED", "export"]


def center_crop(x: Tensor, height: int, width: int) -> Tensor:
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]


def shifting_norm() -> nn.Module:
    """A batch normalization that makes no 0 of a 0."""
    result = norm()
    nn.init.constant_(result.bias, 1)
    return result


def _valid(crop: Callable[[Tensor, Tensor], Tensor]) -> Net:
    """The U-Net of 2015: no border anywhere, skips cropped to what is left of the image below."""

    def forward(m: torch.nn.ModuleDict, image: Tensor, x: Tensor) -> Tensor:
        skip = m["q"](x)
        below = m["q"](m["up"](m["down"](pool(skip))))
        return m["leave"](cat([crop(skip, below), below], 1))

    layers = {
        "down": nn.Sequential(conv(padding=0), norm(), relu()),
        "leave": nn.Sequential(conv(8, padding=0), norm(), relu()),
    }
    return Net(forward, q=relu(), up=up_conv(), **layers)


def _padded_up(amounts: tuple[int, int, int, int], before_quantizer: bool) -> Net:
    """The join of PyTorch-UNet for an odd size: what came up is padded to the size of the skip."""

    def forward(m: torch.nn.ModuleDict, image: Tensor, x: Tensor) -> Tensor:
        skip = m["q"](x)[:, :, :15, :15]
        below = m["up"](functional.max_pool2d(skip[:, :, :14, :14], 2))
        below = functional.pad(below, amounts)
        return (
            m["leave"](cat([skip, m["q"](below)], 1))
            if before_quantizer
            else m["leave"](cat([skip, functional.pad(m["q"](below[:, :, :14, :14]), amounts)], 1))
        )

    return Net(forward, q=relu(), up=up_conv(), leave=nn.Sequential(conv(8), norm(), relu()))


def _sub_pixel(*behind: nn.Module) -> Net:
    """Convolution, `behind`, pixel shuffle; joined with the skip."""

    def forward(m: torch.nn.ModuleDict, image: Tensor, x: Tensor) -> Tensor:
        return m["leave"](cat([m["q"](m["up"](pool(m["q"](x)))), m["q"](x)], 1))

    up = nn.Sequential(conv(4, 16), *behind)
    return Net(forward, q=relu(), up=up, leave=nn.Sequential(conv(8), norm(), relu()))


def written_out_shuffle(x: Tensor, channels_first: bool) -> Tensor:
    n, c, h, w = x.shape
    if channels_first:
        return x.reshape(n, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * h, 2 * w)
    return x.reshape(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)


class WrittenOut(nn.Module):
    def __init__(self, channels_first: bool) -> None:
        super().__init__()
        self.channels_first = channels_first

    def forward(self, x: Tensor) -> Tensor:
        return written_out_shuffle(x, self.channels_first)


def focus(x: Tensor) -> Tensor:
    """The first layer of YOLOv5."""
    return cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


def _bilinear(factor: int, corners: bool, quantized: bool = True, bits: int = 4, **options: Any) -> Net:
    """PyTorch-UNet's other decoder: interpolation, joined with the skip."""

    def forward(m: torch.nn.ModuleDict, image: Tensor, x: Tensor) -> Tensor:
        skip = m["q"](x)
        below = m["down"](pool(skip, factor))
        below = functional.interpolate(below, mode="bilinear", align_corners=corners, scale_factor=factor)
        return m["leave"](cat([skip, m["q"](below) if quantized else below], 1))

    leave = nn.Sequential(conv(8, **options), norm(), relu())
    net = Net(forward, q=relu(bits), down=nn.Sequential(conv(), norm(), relu(bits)), leave=leave)
    if not quantized:
        net.layers["down"] = nn.Sequential(conv(), norm(), net.layers["q"])
    return net


def transposed(kernel: Any, stride: int, padding: int, more: Any = 0, **options: Any) -> nn.Module:
    options = {"bias": False, "weight_bit_width": 4, **options}
    return qnn.QuantConvTranspose2d(
        CHANNELS,
        options.pop("out", CHANNELS),
        kernel,
        stride,
        padding,
        more,
        weight_quant=Int8WeightPerTensorFloat,
        **options,
    )


def _ending_in(last: nn.Module) -> Net:
    net = chain_of(lambda x: pool(x, 4), conv(), norm(), relu())
    net.last = last
    return net


def _transposed(*layers: nn.Module) -> Net:
    """A decoder's step by `layers`, joined with the skip."""

    def forward(m: torch.nn.ModuleDict, image: Tensor, x: Tensor) -> Tensor:
        skip = m["q"](x)
        return m["leave"](cat([m["q"](m["up"](m["down"](pool(skip)))), skip], 1))

    down, leave = nn.Sequential(conv(), relu()), nn.Sequential(conv(8), norm(), relu())
    return Net(forward, q=relu(), down=down, up=nn.Sequential(*layers), leave=leave)


NETWORKS: dict[str, Callable[[], Net]] = {
    "bilinear straight into a Concat that 8-bit weights read": lambda: _bilinear(
        2, False, quantized=False, weight_bit_width=8
    ),
    "valid convolutions, skips cropped by slices": lambda: _valid(
        lambda skip, below: center_crop(skip, *below.shape[2:])
    ),
    "valid convolutions, skips cropped by a negative pad": lambda: _valid(
        lambda skip, below: functional.pad(skip, (-2, -2, -2, -2))
    ),
    "what came up is padded before its quantizer": lambda: _padded_up((0, 1, 0, 1), True),
    "what came up is padded behind its quantizer": lambda: _padded_up((0, 1, 0, 1), False),
    "cropped and padded before batch normalization": lambda: chain_of(
        conv(),
        lambda x: x[:, :, 3:, :-2],
        norm(negative=True),
        relu(),
        lambda x: functional.pad(x, (2, 0, 1, 2)),
        pool,
        conv(),
        relu(),
    ),
    "every second pixel": lambda: chain_of(conv(), relu(), lambda x: x[:, :, 1::2, ::3], conv(), relu()),
    "pixel shuffle": lambda: _sub_pixel(nn.PixelShuffle(2)),
    "pixel shuffle of scales a channel": lambda: _sub_pixel(norm(16, negative=True), nn.PixelShuffle(2)),
    "pixel shuffle before batch normalization": lambda: _sub_pixel(nn.PixelShuffle(2), norm(4, negative=True)),
    "pixel shuffle of what is quantized, pooled and cropped": lambda: chain_of(
        conv(4, 16), norm(16), relu(), pool, lambda x: x[:, :, 1:, :], nn.PixelShuffle(2), conv(), relu()
    ),
    "pixel shuffle by reshaping": lambda: _sub_pixel(norm(16), WrittenOut(True)),
    "pixels first by reshaping": lambda: _sub_pixel(norm(16), relu(), WrittenOut(False)),
    "space to depth": lambda: chain_of(conv(), norm(), relu(), nn.PixelUnshuffle(2), conv(16), relu()),
    "space to depth before batch normalization": lambda: chain_of(
        conv(weight_scaling_per_output_channel=True), nn.PixelUnshuffle(2), norm(16), relu(), pool, conv(16, 4), relu()
    ),
    "space to depth, joined": lambda: Net(
        lambda m, image, x: m["leave"](cat([m["q"](m["c"](pool(x))), nn.functional.pixel_unshuffle(m["q"](x), 2)], 1)),
        q=relu(),
        c=conv(),
        leave=nn.Sequential(conv(20), norm(), relu()),
    ),
    "slices of every second pixel, joined": lambda: chain_of(focus, conv(16), norm(), relu()),
    "bilinear by 2": lambda: _bilinear(2, False),
    "bilinear by 4": lambda: _bilinear(4, False),
    "bilinear by 2 with corners aligned": lambda: _bilinear(2, True),
    "bilinear by 4 with corners aligned": lambda: _bilinear(4, True, bits=3),
    "bilinear by 2 straight into a Concat": lambda: _bilinear(2, False, quantized=False),
    "bilinear of a pooled skip straight into a Concat": lambda: chain_of(
        conv(),
        relu(3),
        lambda x: cat([x, functional.interpolate(pool(x), scale_factor=2, mode="bilinear")], 1),
        conv(8),
        norm(),
        relu(),
    ),
    "bilinear of signed integers into a convolution": lambda: chain_of(
        pool, conv(), identity(3), nn.Upsample(scale_factor=2, mode="bilinear"), conv(), norm(), relu()
    ),
    "bilinear to an odd size": lambda: chain_of(
        pool, conv(), relu(3), nn.Upsample(size=(15, 11), mode="bilinear"), relu(3), conv(), relu()
    ),
    "bilinear of what a convolution adds up": lambda: chain_of(
        pool, conv(), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), norm(), relu(), conv(), relu()
    ),
    "transposed convolution 3x3 by 2": lambda: _transposed(transposed(3, 2, 1, 1)),
    "transposed convolution 3x3 by 2, normalized": lambda: _transposed(
        transposed(3, 2, 1, 1, bias=True), norm(negative=True)
    ),
    "transposed convolution 4x4 by 2": lambda: _transposed(transposed(4, 2, 1), norm()),
    "transposed convolution 4x4 by 2, scales a channel": lambda: _transposed(
        transposed(4, 2, 1, weight_scaling_per_output_channel=True, bias=True), norm(negative=True)
    ),
    "transposed convolution 5x5 by 2": lambda: _transposed(transposed(5, 2, 2, 1), norm()),
    "transposed convolution 3x3 by 2 at the end, scales a channel": lambda: _ending_in(
        transposed(3, 2, 1, 1, bias=True, out=2, weight_scaling_per_output_channel=True)
    ),
    "transposed convolution 4x4 by 2 at the end, scales a channel": lambda: _ending_in(
        transposed(4, 2, 1, bias=True, out=2, weight_scaling_per_output_channel=True)
    ),
    "transposed convolution of other kernels for rows and columns": lambda: _transposed(
        transposed((4, 3), 2, 1, (0, 1))
    ),
    "transposed convolution 3x3 by 1": lambda: chain_of(transposed(3, 1, 1), norm(), relu()),
    "transposed convolution 3x3 by 3, cut": lambda: chain_of(
        lambda x: pool(x, 4),
        transposed(3, 3, 1, bias_quant=Int8BiasPerTensorFloatInternalScaling, bias=True),
        norm(),
        relu(),
    ),
    "a mirrored border": lambda: chain_of(conv(), relu(), nn.ReflectionPad2d(1), conv(padding=0), norm(), relu()),
    "borders of convolutions of padding modes": lambda: chain_of(
        conv(padding_mode="reflect"), norm(negative=True), relu(), conv(padding_mode="replicate"), relu()
    ),
    "a mirrored border before batch normalization": lambda: chain_of(
        conv(), nn.ReflectionPad2d((2, 0, 1, 1)), shifting_norm(), relu(), pool, conv(), relu()
    ),
    "a border of zeros behind a bias": lambda: chain_of(
        conv(bias=True), lambda x: functional.pad(x, (1, 1, 1, 1)), pool, relu()
    ),
    "pools of odd sizes": lambda: chain_of(lambda x: pool(pool(x, 3), 2), conv(), relu()),
    "a crop of what was padded and sliced": lambda: chain_of(
        conv(), norm(), relu(), lambda x: functional.pad(x, (1, 1, 1, 1))[:, :, 2:, 1:15][:, :, :-2, :], conv(), relu()
    ),
}

REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "a pad before a batch normalization": (
        lambda: chain_of(conv(), lambda x: functional.pad(x, (1, 1, 1, 1)), pool, shifting_norm(), relu()),
        r"\S+ \(Quant\): zeros that \S+ \(Pad\) puts around",
    ),
    "a pixel shuffle of channels that another layer reads": (
        lambda: Net(
            lambda m, image, x: (lambda y: cat([m["b"](y), pool(nn.functional.pixel_shuffle(y, 2))], 1))(m["a"](x)),
            last=8,
            a=nn.Sequential(conv(4, 16), relu()),
            b=nn.Sequential(conv(16), relu()),
        ),
        r"\S+ \(DepthToSpace\): no convolution can give the channels",
    ),
    "bilinear of 8 bits straight into a Concat": (
        lambda: _bilinear(2, False, quantized=False, bits=8),
        r"\S+ \(Resize\): what it interpolates goes into \S+ .* with 12 bits",
    ),
    "bilinear straight into a Concat that a convolution in groups of 8-bit weights reads": (
        lambda: _bilinear(2, False, quantized=False, weight_bit_width=8, groups=2),
        r"\S+ \(Conv\): the branches .* different scales.* behind \S+\): some weights would be 16 times",
    ),
    "bilinear behind a ReLU": (
        lambda: chain_of(pool, conv(), nn.ReLU(), nn.Upsample(scale_factor=2, mode="bilinear"), relu()),
        r"\S+ \(Resize\): it interpolates what \S+ \(Relu\) gives",
    ),
    "bilinear to a smaller size": (
        lambda: chain_of(conv(), relu(), nn.Upsample(size=(9, 9), mode="bilinear"), relu()),
        r"\S+ \(Resize\): resizing by linear interpolation",
    ),
    "channels shuffled by reshaping": (
        lambda: chain_of(
            conv(), relu(), lambda x: x.reshape(-1, 2, 2, *x.shape[2:]).transpose(1, 2).reshape(x.shape), conv(), relu()
        ),
        r"\S+ \(Reshape\): it changes the order or the meaning of the axes",
    ),
    "a border of ones": (
        lambda: chain_of(conv(), relu(), lambda x: functional.pad(x, (1, 1, 1, 1), value=1), conv(), relu()),
        r"\S+ \(Pad\): a border of a value other than 0",
    ),
    "a circular border": (
        lambda: chain_of(conv(), relu(), nn.CircularPad2d(1), conv(), relu()),
        r"has no hardware",
    ),
    "a part of the channels": (
        lambda: chain_of(conv(), relu(), lambda x: x[:, :2], conv(2), relu()),
        r"\S+ \(Slice\): a part of the channels",
    ),
}

#: Those that are simulated.
IN_HARDWARE = (
    "valid convolutions, skips cropped by slices",
    "what came up is padded before its quantizer",
    "pools of odd sizes",
    "pixel shuffle of scales a channel",
    "space to depth, joined",
    "bilinear by 2 straight into a Concat",
    "bilinear by 4 with corners aligned",
    "transposed convolution 3x3 by 2, normalized",
    "transposed convolution 4x4 by 2, scales a channel",
    "borders of convolutions of padding modes",
)
