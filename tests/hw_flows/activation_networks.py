# SPDX-License-Identifier: BSD-3-Clause
"""Small plain Brevitas networks with every kind of function before a quantizer, and every kind of quantizer.

Each entry of NETWORKS makes a module of one image (1, 1, 16, 16) in [0, 1] whose kind its name tells.
"""

from __future__ import annotations

from collections.abc import Callable

import brevitas.nn as qnn
import torch
from brevitas.inject.enum import FloatToIntImplType
from brevitas.quant import (
    Int8ActPerTensorFloat,
    ShiftedUint8ActPerTensorFloat,
    ShiftedUint8WeightPerTensorFloat,
    SignedBinaryActPerTensorConst,
    Uint8ActPerTensorFloat,
)
from torch import Tensor, cat, nn
from torch.nn import functional

from tests.hw_flows.written_differently import Net, chain_of, conv, identity, norm, pool, relu, up


def slopes(*values: float) -> nn.PReLU:
    """PReLU with a slope for each channel."""
    layer = nn.PReLU(len(values))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values))
    return layer


def rounded(mode: FloatToIntImplType, signed: bool = True, bits: int = 4) -> nn.Module:
    quantizer = Int8ActPerTensorFloat if signed else Uint8ActPerTensorFloat
    return qnn.QuantIdentity(
        act_quant=quantizer,
        bit_width=bits,
        float_to_int_impl_type=mode,
        collect_stats_steps=3,
        return_quant_tensor=False,
    )


def shifted(bits: int = 4) -> nn.Module:
    """A quantizer with a zero point."""
    return qnn.QuantIdentity(
        act_quant=ShiftedUint8ActPerTensorFloat, bit_width=bits, collect_stats_steps=3, return_quant_tensor=False
    )


def binary() -> nn.Module:
    """-1 and 1."""
    return qnn.QuantIdentity(
        act_quant=SignedBinaryActPerTensorConst, scaling_init=0.5, bit_width=1, return_quant_tensor=False
    )


def after_norm(*function: nn.Module | Callable[[Tensor], Tensor], quantizer: nn.Module | None = None) -> Net:
    """The function behind a convolution with batch normalization of either sign, quantized with sign, and convolved again."""
    return chain_of(conv(), norm(negative=True), *function, quantizer or identity(), conv(), relu())


def _hard_swish(x: Tensor) -> Tensor:
    return x * functional.relu6(x + 3) / 6


