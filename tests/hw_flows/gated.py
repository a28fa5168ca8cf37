# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks that multiply branches, in the ways that people do: one kind of writing an entry of NETWORKS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.activation_networks import binary, shifted
from tests.hw_flows.written_differently import CHANNELS, Net, conv, identity, norm, pool, relu, up


def _block(channels: int = CHANNELS, out: int = CHANNELS, **options: Any) -> nn.Module:
    return nn.Sequential(conv(channels, out), norm(out), relu(**options))


def gate(function: nn.Module | None = None, bits: int = 4) -> nn.Module:
    """Of (1, C, H, W): sigmoid, or another function, and a quantizer without sign."""
    return nn.Sequential(nn.Sigmoid() if function is None else function, identity(bits, signed=False))


def squeeze(channels: int = CHANNELS, pooled: nn.Module | None = None, bits: int = 4) -> nn.Module:
    """A value for each channel, as squeeze-and-excitation makes it."""
    layers = [nn.AdaptiveAvgPool2d(1), pooled or nn.Identity(), conv(channels, 2, 1, bias=True), relu(5)]
    return nn.Sequential(*layers, conv(2, channels, 1, bias=True), gate(bits=bits))


def pixels(channels: int = CHANNELS) -> nn.Module:
    """A value for each pixel."""
    return nn.Sequential(conv(channels, 1, 1, bias=True), gate())


def chained(forward: Callable[[Any, Tensor], Tensor], last: int = CHANNELS, **layers: nn.Module) -> Net:
    return Net(lambda m, image, x: forward(m, x), last, **layers)


def _attention(between: Callable[[Tensor], Tensor] = lambda psi: psi, below: Callable[[Tensor], Tensor] = up) -> Net:
    """Attention U-Net: what comes from below says which pixels of the skip connection go on."""
    layers: dict[str, nn.Module] = {"down": _block(), "g": conv(kernel=1), "x": conv(kernel=1), "q": identity(5)}
    layers |= {"psi": pixels(), "r": relu(), "s": relu(), "join": _block(8)}

    def forward(m: Any, x: Tensor) -> Tensor:
        below_x = m["down"](pool(x))
        skip = x if below is up else pool(x)
        psi = m["psi"](m["r"](m["q"](m["g"](below(below_x))) + m["q"](m["x"](skip))))
        return m["join"](cat([m["s"](x * between(psi)), m["s"](up(below_x))], 1))

    return chained(forward, **layers)


def _scse(quantized: bool) -> Net:
    """Concurrent channel and spatial gates, whose products are added."""
    q: dict[str, nn.Module] = {"p": identity(6, signed=False)} if quantized else {}

    def forward(m: Any, x: Tensor) -> Tensor:
        first, second = x * m["channels"](x), x * m["pixels"](x)
        return m["r"](m["p"](first) + m["p"](second) if quantized else first + second)

    return chained(forward, channels=squeeze(bits=3), pixels=pixels(), r=relu(), **q)


