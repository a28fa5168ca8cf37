# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks with the windows of well-known ones: stems, inverted residuals, atrous pyramids.

Each entry of NETWORKS makes a module of one image (1, 1, 16, 16) in [0, 1], as in `written_differently`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.written_differently import Net, conv, identity, norm, relu, up


def _resnet_stem() -> Net:
    """7x7 convolution of stride 2, 3x3 max-pool of stride 2 and padding 1."""
    stem = nn.Sequential(conv(4, 6, kernel=7, stride=2), norm(6), relu(), nn.MaxPool2d(3, 2, 1))
    return Net(lambda m, image, x: up(up(m["stem"](x))), last=6, stem=stem)


def _inverted_residual() -> Net:
    """MobileNet's: a 1x1 convolution, a depthwise one of stride 2, a 1x1 convolution without activation."""
    expand = nn.Sequential(conv(4, 12, kernel=1), norm(12), relu())
    depthwise = nn.Sequential(conv(12, 12, stride=2, groups=12), norm(12, negative=True), relu())
    project = nn.Sequential(conv(12, 4, kernel=1), norm(), identity())
    return Net(lambda m, image, x: up(m["block"](x)), block=nn.Sequential(expand, depthwise, project))


def _signed_pools() -> Net:
    """Padding of a max-pool is less than every activation, also where all are negative."""
    signed = nn.Sequential(conv(bias=True), norm(), identity(4))
    pools = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.MaxPool2d((5, 2), (2, 1), (2, 1)), conv(), relu())
    return Net(lambda m, image, x: m["pools"](m["signed"](x)), signed=signed, pools=pools)


def _pyramid() -> Net:
    """DeepLab's: convolutions of several dilations beside the average of the whole image."""
    branches = {f"d{d}": nn.Sequential(conv(4, 2, dilation=d, padding=d), norm(2)) for d in (1, 3, 5)}
    whole = nn.Sequential(nn.AdaptiveAvgPool2d(1), identity(6, signed=False), conv(4, 2, kernel=1), norm(2))

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        q = m["q"]
        wide = functional.interpolate(q(m["whole"](x)), size=(16, 16), mode="nearest")
        return cat([*(q(m[name](x)) for name in branches), wide], 1)

    return Net(forward, last=8, q=relu(), whole=whole, **branches)


def _odd_sizes() -> Net:
    """U2-Net's pools, whose last windows are not whole."""
    layers = nn.Sequential(
        conv(4, 4, kernel=2, padding=0), norm(), relu(), nn.MaxPool2d(2, 2, ceil_mode=True), conv(), relu()
    )
    return Net(lambda m, image, x: up(m["layers"](x)), layers=layers)


def _averages() -> Net:
    """An average that goes into a convolution as it is, one that is quantized, a depthwise convolution between."""
    layers = nn.Sequential(
        nn.AvgPool2d(2),
        conv(4, 4, groups=4),
        norm(),
        relu(),
        nn.AvgPool2d(3, 1, 1),
        identity(4, signed=False),
        conv(),
        relu(),
    )
    return Net(lambda m, image, x: up(m["layers"](x)), layers=layers)


def _averages_of_the_border() -> Net:
    """Windows at the border divide by the pixels that they have."""
    average = nn.AvgPool2d(3, 2, 1, count_include_pad=False)
    layers = nn.Sequential(
        average,
        identity(5, signed=False),
        conv(),
        norm(),
        identity(),
        nn.AvgPool2d((3, 1), 1, (1, 0), count_include_pad=False),
        identity(),
    )
    return Net(lambda m, image, x: up(m["layers"](x)), layers=layers)


def _average_beside_its_pixels() -> Net:
    """The scales that meet are as 1 to 9, which float64 does not divide exactly."""
    return Net(
        lambda m, image, x: m["c"](cat([m["average"](x), x], 1)),
        average=nn.AvgPool2d(3, 1, 1),
        c=nn.Sequential(conv(8), norm(), relu()),
    )


def _groups() -> Net:
    wide = nn.Sequential(conv(4, 12, groups=4), norm(12), relu(), conv(12, 8, groups=2, stride=2), norm(8), relu())
    narrow = nn.Sequential(conv(8, 4, groups=4, dilation=2, padding=2, bias=True), identity())
    return Net(lambda m, image, x: up(m["narrow"](m["wide"](x))), wide=wide, narrow=narrow)


NETWORKS: dict[str, Callable[[], Net]] = {
    "ResNet's stem": _resnet_stem,
    "MobileNet's inverted residual": _inverted_residual,
    "padded max-pools of signed activations": _signed_pools,
    "DeepLab's atrous pyramid with the average of the image": _pyramid,
    "max-pool in ceil_mode": _odd_sizes,
    "average pools": _averages,
    "average pools that do not count their padding": _averages_of_the_border,
    "an average beside what it is of": _average_beside_its_pixels,
    "ResNeXt's groups and a channel multiplier": _groups,
}