NETWORKS: dict[str, Callable[[], Net]] = {
    "LeakyReLU": lambda: after_norm(nn.LeakyReLU(0.1)),
    "LeakyReLU, pooled before the quantizer": lambda: after_norm(nn.LeakyReLU(0.2), pool),
    "PReLU with a slope for each channel": lambda: after_norm(slopes(0.1, 0.25, 0.0, 0.9)),
    "ReLU6": lambda: after_norm(nn.ReLU6(), quantizer=relu()),
    "Hardtanh": lambda: after_norm(nn.Hardtanh(-0.7, 1.1)),
    "sigmoid": lambda: after_norm(nn.Sigmoid(), quantizer=identity(signed=False)),
    "tanh": lambda: after_norm(nn.Tanh(), quantizer=identity(5, narrow=True)),
    "ELU, batch normalization": lambda: after_norm(nn.ELU(), norm()),
    "LeakyReLU before batch normalization of either sign": lambda: chain_of(
        conv(), nn.LeakyReLU(0.1), norm(negative=True), identity(), conv(), nn.Tanh(), norm(negative=True), relu()
    ),
    "SELU, CELU": lambda: after_norm(nn.SELU(), nn.CELU(0.5)),
    "softplus, softsign": lambda: after_norm(nn.Softplus(), nn.Softsign()),
    "hard sigmoid": lambda: after_norm(nn.Hardsigmoid(), quantizer=identity(3, signed=False)),
    "SiLU without sign": lambda: after_norm(nn.SiLU(), quantizer=identity(signed=False)),
    "GELU without sign, pooled": lambda: after_norm(nn.GELU(), pool, quantizer=identity(signed=False)),
    "hard swish without sign": lambda: after_norm(nn.Hardswish(), quantizer=identity(signed=False)),
    "hard swish as people write it": lambda: after_norm(_hard_swish, quantizer=identity(signed=False)),
    "SiLU": lambda: after_norm(nn.SiLU()),
    "SiLU before batch normalization of either sign": lambda: chain_of(
        conv(), nn.SiLU(), norm(negative=True), identity(5), conv(), relu()
    ),
    "slopes of either sign": lambda: after_norm(slopes(0.1, -0.5, 0.0, 0.9)),
    "hard swish of integers, normalized, with either sign before it": lambda: chain_of(
        conv(), identity(6), pool, norm(negative=True), nn.Hardswish(), norm(), identity(), conv(), relu()
    ),
    "GELU of 6 bits": lambda: after_norm(nn.GELU(), quantizer=identity(6)),
    "hard swish": lambda: after_norm(nn.Hardswish(), quantizer=identity(5)),
    "SiLU, pooled before it is quantized": lambda: after_norm(nn.SiLU(), pool, quantizer=identity(6)),
    "SiLU of a sum, GELU of an average": lambda: Net(
        lambda m, image, x: m["c"](
            m["r"](functional.gelu(functional.avg_pool2d(m["q"](functional.silu(m["p"](m["a"](x)) + m["p"](x))), 2)))
        ),
        a=conv(),
        p=identity(5),
        q=identity(6),
        r=identity(6),
        c=nn.Sequential(conv(), norm(), relu()),
    ),
    "Mish": lambda: after_norm(nn.Mish()),
    "absolute value": lambda: after_norm(torch.abs, quantizer=identity(3, signed=False)),
    "square": lambda: after_norm(lambda x: x * x, quantizer=identity(signed=False)),
    "SiLU of integers, resized before it is quantized": lambda: chain_of(
        conv(), norm(), identity(8), pool, nn.SiLU(), up, identity(), conv(), relu()
    ),
    "a function of integers": lambda: chain_of(
        conv(), norm(), relu(8), nn.LeakyReLU(), nn.Tanh(), identity(), conv(), relu()
    ),
    "a function before a Concat with a resize": lambda: Net(
        lambda m, image, x: m["q"](functional.leaky_relu(cat([m["a"](x), up(m["b"](pool(x)))], 1))),
        last=8,
        a=nn.Sequential(conv(), norm(negative=True)),
        b=conv(),
        q=identity(),
    ),
    "one convolution, two functions": lambda: Net(
        lambda m, image, x: (lambda c: cat([m["q"](torch.tanh(c)), m["q"](functional.leaky_relu(c))], 1))(m["a"](x)),
        last=8,
        a=nn.Sequential(conv(), norm()),
        q=identity(),
    ),
    **{
        f"rounding {mode.name}, {'signed' if signed else 'unsigned'}": lambda mode=mode, signed=signed: after_norm(
            quantizer=rounded(mode, signed)
        )
        for mode in (FloatToIntImplType.FLOOR, FloatToIntImplType.CEIL, FloatToIntImplType.ROUND_TO_ZERO)
        for signed in (True, False)
    },
    "zero points": lambda: after_norm(quantizer=shifted()),
    "zero points of 8 bits, pooled, with padding behind": lambda: chain_of(
        conv(), norm(), pool, shifted(8), conv(), norm(), nn.LeakyReLU(), shifted(3), conv(), relu()
    ),
    "weights with a zero point": lambda: chain_of(
        conv(weight_quant=ShiftedUint8WeightPerTensorFloat), norm(), relu(), conv(), relu()
    ),
    "binary activations": lambda: after_norm(quantizer=binary()),
    "binary activations behind a function and a pool": lambda: after_norm(nn.Tanh(), pool, quantizer=binary()),
}

REFUSED: dict[str, tuple[Callable[[], Net], str]] = {
    "a function without a quantizer behind it": (
        lambda: chain_of(conv(), norm(), nn.LeakyReLU(), conv(), relu()),
        r"\S+ \(LeakyRelu\): no quantizer follows it",
    ),
    "pooled before a function that falls": (
        lambda: chain_of(conv(), norm(), pool, nn.SiLU(), identity(6), conv(), relu()),
        r"\S+ \(Sigmoid\): its result falls where its input rises, and \S+",
    ),
    "a function that falls in more steps than there are thresholds": (
        lambda: chain_of(conv(), norm(), torch.abs, identity(8, signed=False)),
        r"\S+ \(Abs\): its result falls and rises in \d+ steps",
    ),
    "16 bits": (lambda: chain_of(conv(), norm(), relu(16), conv(), relu()), "activations of 16 bits have no hardware"),
    "weights of 12 bits": (
        lambda: chain_of(conv(weight_bit_width=12), norm(), relu()),
        r"\S+ \(Conv\): its weights have 12 bits",
    ),
}
