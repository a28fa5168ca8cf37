# SPDX-License-Identifier: BSD-3-Clause
"""Small networks, each with one thing that people's networks have and that is easily got wrong: what each is of, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from brevitas.export import export_onnx_qcdq
from torch import nn

from tests.hw_flows import activation_networks, added, gated, heads, spatial_networks, windows, written_differently
from tests.hw_flows.foreign import Exported, ForeignNet, build, export, frames

Feature = Callable[[Path], Exported]


def _as_people_write(networks: dict[str, Callable[[], nn.Module]], name: str) -> Feature:
    return lambda path: written_differently.export(name, networks[name], path)


def _foreign(**options: object) -> Feature:
    return lambda path: export(ForeignNet(**options), path)


def _with_head(name: str) -> Feature:
    return lambda path: heads.export_with_head(name, path)


def _wide_image(path: Path) -> Exported:
    def make() -> nn.Module:
        net = written_differently.chain_of(written_differently.conv(), written_differently.relu())
        net.image = written_differently.identity(16, signed=False)
        return net

    return written_differently.export("an image of 16 bits", make, path)


def _qcdq(path: Path) -> Exported:
    net = ForeignNet(signed_activations=True, scale_per_channel=True)
    x = frames(net, 2, torch.Generator().manual_seed(3))
    model = build(net)
    with torch.no_grad():
        y = torch.cat([model(frame) for frame in x.split(1)])
        export_onnx_qcdq(model, args=x[:1], export_path=str(path), dynamo=False, opset_version=13)
    return Exported(path, x.numpy(), y.numpy(), net)


_WRITTEN, _SPATIAL = written_differently.NETWORKS, spatial_networks.NETWORKS
_ACTIVATIONS, _ADDED = activation_networks.NETWORKS, added.NETWORKS

FEATURES: dict[str, Feature] = {
    "an image of 16 bits": _wide_image,
    "QCDQ export": _qcdq,
    "activations and weights of 8 bits": _foreign(weight_bits=8, activation_bits=8),
    "weights of 2 bits, a scale a channel": _foreign(weight_bits=2, scale_per_channel=True),
    "signed narrow ReLU": _as_people_write(_WRITTEN, "signed narrow ReLU, pooled"),
    "zero points": _as_people_write(_ACTIVATIONS, "zero points of 8 bits, pooled, with padding behind"),
    "rounding down": _as_people_write(_ACTIVATIONS, "rounding FLOOR, signed"),
    "binary activations": _as_people_write(_ACTIVATIONS, "binary activations behind a function and a pool"),
    "LeakyReLU": _as_people_write(_ACTIVATIONS, "LeakyReLU, pooled before the quantizer"),
    "SiLU, GELU": _as_people_write(_ACTIVATIONS, "SiLU of a sum, GELU of an average"),
    "ReLU before batch normalization": _as_people_write(_WRITTEN, "ReLU before batch normalization"),
    "quantizers of the reader": _as_people_write(_WRITTEN, "input quantizers"),
    "one ReLU, three quantizers": _as_people_write(_WRITTEN, "one ReLU with three quantizers"),
    "one tensor pooled twice": _as_people_write(_WRITTEN, "pools of two sizes of one tensor"),
    "the skip first in a Concat": _as_people_write(_WRITTEN, "the skip first in a Concat with a resize"),
    "quantizer behind the Concat": _as_people_write(_WRITTEN, "quantizer behind the Concat of two convolutions"),
    "the image joins the last block": _as_people_write(_WRITTEN, "the image joins the last block"),
    "Concat of unequal scales": _foreign(power_of_two_scales=True, shared_skip_quantizer=False, skip_bits=3),
    "average pools": _as_people_write(windows.NETWORKS, "average pools"),
    "overlapping max-pool": _foreign(downsample="overlapping_pool", signed_activations=True),
    "depthwise separable": _as_people_write(windows.NETWORKS, "MobileNet's inverted residual"),
    "groups": _as_people_write(windows.NETWORKS, "ResNeXt's groups and a channel multiplier"),
    "atrous pyramid": _as_people_write(windows.NETWORKS, "DeepLab's atrous pyramid with the average of the image"),
    "residual blocks": _as_people_write(_ADDED, "ResUNet"),
    "pre-activation": _as_people_write(_ADDED, "pre-activation"),
    "squeeze and excitation": _as_people_write(gated.NETWORKS, "squeeze and excitation"),
    "attention gate": _as_people_write(gated.NETWORKS, "attention gate"),
    "gates of channels and of pixels": _as_people_write(gated.NETWORKS, "concurrent gates"),
    "cropped skips": _as_people_write(_SPATIAL, "valid convolutions, skips cropped by slices"),
    "padded to the skip": _as_people_write(_SPATIAL, "what came up is padded before its quantizer"),
    "pixel shuffle": _as_people_write(_SPATIAL, "pixel shuffle of scales a channel"),
    "space to depth": _as_people_write(_SPATIAL, "space to depth, joined"),
    "bilinear": _as_people_write(_SPATIAL, "bilinear by 2"),
    "bilinear, corners aligned": _as_people_write(_SPATIAL, "bilinear by 4 with corners aligned"),
    "transposed 3x3 by 2": _as_people_write(_SPATIAL, "transposed convolution 3x3 by 2, normalized"),
    "other borders": _as_people_write(_SPATIAL, "borders of convolutions of padding modes"),
    "argmax at the end": _with_head("argmax, uint8"),
    "resized answers": _with_head("bilinear"),
}
