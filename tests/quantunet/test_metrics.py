# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest
import torch

from quantunet.checkpoint import load_checkpoint
from quantunet.config import ModelConfig
from quantunet.metrics import scores, widths
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths
from quantunet.train import TrainingResult


def test_scores_of_a_known_overlap() -> None:
    masks = torch.zeros(1, 1, 4, 4)
    masks[..., :2] = 1  # 8 pixels
    logits = torch.full_like(masks, -1.0)
    logits[..., 1:3] = 1.0  # 8 pixels, 4 of them right
    measured = scores(logits, masks)
    assert measured.dice == pytest.approx(0.5)
    assert measured.iou == pytest.approx(4 / 12)
    assert measured.pixel_accuracy == pytest.approx(0.5)


def test_nothing_found_where_nothing_is_is_right() -> None:
    measured = scores(torch.full((1, 1, 2, 2), -1.0), torch.zeros(1, 1, 2, 2))
    assert (measured.dice, measured.iou, measured.pixel_accuracy) == (1, 1, 1)


def test_widths_of_a_network_set_by_hand() -> None:
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4)))
    with torch.no_grad():
        for name, width in learned_widths(model):
            width.bit_width_offset.fill_({"bottom.conv2": 0.0, "join.0": 1.0}.get(name, 2.0))
    cost = widths(model)
    bits = {layer.name: layer.weight_bits for layer in cost.layers}
    assert bits == {layer.name: (2 if layer.name == "bottom.conv2" else 4) for layer in model.layers()}
    assert cost.mean_weight_bits_per_layer == pytest.approx((7 * 4 + 2) / 8)
    bottom = 4 * 4 * 9
    assert cost.mean_bits_per_weight == pytest.approx((4 * (cost.weights - bottom) + 2 * bottom) / cost.weights)
    # join.0 follows two convolutions and counts once: 6 activations.
    assert cost.mean_activation_bits == pytest.approx((5 * 4 + 3) / 6)
    assert cost.compression == pytest.approx(cost.float32_bytes / cost.size_bytes)


def test_training_learns_widths_that_differ(trained: TrainingResult) -> None:
    cost = widths(load_checkpoint(trained.checkpoint))
    assert len({layer.weight_bits for layer in cost.layers}) > 1
    assert len({layer.activation_bits for layer in cost.layers}) > 2
    assert cost.mean_weight_bits_per_layer < 8
