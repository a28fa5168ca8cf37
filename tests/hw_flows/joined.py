# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks that join branches of different scales, signs and zero points: one kind an entry of NETWORKS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import brevitas.nn as qnn
from brevitas.inject.enum import ScalingImplType
from brevitas.quant import Int8ActPerTensorFloat, Int8BiasPerTensorFloatInternalScaling, Int8WeightPerTensorFloat
from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.activation_networks import binary, shifted
from tests.hw_flows.written_differently import CHANNELS, Net, conv, identity, norm, pool, relu, up


def _join(*branches: nn.Module, then: nn.Module, cross: Callable[[Tensor], Tensor] = lambda x: x, last: int = 4) -> Net:
    """Each of `branches` reads the first block; what they give is joined, goes through `cross` and `then`."""

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        return m["then"](cross(cat([m[f"b{i}"](x) for i in range(len(branches))], 1)))

    return Net(forward, last=last, then=then, **{f"b{i}": branch for i, branch in enumerate(branches)})


def _branch(quantizer: nn.Module, channels: int = CHANNELS, **options: Any) -> nn.Module:
    return nn.Sequential(conv(4, channels, **options), norm(channels), quantizer)


def _block(channels: int, quantizer: nn.Module | None = None, **options: Any) -> nn.Module:
    return nn.Sequential(conv(channels, **options), norm(negative=True), quantizer or relu())


def _fixed(most: float) -> nn.Module:
    """Of 4 bits, up to `most`: the scale is an eighth of it."""
    return qnn.QuantIdentity(
        act_quant=Int8ActPerTensorFloat,
        bit_width=4,
        scaling_impl_type=ScalingImplType.CONST,
        scaling_init=most,
        return_quant_tensor=False,
    )


def _transposed(channels: int) -> nn.Module:
    layer = qnn.QuantConvTranspose2d(
        channels, 4, 2, 2, bias=True, weight_quant=Int8WeightPerTensorFloat, weight_bit_width=4
    )
    return nn.Sequential(layer, norm(), relu())


def _u_net() -> Net:
    """Every quantizer has a scale of its own, the skip too; the skip is first."""
    layers = {"down": _branch(relu(5)), "up": _branch(identity()), "join": _block(8), "again": _block(8)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        y = m["join"](cat([x, m["up"](up(m["down"](pool(x))))], 1))
        return m["again"](cat([x, y], 1))

    return Net(forward, **layers)


def _nested() -> Net:
    """U-Net++: one Concat is joined with a third branch, of a third scale."""
    layers = {"down": _branch(relu(3), 2), "a": _block(6, relu(2)), "b": _block(10, kernel=1)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        both = cat([x, up(m["down"](pool(x)))], 1)
        return m["b"](cat([both, m["a"](both)], 1))

    return Net(forward, **layers)


NETWORKS: dict[str, Callable[[], Net]] = {
    "U-Net": _u_net,
    "nested": _nested,
    "signed and unsigned": lambda: _join(_branch(identity()), _branch(relu()), then=_block(8)),
    "zero points": lambda: _join(_branch(shifted()), _branch(shifted(5)), then=_block(8)),
    "three branches, two with one quantizer": lambda: Net(
        lambda m, image, x: m["then"](cat([m["q"](m["a"](x)), m["b"](x), m["q"](m["c"](x))], 1)),
        q=relu(),
        a=conv(),
        b=_branch(identity(5)),
        c=conv(),
        then=_block(12),
    ),
    "three branches of three scales": lambda: _join(
        _branch(identity(2), 2), _branch(relu(2), 2), _branch(relu(3), 2), then=_block(6, kernel=1)
    ),
    "pooled, padded and resized once joined": lambda: _join(
        _branch(identity()),
        _branch(relu()),
        then=_block(8),
        cross=lambda x: up(functional.max_pool2d(functional.pad(x, (1, 1, 1, 1)), 3, 2)),
    ),
    "averaged once joined": lambda: _join(
        _branch(identity(3)), _branch(relu(3)), then=_block(8), cross=lambda x: functional.avg_pool2d(x, 2)
    ),
    "two convolutions read what is joined": lambda: Net(
        lambda m, image, x: (lambda y: cat([m["q"](m["c"](y)), m["q"](m["d"](y))], 1))(cat([m["a"](x), m["b"](x)], 1)),
        last=8,
        a=_branch(identity()),
        b=_branch(relu()),
        c=conv(8, dilation=2, padding=2),
        d=conv(8, kernel=1),
        q=relu(),
    ),
    "a transposed convolution reads": lambda: _join(_branch(identity()), _branch(relu()), then=_transposed(8)),
    "a weight scale for each channel and a quantized bias": lambda: _join(
        _branch(identity()),
        _branch(relu()),
        then=_block(
            8, weight_scaling_per_output_channel=True, bias=True, bias_quant=Int8BiasPerTensorFloatInternalScaling
        ),
    ),
    "a function that falls follows": lambda: _join(
        _branch(identity()), _branch(relu()), then=nn.Sequential(conv(8), nn.SiLU(), identity(5))
    ),
    "two scales with a common measure and one without": lambda: _join(
        _branch(_fixed(4.0)), _branch(relu()), _branch(_fixed(6.0)), then=_block(12)
    ),
    "binary activations are joined": lambda: _join(_branch(binary()), _branch(relu()), then=_block(8)),
    "an image of 8 bits is joined": lambda: Net(
        lambda m, image, x: m["then"](cat([image, m["a"](x)], 1)), a=_branch(relu()), then=_block(5)
    ),
}

#: What is refused, and words of the message.
REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "the last convolution reads": (
        lambda: Net(lambda m, image, x: cat([x, m["a"](x)], 1), last=8, a=_branch(identity())),
        r"\S*last\S* \(Conv\): the branches that are joined before it have different scales, .*, and its result is not quantized",
    ),
    "a convolution in groups reads": (
        lambda: _join(_branch(identity()), _branch(relu()), then=_block(8, groups=2)),
        "different scales, .*, and it works in groups",
    ),
    "four branches of four scales": (
        lambda: _join(_branch(identity(8)), _branch(relu(8)), _branch(identity(7)), _branch(relu(7)), then=_block(16)),
        "different scales, .*, and [0-9,]+ comparisons are too many to check",
    ),
}
