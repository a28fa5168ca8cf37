# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks that add branches, in the ways that people do: one kind of writing an entry of NETWORKS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.written_differently import CHANNELS, Net, conv, identity, norm, pool, relu, up, up_conv


def _block(channels: int = CHANNELS, **options: Any) -> nn.Module:
    return nn.Sequential(conv(channels), norm(), relu(**options))


def _res_unet() -> Net:
    """A residual block with a projection, one with an identity skip, a residual decoder; a quantizer for both branches."""
    layers = {
        "a": _block(),
        "b": nn.Sequential(conv(), norm()),
        "p": nn.Sequential(conv(kernel=1), norm()),
        "q": identity(),
    }
    layers |= {"c": _block(), "d": nn.Sequential(conv(), norm(negative=True)), "r": relu(), "s": relu()}
    layers |= {"e": _block(8), "f": conv(), "g": conv(8, kernel=1), "u": identity(5), "t": relu()}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        x = m["r"](m["q"](m["b"](m["a"](x))) + m["q"](m["p"](x)))
        y = pool(m["q"](x))
        y = m["s"](m["q"](m["d"](m["c"](y))) + y)
        z = cat([up(m["r"](y)), x], 1)
        return m["t"](m["u"](m["f"](m["e"](z))) + m["u"](m["g"](z)))

    return Net(forward, **layers)


def _basic_blocks() -> Net:
    """ResNet: every quantizer has a scale of its own; what comes out of the ReLU is the next block's identity."""
    layers: dict[str, nn.Module] = {"a": _block(), "b": nn.Sequential(conv(), norm(), identity(5)), "r": relu(6)}
    layers |= {
        "c": nn.Sequential(conv(4, 6, stride=2), norm(6), relu()),
        "d": nn.Sequential(conv(6, 6), norm(6), identity(8)),
    }
    layers |= {"p": nn.Sequential(conv(4, 6, kernel=1, stride=2), norm(6), identity(8)), "s": relu()}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        x = m["r"](m["b"](m["a"](x)) + x)
        return m["s"](m["d"](m["c"](x)) + m["p"](x))

    return Net(forward, last=6, **layers)