NETWORKS: dict[str, Callable[[], Net]] = {
    "squeeze and excitation": lambda: chained(
        lambda m, x: m["r"](x * m["s"](x)), s=squeeze(pooled=identity(6, signed=False)), r=relu()
    ),
    "squeeze and excitation, the average not quantized": lambda: chained(
        lambda m, x: m["r"](m["s"](x) * x), s=squeeze(), r=relu(5)
    ),
    "the gate is expanded to the image": lambda: chained(
        lambda m, x: m["r"](x * m["s"](x).expand_as(x)), s=squeeze(pooled=relu(6)), r=relu()
    ),
    "two levels with squeeze and excitation": lambda: chained(
        lambda m, x: (
            lambda a: (lambda b: cat([a, m["q"](up(b))], 1))(m["q"]((lambda y: y * m["t"](y))(m["b"](pool(a)))))
        )(m["q"](x * m["s"](x))),
        last=8,
        s=squeeze(),
        t=squeeze(),
        b=_block(),
        q=relu(),
    ),
    "attention gate": _attention,
    "attention gate, resized": lambda: _attention(up, lambda x: x),
    "attention gate, interpolated": lambda: _attention(
        lambda psi: functional.interpolate(psi, scale_factor=2, mode="bilinear"), lambda x: x
    ),
    "concurrent gates": lambda: _scse(False),
    "concurrent gates, quantized": lambda: _scse(True),
    "one gate behind the other": lambda: chained(
        lambda m, x: m["r"]((lambda y: y * m["p"](m["q"](y)))(x * m["s"](x))),
        s=squeeze(bits=3),
        p=pixels(),
        q=relu(),
        r=relu(),
    ),
    "elementwise": lambda: chained(
        lambda m, x: m["r"](m["a"](x) * m["b"](x)),
        a=nn.Sequential(conv(), identity(5)),
        b=nn.Sequential(conv(), norm(), gate(nn.Tanh(), 8)),
        r=identity(6),
    ),
    "a signed gate, without a quantizer behind": lambda: chained(
        lambda m, x: m["a"](x * m["b"](x)), a=_block(), b=nn.Sequential(conv(), nn.Tanh(), identity(3))
    ),
    "hard swish with a quantized gate": lambda: chained(
        lambda m, x: m["r"]((lambda y: y * m["g"](functional.relu6(y + 3) / 6))(m["q"](m["a"](x)))),
        a=nn.Sequential(conv(), norm()),
        q=identity(6),
        g=identity(5, signed=False),
        r=identity(4),
    ),
    "the gate is added to one path": lambda: chained(
        lambda m, x: m["r"](x + x * m["s"](x)), s=squeeze(bits=3), r=relu()
    ),
    "zero points": lambda: chained(
        lambda m, x: m["r"](m["q"](m["a"](x)) * m["b"](x)),
        a=conv(),
        q=shifted(5),
        b=nn.Sequential(conv(), shifted(4)),
        r=shifted(4),
    ),
    "one bit says which pixels": lambda: chained(
        lambda m, x: m["a"](x * m["b"](x)), a=_block(), b=nn.Sequential(conv(4, 1), norm(1), binary())
    ),
    "pooled, normalized and quantized": lambda: chained(
        lambda m, x: m["r"](m["n"](pool(x * m["s"](x)))), s=squeeze(), n=norm(), r=relu(5)
    ),
    "a gate for each row": lambda: chained(
        lambda m, x: m["r"](x * m["g"](functional.avg_pool2d(x, (1, 16)))),
        g=nn.Sequential(conv(kernel=1), gate(nn.Hardsigmoid())),
        r=relu(),
    ),
    "joined without a quantizer": lambda: chained(
        lambda m, x: m["a"](cat([m["q"](x) * m["g"](m["s"](x)), m["q"](m["b"](x)) * m["g"](m["t"](x))], 1)),
        a=_block(8),
        b=conv(),
        q=relu(4),
        s=conv(4, 1, 1),
        t=conv(4, 1, 1),
        g=gate(),
    ),
    "one value for the image": lambda: chained(
        lambda m, x: m["r"](x * m["g"](x)),
        g=nn.Sequential(nn.AdaptiveAvgPool2d(1), conv(4, 1, 1, bias=True), gate()),
        r=relu(),
    ),
}

#: What is refused, and words of the message.
REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "a gate that is not quantized": (
        lambda: chained(lambda m, x: m["r"](x * m["s"](x).sigmoid()), s=conv(4, 1, 1), r=relu()),
        r"\S+ \(Sigmoid\): no quantizer follows it",
    ),
    "a convolution's result is gated": (
        lambda: chained(lambda m, x: m["r"](m["n"](m["a"](x)) * m["s"](x)), a=conv(), n=norm(), s=squeeze(), r=relu()),
        r"BatchNormalization.* goes into the multiplication \S+ without a quantizer",
    ),
    "a convolution's result is the gate": (
        lambda: chained(lambda m, x: m["r"](x * m["a"](x)), a=conv(4, 1), r=relu()),
        r"Conv.* goes into the multiplication \S+ without a quantizer",
    ),
    "one more than the gate": (
        lambda: chained(lambda m, x: m["r"](x * (1 + m["s"](x))), s=squeeze(), r=relu()),
        r"\S+ \(Add\): its result goes into the multiplication \S+ without a quantizer",
    ),
    "a square that a convolution reads": (
        lambda: chained(lambda m, x: m["a"](x * x), a=_block()),
        r"\(Mul\): it multiplies \S+ by itself",
    ),
    "more bits than a convolution takes": (
        lambda: chained(
            lambda m, x: m["a"](m["q"](x) * m["b"](x)), q=identity(8), a=_block(), b=nn.Sequential(conv(), shifted(8))
        ),
        r"\(Mul\): its results, whole numbers of 17 bits, go into \S+ \(Conv\) without a quantizer",
    ),
    "four factors of 8 bits": (
        lambda: chained(
            lambda m, x: m["r"](m["q"](m["a"](x)) * m["q"](x) * m["q"](m["b"](x)) * m["q"](m["b"](m["b"](x)))),
            a=conv(),
            b=_block(),
            q=identity(8),
            r=relu(),
        ),
        r"\(Mul\): a branch that it multiplies, \S+, has 24 bits",
    ),
    "rows times columns": (
        lambda: chained(
            lambda m, x: m["r"](m["q"](functional.avg_pool2d(x, (1, 16))) * m["q"](functional.avg_pool2d(x, (16, 1)))),
            q=identity(4, signed=False),
            r=relu(),
        ),
        r"\(Mul\): it multiplies tensors of the shapes \[1, 4, 16, 1\] and \[1, 4, 1, 16\]",
    ),
    "a sum of two scales is gated": (
        lambda: chained(
            lambda m, x: m["r"]((m["q"](m["a"](x)) + x) * m["s"](x)), a=conv(), q=identity(), s=pixels(), r=relu()
        ),
        "without a quantizer",
    ),
}
