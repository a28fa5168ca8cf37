# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import math

import pytest
import torch

from quantunet.bit_terms import HARDWARE_TERMS
from quantunet.config import BitTerms, ModelConfig
from quantunet.losses import bit_penalty, dice_loss, distillation_loss, segmentation_loss
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


@pytest.mark.parametrize("name", ["mean", *HARDWARE_TERMS])
def test_every_term_is_a_quarter_at_8_bits_and_falls_with_the_widths(name: str) -> None:
    terms = BitTerms.model_validate({"mean": 0.0, name: 1.0})
    values = [bit_penalty(network_with(bits, bits), terms).item() for bits in (8, 5, 2)]
    assert values[0] == pytest.approx(0.25)
    assert values == sorted(values, reverse=True) and values[-1] < 0.07


@pytest.mark.parametrize("name", ["mean", *HARDWARE_TERMS])
def test_every_term_presses_on_the_widths_that_it_grows_with(name: str) -> None:
    model = network_with(5, 4)
    layers = {layer.name for layer in model.layers()}
    pressed = {width_name for width_name, _ in learned_widths(model)}
    if name == "weight_memory":
        pressed = layers
    elif name == "thresholds":
        pressed -= {"head"}  # whose sums are the output, without thresholds
    bit_penalty(model, BitTerms.model_validate({"mean": 0.0, name: 1.0})).backward()
    gradients = {width_name: width.bit_width_offset.grad for width_name, width in learned_widths(model)}
    assert {
        width_name for width_name, gradient in gradients.items() if gradient is not None and gradient > 0
    } == pressed
    assert all(gradient is None or gradient >= 0 for gradient in gradients.values())


def test_shares_weigh_the_terms() -> None:
    model = network_with(6, 4)
    alone = {name: bit_penalty(model, BitTerms(**{"mean": 0.0, name: 1.0})).item() for name in BitTerms.model_fields}
    shares = {"mean": 0.5, "weight_memory": 2.0, "thresholds": 0.25, "products": 3.0}
    expected = sum(share * alone[name] for name, share in shares.items())
    assert bit_penalty(model, BitTerms(**shares)).item() == pytest.approx(expected)
    assert bit_penalty(model).item() == alone["mean"]
    assert bit_penalty(model, BitTerms(mean=0)).item() == 0


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


def test_who_answers_like_the_teacher_has_nothing_to_learn() -> None:
    teacher = torch.tensor([[[[-3.0, 0.0], [1.0, 5.0]]]])
    masks = torch.zeros_like(teacher)
    assert distillation_loss(teacher, teacher, masks, 2.0).item() == pytest.approx(0, abs=1e-6)
    other = teacher.clone()
    other[..., 0, 0] = 1.0
    probability, wrong = torch.sigmoid(torch.tensor([-1.5, 0.5])).tolist()
    divergence = probability * math.log(probability / wrong)
    divergence += (1 - probability) * math.log((1 - probability) / (1 - wrong))
    assert distillation_loss(other, teacher, masks, 2.0).item() == pytest.approx(4 * divergence / 4, rel=1e-4)


def test_the_teacher_is_not_heard_where_nobody_labelled() -> None:
    teacher = torch.zeros(1, 1, 2, 2)
    masks = torch.tensor([[[[-1.0, 0.0], [1.0, 0.0]]]])
    other = teacher.clone()
    other[..., 0, 0] = 9.0
    assert distillation_loss(other, teacher, masks, 1.0).item() == 0