def _link_net() -> Net:
    """The skip is added behind the upsampling, transposed or nearest."""
    layers: dict[str, nn.Module] = {
        "down": nn.Sequential(conv(), norm(), relu()),
        "below": nn.Sequential(conv(), norm(), relu(3)),
    }
    layers |= {"up": nn.Sequential(up_conv(), norm(), relu(5)), "q": relu(), "end": relu(8)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        x1 = m["down"](pool(x))
        y = m["q"](m["up"](m["below"](pool(x1))) + x1)
        return m["end"](up(y) + x)

    return Net(forward, **layers)


def _pre_activation() -> Net:
    """The sum goes on as it is to the next sum; each block normalizes it for itself."""
    layers: dict[str, nn.Module] = {f"n{i}": nn.Sequential(norm(), relu(3 + i)) for i in range(3)}
    layers |= {f"c{i}": nn.Sequential(conv(), norm(), identity(4)) for i in range(2)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        for i in range(2):
            x = m[f"c{i}"](m[f"n{i}"](x)) + x
        return m["n2"](x)

    return Net(forward, **layers)


def _equal_sums() -> Net:
    """One quantizer: sums are read by sums, a convolution, a pool and a Concat without another."""
    layers = {f"c{i}": nn.Sequential(conv(), norm()) for i in range(3)}

    def forward(m: Any, image: Tensor, x: Tensor) -> Tensor:
        x = m["q"](x)
        a = m["q"](m["c0"](x)) + x
        b = m["q"](m["c1"](a)) + a
        return cat([m["q"](m["c2"](pool(b))), pool(a)], 1)

    return Net(forward, last=8, q=identity(3), **layers)


NETWORKS: dict[str, Callable[[], Net]] = {
    "ResUNet": _res_unet,
    "ResNet": _basic_blocks,
    "LinkNet": _link_net,
    "pre-activation": _pre_activation,
    "sums of equal scales": _equal_sums,
    "three branches of three scales": lambda: Net(
        lambda m, image, x: m["s"](functional.relu(m["a"](x) + (m["b"](x) + m["c"](x)))),
        a=nn.Sequential(conv(), identity()),
        b=nn.Sequential(conv(), identity(3)),
        c=nn.Sequential(conv(), relu(5)),
        s=identity(),
    ),
    "three branches of 8 bits and three scales": lambda: Net(
        lambda m, image, x: m["r"](m["p"](m["a"](x)) + (m["q"](m["a"](x)) + m["s"](x))),
        a=conv(),
        p=identity(8),
        q=relu(8),
        s=identity(8),
        r=relu(),
    ),
    "two convolutions, of other weights and activations": lambda: Net(
        lambda m, image, x: m["s"](m["n"](m["a"](x) + m["b"](m["q"](m["c"](x))))),
        a=conv(kernel=1),
        b=conv(weight_bit_width=3),
        c=conv(),
        q=identity(3),
        n=norm(),
        s=relu(),
    ),
    "an average and a function that falls behind a sum": lambda: Net(
        lambda m, image, x: m["s"](functional.silu(m["q"](m["a"](pool(x))) + functional.avg_pool2d(x, 2))),
        a=conv(),
        q=identity(),
        s=identity(5),
    ),
    "negative factors behind a sum": lambda: Net(
        lambda m, image, x: m["r"](m["n"](m["q"](m["a"](x)) + x)),
        a=conv(),
        q=identity(),
        n=norm(negative=True),
        r=relu(),
    ),
    "twice itself, and half another": lambda: Net(
        lambda m, image, x: m["s"]((lambda y: y + y)(m["q"](m["a"](x))) + m["q"](x) * 0.5),
        a=conv(),
        q=identity(),
        s=relu(),
    ),
    "the image is added": lambda: Net(
        lambda m, image, x: m["s"](m["n"](m["a"](x) + image)),
        last=1,
        a=nn.Sequential(conv(4, 1), identity()),
        n=norm(1),
        s=relu(),
    ),
}

#: What is refused, and words of the message.
REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "a convolution's result is added": (
        lambda: Net(
            lambda m, image, x: m["r"](m["n"](m["a"](x)) + x),
            a=conv(),
            n=norm(),
            r=relu(),
        ),
        r"BatchNormalization.* goes into the addition \S+ without a quantizer",
    ),
    "a sum of two scales goes into a convolution": (
        lambda: Net(lambda m, image, x: m["c"](m["q"](m["a"](x)) + x), a=conv(), q=identity(), c=_block()),
        r"\S+ \(Add\): the branches that it adds have different scales, .* and \S+ \(Conv\) reads the sum",
    ),
    "a sum of two scales goes into a pool": (
        lambda: Net(lambda m, image, x: m["c"](pool(m["q"](m["a"](x)) + x)), a=conv(), q=identity(), c=_block()),
        r"different scales, .* and \S+ \(MaxPool\) reads the sum without a quantizer",
    ),
    "a sum of more bits than a convolution takes": (
        lambda: Net(
            lambda m, image, x: (lambda y: m["c"](y + y * 256))(m["q"](m["a"](x))), a=conv(), q=identity(8), c=_block()
        ),
        r"whole numbers of 17 bits, go into",
    ),
    "four branches of 8 bits and four scales": (
        lambda: Net(
            lambda m, image, x: m["r"]((m["p"](m["a"](x)) + m["t"](m["a"](x))) + (m["q"](m["a"](x)) + m["s"](x))),
            a=conv(),
            p=identity(8),
            q=relu(8),
            s=identity(8),
            t=relu(7),
            r=relu(),
        ),
        "different scales, .* and [0-9,]+ comparisons are too many to check",
    ),
    "a sum is shuffled into pixels": (
        lambda: Net(
            lambda m, image, x: functional.pixel_shuffle(m["q"](m["a"](x)) + m["q"](m["b"](x)), 2),
            a=conv(4, 16),
            b=conv(4, 16),
            q=identity(),
        ),
        "no convolution can give the channels in the hardware's order",
    ),
    "one branch is subtracted": (
        lambda: Net(lambda m, image, x: m["r"](m["q"](m["a"](x)) - m["q"](x)), a=conv(), q=identity(), r=relu()),
        r"\S+ \(Sub\): Sub of two branches",
    ),
}
