# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest
import torch
from brevitas import nn as qnn
from torch import nn

from quantunet.config import ModelConfig
from quantunet.model import QuantUNet


@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
def test_depth_4_has_the_23_convolutions_of_the_first_unet(decoder: str) -> None:
    model = QuantUNet(ModelConfig(decoder=decoder, image_size=(32, 32)))
    kinds = [type(layer.convolution) for layer in model.layers()]
    transposed = 4 if decoder == "transpose" else 0
    assert len(kinds) == 23
    assert kinds.count(qnn.QuantConvTranspose2d) == transposed
    assert kinds.count(qnn.QuantConv2d) == 23 - transposed
    found = [m for m in model.modules() if isinstance(m, qnn.QuantConv2d | qnn.QuantConvTranspose2d)]
    assert len(found) == 23


@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
@pytest.mark.parametrize(
    ("depth", "base", "channels", "outputs", "size"),
    [(1, 3, 1, 1, (2, 6)), (2, 2, 3, 2, (8, 20)), (3, 1, 2, 1, (16, 8))],
)
def test_logits_have_the_size_of_the_image(
    decoder: str, depth: int, base: int, channels: int, outputs: int, size: tuple[int, int]
) -> None:
    config = ModelConfig(
        depth=depth,
        base_width=base,
        in_channels=channels,
        out_channels=outputs,
        image_size=size,
        decoder=decoder,
    )
    model = QuantUNet(config)
    assert model(torch.rand(2, *model.input_shape)).shape == (2, outputs, *size)
    assert len(model.layers()) == 5 * depth + 3


def test_both_branches_of_a_concat_share_one_quantizer() -> None:
    model = QuantUNet(ModelConfig(depth=3, image_size=(16, 16)))
    for level in range(3):
        assert model.encoder[level].act2 is model.up[level].act is model.join[level]
    after = {layer.name: layer.activation for layer in model.layers()}
    assert after["encoder.1.conv2"] == after["up.1.conv"] == "join.1"


def test_layers_run_from_input_to_output() -> None:
    model = QuantUNet(ModelConfig(depth=1, image_size=(8, 8)))
    order: list[str] = []
    for layer in model.layers():
        layer.convolution.register_forward_hook(lambda *_, name=layer.name: order.append(name))
    model(torch.rand(1, 1, 8, 8))
    assert order == [layer.name for layer in model.layers()]


def test_only_the_last_convolution_has_a_bias_and_none_is_folded() -> None:
    model = QuantUNet(ModelConfig(depth=2, image_size=(8, 8)))
    biased = [layer.name for layer in model.layers() if layer.convolution.bias is not None]
    assert biased == ["head"]
    assert sum(isinstance(module, nn.BatchNorm2d) for module in model.modules()) == len(model.layers()) - 1


def test_pixels_pass_the_input_quantizer_unchanged() -> None:
    model = QuantUNet(ModelConfig(depth=1, image_size=(16, 16))).eval()
    image = torch.arange(256, dtype=torch.float32).reshape(1, 1, 16, 16) / 255
    assert torch.equal((model.pixel(image) * 255).round(), image * 255)
    assert torch.allclose(model.pixel(image), image, rtol=0, atol=1e-7)
