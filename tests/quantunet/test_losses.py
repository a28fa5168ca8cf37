from __future__ import annotations

import pytest
import torch

from quantunet.config import ModelConfig
from quantunet.losses import bit_penalty, dice_loss, segmentation_loss
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths


def network_with(weight_bits: float, activation_bits: float) -> QuantUNet:
    model = QuantUNet(ModelConfig(depth=2, base_width=2, image_size=(8, 8)))
    layers = {layer.name for layer in model.layers()}
    with torch.no_grad():
        for name, width in learned_widths(model):
            width.bit_width_offset.fill_((weight_bits if name in layers else activation_bits) - 2)
    return model


@pytest.mark.parametrize(("weight_bits", "activation_bits"), [(8, 8), (2, 2), (2, 8), (5, 3)])
def test_bit_penalty_is_the_mean_width_over_32(weight_bits: int, activation_bits: int) -> None:
    penalty = bit_penalty(network_with(weight_bits, activation_bits))
    assert penalty.item() == pytest.approx((weight_bits + activation_bits) / 2 / 32)


def test_every_tensor_of_a_kind_is_pressed_alike() -> None:
    model = network_with(6, 5)
    bit_penalty(model).backward()
    layers = {layer.name for layer in model.layers()}
    for kind in (True, False):
        gradients = [
            width.bit_width_offset.grad.item() for name, width in learned_widths(model) if (name in layers) is kind
        ]
        assert gradients == pytest.approx([0.5 / 32 / len(gradients)] * len(gradients))


def test_dice_loss_of_a_hit_a_miss_and_half() -> None:
    masks = torch.zeros(1, 1, 10, 10)
    masks[..., :5] = 1
    sure = 200 * masks - 100
    assert dice_loss(sure, masks).item() == pytest.approx(0, abs=1e-6)
    assert dice_loss(-sure, masks).item() == pytest.approx(1 - 1 / 101)  # smoothed by 1
    half = torch.full_like(masks, -100.0)
    half[:, :, :5, :5] = 100
    assert dice_loss(half, masks).item() == pytest.approx(1 - (2 * 25 + 1) / (25 + 50 + 1))


def test_segmentation_loss_adds_cross_entropy_and_dice() -> None:
    masks = torch.ones(2, 1, 4, 4)
    logits = torch.zeros_like(masks)
    dice = 1 - (2 * 8 + 1) / (8 + 16 + 1)
    assert segmentation_loss(logits, masks).item() == pytest.approx(0.6931472 + dice)
