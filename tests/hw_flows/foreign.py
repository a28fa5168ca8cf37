# SPDX-License-Identifier: BSD-3-Clause
"""Plain Brevitas U-Nets that `quantunet` did not make: what a user may bring as a QONNX file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brevitas.nn as qnn
import numpy as np
import onnx
import torch
from brevitas.export import export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFixedPoint,
    Int8ActPerTensorFloat,
    Int8BiasPerTensorFloatInternalScaling,
    Int8WeightPerTensorFixedPoint,
    Int8WeightPerTensorFloat,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFloat,
)
from torch import Tensor, nn


@dataclass(frozen=True)
class ForeignNet:
    """What varies between the nets. `channels` has one entry a resolution, the coarsest last."""

    channels: tuple[int, ...] = (4, 8)
    image: tuple[int, int] = (16, 16)
    in_channels: int = 1
    classes: int = 1
    decoder: str = "upsample"  # or "transpose"
    downsample: str = "max_pool"  # or "stride": a convolution of stride 2, "average_pool",
    # "padded_average_pool", "overlapping_pool"
    depthwise: bool = False  # every block is a convolution in as many groups as channels, and one of 1x1
    dilation: int = 1  # of the blocks' convolutions
    groups: int = 1  # of those that can be divided
    kernel: int = 3
    weight_bits: int = 4
    activation_bits: int = 4
    power_of_two_scales: bool = False
    scale_per_channel: bool = False
    convolution_bias: bool = False
    batch_norm: bool = True
    negative_gammas: bool = False
    signed_activations: bool = False
    shared_skip_quantizer: bool = True
    skip_bits: int | None = None  # of the encoder's side of a Concat, where the quantizer is not shared
    requantized_concat: bool = False  # a quantizer behind each Concat
    quantized_bias: bool = False  # 8-bit biases with a scale of their own
    dense_skips: bool = False  # a third branch, from the input of the resolution, in each Concat
    quantized_output: bool = False
    sigmoid_output: bool = False
    input_quantizer: bool = True  # False: raw pixels 0..255 go into the first convolution
    seed: int = 0
    older_exporter: bool = False  # PyTorch's, which is faster and names layers less well
    unsupported: str = ""  # one layer is an operator that has no hardware


@dataclass
class Exported:
    """A QONNX file with frames (N, C, H, W) and what Brevitas answers (N, classes, H, W)."""

    path: Path
    frames: np.ndarray
    outputs: np.ndarray
    net: ForeignNet = field(default_factory=ForeignNet)


class Rescale(nn.Module):
    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, scale_factor=2, mode=self.mode)


class ForeignUNet(nn.Module):
    def __init__(self, net: ForeignNet) -> None:
        super().__init__()
        self.net = net
        ch = net.channels
        levels = range(len(ch) - 1)
        self.quantize = self.activation(8, signed=False) if net.input_quantizer else nn.Identity()
        self.skip_act = nn.ModuleList(self.activation(net.skip_bits or net.activation_bits) for _ in levels)
        self.enter = nn.ModuleList(
            nn.Sequential(*self.block(net.in_channels if d == 0 else ch[d - 1], ch[d]), self.convolution(ch[d], ch[d]))
            for d in levels
        )
        self.dense = nn.ModuleList(
            self.convolution(net.in_channels if d == 0 else ch[d - 1], ch[d], kernel=1) for d in levels
        )
        self.enter_norm = nn.ModuleList(self.norm(ch[d]) for d in levels)
        self.down = nn.ModuleList(self.downsample(ch[d]) for d in levels)
        self.middle = nn.Sequential(*self.block(ch[-2], ch[-1]))
        self.up = nn.ModuleList(self.upsample(ch[d + 1], ch[d]) for d in levels)
        self.up_act = nn.ModuleList(self.activation(net.activation_bits) for _ in levels)
        self.join = nn.ModuleList(
            self.activation(net.activation_bits) if net.requantized_concat else nn.Identity() for _ in levels
        )
        self.leave = nn.ModuleList(
            nn.Sequential(*self.block((3 if net.dense_skips else 2) * ch[d], ch[d])) for d in levels
        )
        self.head = self.convolution(ch[0], net.classes, kernel=1, bias=True)
        self.last = self.activation(2, signed=False) if net.quantized_output else nn.Identity()

    def activation(self, bits: int, signed: bool | None = None) -> nn.Module:
        signed = self.net.signed_activations if signed is None else signed
        options: dict[str, Any] = {"bit_width": bits, "collect_stats_steps": 4, "return_quant_tensor": False}
        if signed:
            quantizer = Int8ActPerTensorFixedPoint if self.net.power_of_two_scales else Int8ActPerTensorFloat
            return qnn.QuantIdentity(act_quant=quantizer, **options)
        quantizer = Uint8ActPerTensorFixedPoint if self.net.power_of_two_scales else Uint8ActPerTensorFloat
        return qnn.QuantReLU(act_quant=quantizer, **options)

    def weights(self) -> dict[str, Any]:
        fixed_point = self.net.power_of_two_scales
        return {
            "weight_quant": Int8WeightPerTensorFixedPoint if fixed_point else Int8WeightPerTensorFloat,
            "weight_bit_width": self.net.weight_bits,
            "weight_scaling_per_output_channel": self.net.scale_per_channel,
        }

    def convolution(self, i: int, o: int, kernel: int | None = None, bias: bool | None = None, **kw: Any):
        k = self.net.kernel if kernel is None else kernel
        return qnn.QuantConv2d(
            i,
            o,
            k,
            padding=k // 2 * kw.get("dilation", 1),
            bias=self.net.convolution_bias if bias is None else bias,
            **self.weights(),
            bias_quant=Int8BiasPerTensorFloatInternalScaling if self.net.quantized_bias else None,
            **kw,
        )

    def norm(self, channels: int) -> nn.Module:
        if self.net.unsupported == "group_norm":
            return nn.GroupNorm(2, channels)
        return nn.BatchNorm2d(channels) if self.net.batch_norm else nn.Identity()

    def block(self, i: int, o: int) -> list[nn.Module]:
        if self.net.depthwise:
            depth = [self.convolution(i, i, groups=i), self.norm(i), self.activation(self.net.activation_bits)]
            return [*depth, self.convolution(i, o, kernel=1), self.norm(o), self.activation(self.net.activation_bits)]
        if self.net.unsupported == "sigmoid":
            return [self.convolution(i, o), self.norm(o), nn.Sigmoid()]
        if self.net.unsupported == "no_quantizer":
            return [self.convolution(i, o), self.norm(o), nn.ReLU()]
        groups = self.net.groups if i % self.net.groups == o % self.net.groups == 0 else 1
        convolution = self.convolution(i, o, dilation=self.net.dilation, groups=groups)
        return [convolution, self.norm(o), self.activation(self.net.activation_bits)]

    def downsample(self, channels: int) -> nn.Module:
        if self.net.unsupported == "wide_average":
            return nn.Sequential(nn.AvgPool2d(15, stride=1, padding=7), nn.AvgPool2d(8, stride=2, padding=3))
        if self.net.downsample == "average_pool":
            return nn.AvgPool2d(2)
        if self.net.downsample == "padded_average_pool":
            return nn.Sequential(nn.AvgPool2d(3, stride=2, padding=1), self.activation(self.net.activation_bits))
        if self.net.downsample == "overlapping_pool":
            return nn.MaxPool2d(3, stride=2, padding=1)
        if self.net.downsample == "stride":
            conv = self.convolution(channels, channels, stride=2)
            return nn.Sequential(conv, self.norm(channels), self.activation(self.net.activation_bits))
        return nn.MaxPool2d(2)

    def upsample(self, i: int, o: int) -> nn.Module:
        if self.net.decoder == "transpose":
            up = qnn.QuantConvTranspose2d(
                i,
                o,
                2,
                stride=2,
                bias=self.net.convolution_bias,
                **self.weights(),
            )
            return nn.Sequential(up, self.norm(o))
        return nn.Sequential(Rescale("nearest"), self.convolution(i, o), self.norm(o))

    def forward(self, x: Tensor) -> Tensor:
        x = self.quantize(x)
        skips, dense = [], []
        for d, enter in enumerate(self.enter):
            dense.append([self.skip_act[d](self.dense[d](x))] if self.net.dense_skips else [])
            x = self.skip_act[d](self.enter_norm[d](enter(x)))
            skips.append(x)
            x = self.down[d](x)
        x = self.middle(x)
        for d in reversed(range(len(skips))):
            act = self.skip_act[d] if self.net.shared_skip_quantizer else self.up_act[d]
            x = self.join[d](torch.cat([act(self.up[d](x)), skips[d], *dense[d]], 1))
            x = self.leave[d](x)
        x = self.last(self.head(x))
        return torch.sigmoid(x) if self.net.sigmoid_output else x


def build(net: ForeignNet) -> ForeignUNet:
    """The net with calibrated activation scales and batch-norm statistics that are not trivial."""
    torch.manual_seed(net.seed)
    model = ForeignUNet(net)
    with torch.no_grad():
        for m in model.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.weight.uniform_(0.5, 1.5)
                if net.negative_gammas:
                    m.weight.mul_(torch.where(torch.rand_like(m.weight) < 0.4, -1.0, 1.0))
                m.bias.uniform_(-0.5, 0.5)
        model.train()
        for _ in range(6):
            model(frames(net, 4))
    return model.eval()


def frames(net: ForeignNet, count: int, random: torch.Generator | None = None) -> Tensor:
    """`count` random images (N, C, H, W): 0 to 1, or whole pixels 0 to 255 where the net has no input quantizer."""
    pixels = torch.rand(count, net.in_channels, *net.image, generator=random)
    return pixels if net.input_quantizer else torch.floor(256 * pixels)


def export(net: ForeignNet, path: Path, count: int = 2) -> Exported:
    """Write `path` (QONNX, one file) and return it with `count` random frames and Brevitas' answers."""
    model = build(net)
    x = frames(net, count, torch.Generator().manual_seed(net.seed + 1))
    return Exported(path, x.numpy(), export_module(model, x, path, dynamo=not net.older_exporter), net)


def export_module(model: nn.Module, x: Tensor, path: Path, **options: Any) -> np.ndarray:
    """Write any module to `path` (QONNX, one file) and return what it answers to the frames `x`, one at a time."""
    with torch.no_grad():
        y = torch.cat([model(frame) for frame in x.split(1)])
        export_qonnx(model, args=x[:1], export_path=str(path), **options)
    onnx.save(onnx.load(str(path)), str(path))  # the exporter keeps weights in a second file
    path.with_name(path.name + ".data").unlink(missing_ok=True)
    return y.numpy()
