# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks that write down the same arithmetic in the many ways that people do.

Each entry of NETWORKS makes a module of one image (1, 1, 16, 16) in [0, 1] whose kind of writing its name tells.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import brevitas.nn as qnn
import onnx
import torch
from brevitas.export import export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFloat,
    Int8WeightPerTensorFloat,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFloat,
)
from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.foreign import Exported

CHANNELS = 4


def conv(i: int = CHANNELS, o: int = CHANNELS, kernel: int = 3, **options: Any) -> nn.Module:
    own = {"padding": kernel // 2, "bias": False, "weight_bit_width": 4, "weight_quant": Int8WeightPerTensorFloat}
    return qnn.QuantConv2d(i, o, kernel, **{**own, **options})


def up_conv(i: int = CHANNELS, o: int = CHANNELS, **options: Any) -> nn.Module:
    options = {"bias": False, "weight_bit_width": 4, **options}
    return qnn.QuantConvTranspose2d(i, o, 2, 2, weight_quant=Int8WeightPerTensorFloat, **options)


def norm(channels: int = CHANNELS, negative: bool = False) -> nn.Module:
    """Statistics and factors that are not trivial; every second factor is negative where asked for."""
    result = nn.BatchNorm2d(channels)
    with torch.no_grad():
        result.weight.uniform_(0.5, 1.5)
        result.bias.uniform_(-0.3, 0.5)
        if negative:
            result.weight[::2] *= -1
    return result


def relu(bits: int = 4, signed: bool = False, narrow: bool = False) -> nn.Module:
    """A quantized ReLU, without sign unless asked for."""
    quantizer = Int8ActPerTensorFloat if signed else Uint8ActPerTensorFloat
    return qnn.QuantReLU(act_quant=quantizer, bit_width=bits, narrow_range=narrow, **_CALIBRATED)


def by_channel(bits: int = 4, quantizer: type = Uint8ActPerTensorFloat) -> nn.Module:
    """A quantized ReLU with a scale for each channel."""
    return qnn.QuantReLU(
        act_quant=quantizer,
        bit_width=bits,
        per_channel_broadcastable_shape=(1, CHANNELS, 1, 1),
        scaling_stats_permute_dims=(1, 0, 2, 3),
        scaling_per_output_channel=True,
        **_CALIBRATED,
    )


def identity(bits: int = 4, signed: bool = True, narrow: bool = False) -> nn.Module:
    quantizer = Int8ActPerTensorFloat if signed else Uint8ActPerTensorFloat
    return qnn.QuantIdentity(act_quant=quantizer, bit_width=bits, narrow_range=narrow, **_CALIBRATED)


_CALIBRATED = {"collect_stats_steps": 3, "return_quant_tensor": False}


def up(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def pool(x: Tensor, size: int = 2) -> Tensor:
    return functional.max_pool2d(x, size)


class Net(nn.Module):
    """Image quantizer, first block, `layers` as `forward` uses them, last convolution."""

    def __init__(
        self, forward: Callable[[Any, Tensor, Tensor], Tensor], last: int = CHANNELS, **layers: nn.Module
    ) -> None:
        super().__init__()
        self.image = identity(8, signed=False)
        self.first = nn.Sequential(conv(1), norm(), relu())
        self.layers = nn.ModuleDict(layers)
        self.last = conv(last, 2, 1, bias=True)
        self._forward = forward

    def forward(self, x: Tensor) -> Tensor:
        image = self.image(x)
        return self.last(self._forward(self.layers, image, self.first(image)))


def _nested_skips() -> Net:
    """U-Net++: each node joins all before it and the one below, repeated."""
    layers = {name: nn.Sequential(conv(i), norm(), relu()) for name, i in {"down": 4, "a": 8, "b": 12}.items()}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        q = m["q"]
        x00 = q(x)
        x10 = q(m["down"](pool(x00)))
        x01 = q(m["a"](cat([x00, up(x10)], 1)))
        return m["b"](cat([x00, up(x10), x01], 1))

    return Net(forward, q=relu(), **layers)


def _enet() -> Net:
    layers = {
        "conv": conv(1, 3, stride=2),
        "q": identity(6, signed=False),
        "bottom": nn.Sequential(conv(), norm(), relu()),
    }
    return Net(lambda m, image, x: m["bottom"](cat([m["q"](m["conv"](image)), m["q"](pool(image))], 1)), **layers)


def _input_quantizers() -> Net:
    """Quantizers belong to the convolutions that read: behind pools, resizes and Concats."""
    options = {"input_quant": Uint8ActPerTensorFloat, "input_bit_width": 4}
    layers = {
        "n1": norm(),
        "c1": conv(**options),
        "n2": norm(negative=True),
        "c2": conv(8, **options),
        "n3": norm(),
        "q": relu(),
    }

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        skip = functional.relu(m["n1"](x))
        below = functional.relu(m["n2"](m["c1"](pool(skip))))
        return m["q"](m["n3"](m["c2"](cat([up(below), skip], 1))))

    net = Net(forward, **layers)
    net.first = nn.Sequential(conv(1))
    return net


def chain_of(*layers: nn.Module | Callable[[Tensor], Tensor], last: int = CHANNELS) -> Net:
    """One layer after another between the first block and the last convolution."""
    modules = {str(i): layer for i, layer in enumerate(layers) if isinstance(layer, nn.Module)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        for i, layer in enumerate(layers):
            x = m[str(i)](x) if isinstance(layer, nn.Module) else layer(x)
        return x

    return Net(forward, last, **modules)


NETWORKS: dict[str, Callable[[], Net]] = {
    "the skip first in a Concat with a resize": lambda: Net(
        lambda m, image, x: m["join"](cat([m["q"](x), up(m["q"](m["down"](pool(x))))], 1)),
        q=relu(),
        down=conv(),
        join=nn.Sequential(conv(8), norm(), relu()),
    ),
    "nested skips": _nested_skips,
    "a pool with two readers": lambda: Net(
        lambda m, image, x: (lambda p: cat([m["q"](m["a"](p)), m["q"](m["b"](p)), p], 1))(pool(m["q"](x))),
        last=12,
        q=relu(),
        a=conv(),
        b=conv(),
    ),
    "pools of two sizes of one tensor": lambda: Net(
        lambda m, image, x: cat([pool(m["q"](m["a"](pool(x)))), m["q"](m["b"](pool(x, 4)))], 1),
        last=8,
        q=relu(),
        a=conv(),
        b=conv(),
    ),
    "one ReLU with three quantizers": lambda: Net(
        lambda m, image, x: (
            lambda r: cat(
                [m["j"](m["c"](m["q3"](r))), m["j"](m["d"](m["q5"](r))), m["j"](m["e"](pool(m["q2"](up(r)))))], 1
            )
        )(functional.relu(m["n"](m["a"](x)))),
        last=12,
        a=conv(),
        n=norm(negative=True),
        q3=relu(3),
        q5=relu(5),
        q2=identity(2, signed=False),
        c=conv(),
        d=conv(),
        e=conv(),
        j=relu(),
    ),
    "one convolution, two batch normalizations of other signs": lambda: Net(
        lambda m, image, x: (lambda c: cat([m["q"](m["p"](c)), m["q"](m["n"](c)), m["q"](c)], 1))(m["a"](x)),
        last=12,
        a=conv(),
        p=norm(),
        n=norm(negative=True),
        q=relu(),
    ),
    "negative factors between two quantizers": lambda: chain_of(conv(), relu(), norm(negative=True), identity()),
    "negative factors behind an average": lambda: chain_of(
        nn.AvgPool2d(2), norm(negative=True), relu(), conv(), relu()
    ),
    "a scale for each channel, and depthwise convolutions": lambda: chain_of(
        *(conv(), norm(), by_channel(), up, conv(groups=4), norm(negative=True)),
        *(by_channel(5), pool, conv(groups=4), relu(), conv()),
        relu(),
    ),
    "a scale for each channel, powers of two": lambda: chain_of(
        conv(), norm(), by_channel(quantizer=Uint8ActPerTensorFixedPoint), pool, conv(), norm(negative=True), relu()
    ),
    "signed ReLU": lambda: chain_of(conv(), norm(), relu(signed=True), conv(), relu(2, signed=True)),
    "signed narrow ReLU, pooled": lambda: chain_of(conv(), relu(5, signed=True, narrow=True), pool, conv(), relu()),
    "signed quantizer behind a ReLU": lambda: chain_of(
        conv(), nn.ReLU(), identity(), conv(), nn.ReLU(), identity(8, narrow=True)
    ),
    "narrow quantizer without sign": lambda: chain_of(conv(), relu(3, narrow=True), conv(), relu()),
    "ReLU behind a signed quantizer": lambda: chain_of(conv(), identity(5), nn.ReLU(), conv(), relu()),
    "the image joins the last block": lambda: Net(
        lambda m, image, x: m["join"](cat([m["q"](m["a"](x)), m["q"](image)], 1)),
        a=conv(),
        q=identity(8, signed=False),
        join=nn.Sequential(conv(5), norm(), relu()),
    ),
    "the image is convolved and pooled": _enet,
    "the image is convolved twice": lambda: Net(
        lambda m, image, x: cat([m["q"](x), m["q"](m["a"](image))], 1), last=8, a=conv(1, kernel=5), q=relu()
    ),
    "input quantizers": _input_quantizers,
    "pool before the quantizer": lambda: chain_of(conv(), norm(negative=True), pool, relu(), conv(), relu()),
    "pool before batch normalization": lambda: chain_of(conv(), pool, norm(), relu(), conv(), relu()),
    "resize before batch normalization of either sign": lambda: chain_of(pool, conv(), up, norm(negative=True), relu()),
    "quantizer behind the Concat of two convolutions": lambda: Net(
        lambda m, image, x: m["q"](m["n"](cat([m["a"](x), up(m["b"](pool(x)))], 1))),
        last=8,
        a=conv(),
        b=conv(),
        n=norm(8, negative=True),
        q=relu(),
    ),
    "quantizer behind the Concat of a skip and a transposed convolution": lambda: Net(
        lambda m, image, x: m["c"](m["q"](cat([x, m["n"](m["up"](pool(x)))], 1))),
        up=up_conv(),
        n=norm(negative=True),
        q=relu(),
        c=nn.Sequential(conv(8), relu()),
    ),
    "a convolution is quantized, and pooled and quantized": lambda: Net(
        lambda m, image, x: (lambda c: cat([m["q"](c), up(m["q"](m["b"](m["p"](pool(c)))))], 1))(m["a"](x)),
        last=8,
        a=nn.Sequential(conv(), norm()),
        b=conv(),
        q=relu(),
        p=relu(),
    ),
    "ReLU before batch normalization": lambda: chain_of(
        conv(bias=True),
        nn.ReLU(),
        norm(),
        identity(),
        conv(),
        nn.ReLU(),
        norm(negative=True),
        identity(3),
        conv(),
        relu(),
    ),
    "two ReLUs and batch normalizations": lambda: chain_of(
        conv(), norm(), nn.ReLU(), norm(negative=True), nn.ReLU(), norm(), relu(), conv(), relu()
    ),
}

REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "negative factors behind a pool": (
        lambda: chain_of(conv(), pool, norm(negative=True), relu()),
        r"MaxPool.* some channels are multiplied by a negative",
    ),
    "a transposed convolution in groups": (
        lambda: chain_of(pool, up_conv(groups=2), relu()),
        r"layers\S*/\S+ \(ConvTranspose\): a transposed convolution in 2 groups",
    ),
    "a factor for each pixel": (
        lambda: Net(lambda m, image, x: m["q"](m["a"](x) * torch.linspace(1, 2, 16)), a=conv(), q=relu()),
        "a value for each pixel",
    ),
    "a scale for each channel of activations": (
        lambda: chain_of(conv(), norm(), by_channel()),
        "have a scale for each channel",
    ),
    "a branch with a scale for each channel is added": (
        lambda: Net(lambda m, image, x: m["r"](m["q"](m["a"](x)) + x), a=conv(), q=by_channel(), r=relu()),
        "a branch that it adds has a scale for each channel",
    ),
}


def export(name: str, make: Callable[[], Net], path: Path, count: int = 2, *, dynamo: bool = True) -> Exported:
    """Calibrate and export the network of that name; frames (N, 1, 16, 16) and Brevitas' answers in float64.

    `dynamo`: by PyTorch's newer exporter, which takes some seconds and tells modules; else by its older one.
    """
    torch.manual_seed(sum(name.encode()))
    net = make()
    net.train()
    with torch.no_grad():
        for _ in range(5):
            net(torch.rand(4, 1, 16, 16))
        net.eval()
        frames = torch.rand(count, 1, 16, 16)
        export_qonnx(net, args=frames[:1], export_path=str(path), dynamo=dynamo)
        answers = torch.cat([net.double()(frame.double()) for frame in frames.split(1)])
    onnx.save(onnx.load(str(path)), str(path))
    path.with_name(path.name + ".data").unlink(missing_ok=True)
    return Exported(path, frames.numpy(), answers.numpy())
