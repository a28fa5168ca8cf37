# SPDX-License-Identifier: BSD-3-Clause
"""Random small networks from a grammar of what people put into U-Nets, for plain Brevitas.

A network is an encoder of two or three levels and a decoder with skip connections that are joined or added; each block, gate,
way down, way up and quantizer is drawn. Many combinations are refused, which is as good as being right; none may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace

import brevitas.nn as qnn
import numpy as np
import torch
from brevitas.inject.enum import FloatToIntImplType
from brevitas.quant import Int8WeightPerTensorFloat
from qonnx.core.modelwrapper import ModelWrapper
from torch import Tensor, nn

from hw_flows.machine.errors import UserError
from hw_flows.network.execute import execute_file, execute_network
from hw_flows.network.file import load_network
from hw_flows.operators.front_end import Unsupported
from hw_flows.steps import load_step
from tests.hw_flows.activation_networks import binary, rounded, shifted
from tests.hw_flows.front_end import FRONT_END
from tests.hw_flows.written_differently import conv, export, identity, norm, relu

SIZE = 16
_ROUNDING = (FloatToIntImplType.FLOOR, FloatToIntImplType.CEIL, FloatToIntImplType.ROUND_TO_ZERO)

#: One network in so many is written by PyTorch's newer exporter.
NEWER_EXPORTER = 3


def _function(draw: Random) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        nn.ReLU,
        nn.ReLU,
        nn.Identity,
        nn.ReLU6,
        nn.LeakyReLU,
        nn.Sigmoid,
        nn.Tanh,
        nn.SiLU,
        nn.GELU,
        nn.Hardswish,
        nn.ELU,
        nn.Softplus,
        nn.PReLU,
    ]
    return draw.choice(kinds)()


def _quantizer(draw: Random) -> nn.Module:
    bits = draw.choice((2, 3, 4, 4, 5, 8))
    kinds: list[Callable[[], nn.Module]] = [
        lambda: identity(bits),
        lambda: identity(bits, signed=False),
        lambda: identity(bits, narrow=True),
        lambda: relu(bits),
        lambda: relu(bits, signed=True),
        lambda: shifted(bits),
        lambda: rounded(draw.choice(_ROUNDING), draw.random() < 0.5, bits),
        binary,
    ]
    return draw.choices(kinds, weights=(5, 3, 1, 5, 1, 2, 2, 1))[0]()


def _convolution(draw: Random, i: int, o: int) -> nn.Module:
    kernel = draw.choice((1, 3, 3, 3, 5))
    options: dict[str, int | bool] = {"weight_bit_width": draw.choice((2, 3, 4, 8)), "bias": draw.random() < 0.3}
    match draw.choice(("dense", "dense", "dense", "dilated", "depthwise", "grouped", "separable")):
        case "dilated":
            return conv(i, o, 3, dilation=2, padding=2, **options)
        case "depthwise" if i == o:
            return conv(i, o, kernel, groups=i, **options)
        case "grouped" if i % 2 == 0 and o % 2 == 0:
            return conv(i, o, kernel, groups=2, **options)
        case "separable":
            return nn.Sequential(conv(i, i, 3, groups=i, **options), _quantizer(draw), conv(i, o, 1, **options))
    return conv(i, o, kernel, **options)


def _block(draw: Random, i: int, o: int) -> nn.Module:
    layers = [_convolution(draw, i, o)]
    behind = [norm(o, negative=draw.random() < 0.3)] if draw.random() < 0.7 else []
    behind.insert(0 if draw.random() < 0.2 else len(behind), _function(draw))
    return nn.Sequential(*layers, *behind, _quantizer(draw))


class _Residual(nn.Module):
    """A block whose input is added to its result."""

    def __init__(self, draw: Random, channels: int) -> None:
        super().__init__()
        self.block = _block(draw, channels, channels)
        self.shared = _quantizer(draw) if draw.random() < 0.5 else None
        self.last = nn.Sequential(_function(draw), _quantizer(draw))

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        if self.shared is not None:
            x, y = self.shared(x), self.shared(y)
        return self.last(x + y)


class _Gated(nn.Module):
    """What comes in, times a function of it: a value for each channel, for each pixel, for both or for neither."""

    def __init__(self, draw: Random, channels: int) -> None:
        super().__init__()
        kinds: list[Callable[[], nn.Module]] = [
            lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), self._pooled(draw), conv(channels, channels, 1, bias=True)),
            lambda: conv(channels, 1, draw.choice((1, 3)), bias=True),
            lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), conv(channels, 1, 1, bias=True)),
            lambda: _convolution(draw, channels, channels),
            nn.Identity,
        ]
        self.gate = nn.Sequential(
            draw.choices(kinds, weights=(4, 3, 1, 2, 1))[0](),
            draw.choice((nn.Sigmoid, nn.Sigmoid, nn.Hardsigmoid, nn.Tanh))(),
            _quantizer(draw) if draw.random() < 0.9 else nn.Identity(),
        )
        self.added = draw.random() < 0.2
        self.last = nn.Sequential(_function(draw), _quantizer(draw)) if draw.random() < 0.8 else nn.Identity()

    @staticmethod
    def _pooled(draw: Random) -> nn.Module:
        return _quantizer(draw) if draw.random() < 0.5 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = x * self.gate(x)
        return self.last(x + y if self.added else y)


def _more(draw: Random, channels: int) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        nn.Identity,
        lambda: _Residual(draw, channels),
        lambda: _Gated(draw, channels),
    ]
    return draw.choices(kinds, weights=(11, 5, 4))[0]()


def _down(draw: Random, channels: int) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        lambda: nn.MaxPool2d(2),
        lambda: nn.MaxPool2d(3, stride=2, padding=1),
        lambda: nn.Sequential(nn.AvgPool2d(2), _quantizer(draw)),
        lambda: nn.Sequential(conv(channels, channels, stride=2), _quantizer(draw)),
        lambda: nn.Sequential(nn.PixelUnshuffle(2), conv(4 * channels, channels, 1), _quantizer(draw)),
    ]
    return draw.choices(kinds, weights=(4, 2, 2, 2, 1))[0]()


def _up(draw: Random, channels: int) -> nn.Module:
    def transposed(kernel: int, padding: int, output_padding: int) -> nn.Module:
        layer = qnn.QuantConvTranspose2d(
            channels,
            channels,
            kernel,
            2,
            padding,
            output_padding,
            bias=draw.random() < 0.5,
            weight_quant=Int8WeightPerTensorFloat,
            weight_bit_width=4,
        )
        return nn.Sequential(layer, norm(channels), _function(draw), _quantizer(draw))

    kinds: list[Callable[[], nn.Module]] = [
        lambda: nn.Upsample(scale_factor=2),
        lambda: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), _quantizer(draw)),
        lambda: transposed(2, 0, 0),
        lambda: transposed(3, 1, 1),
        lambda: transposed(4, 1, 0),
        lambda: nn.Sequential(conv(channels, 4 * channels, 1), nn.PixelShuffle(2), _quantizer(draw)),
    ]
    return draw.choices(kinds, weights=(3, 2, 2, 1, 1, 1))[0]()


class GeneratedNet(nn.Module):
    """Image (1, 1, 16, 16) in [0, 1] to logits of two classes."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        draw = Random(seed)
        self.image = identity(draw.choice((4, 8, 8, 12)), signed=False)
        self.levels = draw.choice((1, 2, 2))
        channels = draw.choice((2, 4))
        self.skip = draw.choice(("concat", "shared concat", "add", "none"))
        self.shared = _quantizer(draw)
        self.added = nn.Sequential(_function(draw), _quantizer(draw))
        self.enter = nn.ModuleList([_block(draw, 1 if k == 0 else channels, channels) for k in range(self.levels + 1)])
        self.more = nn.ModuleList([_more(draw, channels) for _ in range(self.levels + 1)])
        self.down = nn.ModuleList([_down(draw, channels) for _ in range(self.levels)])
        self.up = nn.ModuleList([_up(draw, channels) for _ in range(self.levels)])
        joined = channels * (2 if "concat" in self.skip else 1)
        self.leave = nn.ModuleList([_block(draw, joined, channels) for _ in range(self.levels)])
        self.head = conv(channels, 2, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        x = self.image(x)
        for k in range(self.levels + 1):
            x = self.more[k](self.enter[k](x))
            if k < self.levels:
                skips.append(x)
                x = self.down[k](x)
        for k in range(self.levels):
            x, skip = self.up[k](x), skips.pop()
            if self.skip in ("shared concat", "add"):
                x, skip = self.shared(x), self.shared(skip)
            if "concat" in self.skip:
                x = torch.cat([skip, x], 1)
            elif self.skip == "add":
                x = self.added(skip + x)
            x = self.leave[k](x)
        return self.head(x)


@dataclass(frozen=True)
class Tried:
    """`verdict`: right, refused, wrong, late (refused, but not before the first step), unnamed (refused without a layer's name)
    or crash."""

    verdict: str
    words: str


def try_network(seed: int, folder: Path) -> Tried:
    """Take the network through the front end, and compare its answer after every step with that of its file.

    Every third is written by PyTorch's newer exporter, which is slow.
    """
    exported = export(
        str(seed), lambda: GeneratedNet(seed), folder / "network.onnx", count=1, dynamo=seed % NEWER_EXPORTER == 0
    )
    step = ""
    try:
        file = load_network(exported.path)
        answers = execute_file(ModelWrapper(file), {file.graph.input[0].name: exported.frames})
        (expected,) = answers.values()
        model, parent = ModelWrapper(load_network(exported.path)), None
        for step in FRONT_END:
            model = load_step(step)(model, SimpleNamespace(output_dir=str(folder)))
            if step == "step_create_dataflow_partition":
                parent = ModelWrapper(str(folder / "intermediate_models" / "dataflow_parent.onnx"))
            answer = execute_network(model, parent, exported.frames)
            if not np.allclose(answer, expected, rtol=0, atol=2e-6 * np.abs(expected).max()):
                return Tried("wrong", f"{step}: off by {np.abs(answer - expected).max():.3g}")
    except UserError as error:
        if step != FRONT_END[0]:
            return Tried("late", f"{step}: {error.what}")
        return Tried("refused" if isinstance(error, Unsupported) else "unnamed", error.what)
    except Exception as error:
        return Tried("crash", f"{step}: {type(error).__name__}: {error}")
    return Tried("right", "")
