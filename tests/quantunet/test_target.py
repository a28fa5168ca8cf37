# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from typing import Any

import pytest
import torch

from quantunet.bit_terms import mean_widths
from quantunet.config import ModelConfig, Target
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths
from quantunet.target import TargetController, cost, goal_of, settle
from tests.quantunet.refusal import refused


def network(offset: float = 6.0) -> QuantUNet:
    torch.manual_seed(0)
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4)))
    with torch.no_grad():
        for _, width in learned_widths(model):
            width.bit_width_offset.fill_(offset)
    return model


def offsets(model: QuantUNet) -> list[float]:
    return [width.bit_width_offset.item() for _, width in learned_widths(model)]


@pytest.mark.parametrize("target", [{"bits": 4.0}, {"bits_each": 4.0}, {"weight_kib": 0.2}, {"LUT": 2.0}])
def test_the_line_falls_from_8_bits_to_the_target(target: dict[str, float]) -> None:
    wanted, model = Target.model_validate(target), network()
    controller = TargetController(wanted, model, 0.25, first=100, last=200)
    assert controller.line(100) == pytest.approx(cost(model, wanted).item())
    assert controller.line(170) == controller.line(200) == goal_of(wanted)
    assert controller.line(135) == pytest.approx((controller.line(100) + controller.line(170)) / 2)
    assert offsets(model) == offsets(network()), "the network is left as it was"


def test_lambda_rises_while_the_network_costs_too_much_and_falls_when_it_costs_too_little() -> None:
    controller = TargetController(Target(bits=4), network(), 0.25, first=0, last=100)
    seen = []
    for step, offset in [(0, 6.0), (30, 6.0), (60, 6.0), (70, 2.0), (75, 0.0), (80, 0.0)]:
        controller.loss(network(offset))
        controller.follow(step)
        seen.append(controller.penalty)
    assert seen[0] == pytest.approx(0.25)  # on the line
    assert seen[0] < seen[1] < seen[2]  # above it
    assert seen[2] > seen[3] > seen[4]  # on it again: only what was summed up is left; below it
    assert controller.sum_of_errors < 1


def test_what_is_penalized_is_the_cost_in_proportion() -> None:
    controller = TargetController(Target(bits=4), network(), 0.4, first=0, last=100)
    assert controller.loss(network()).item() == pytest.approx(0.4 * 0.25)
    assert controller.loss(network(2.0)).item() == pytest.approx(0.4 * 0.125)


@pytest.mark.parametrize(("start", "bits"), [(3.3, 4.0), (0.2, 3.5), (2.0, 4.0)])
def test_widths_settle_just_within_the_target(start: float, bits: float) -> None:
    model = network()
    with torch.no_grad():
        for index, (_, width) in enumerate(learned_widths(model)):
            width.bit_width_offset.fill_(start + 0.02 * index)
    settle(model, Target(bits=bits))
    found = cost(model, Target(bits=bits)).item()
    assert bits - 0.1 < found <= bits + 1e-5
    assert all(offset == round(offset) and 0 <= offset <= 6 for offset in offsets(model))


def test_those_nearest_to_their_next_rounding_move_first() -> None:
    """Of 8 weight tensors and 6 activations at 5 bits, one weight tensor has to lose a bit: the lowest one."""
    model = network(3.2)
    widths = dict(learned_widths(model))
    with torch.no_grad():
        widths["bottom.conv2"].bit_width_offset.fill_(2.6)
    settle(model, Target(bits=5 - 1 / 16))
    moved = [name for name, width in widths.items() if width.bit_width_offset != 3]
    assert moved == ["bottom.conv2"]


def test_each_of_both_means_may_have_the_target() -> None:
    """Activations that cost too much are lowered, weights that do not are left; then both use what there is."""
    model = network(1.0)  # 3 bits
    layers = {layer.name for layer in model.layers()}
    with torch.no_grad():
        for name, width in learned_widths(model):
            if name not in layers:
                width.bit_width_offset.fill_(3.0)
    settle(model, Target(bits_each=3.5))
    weights, activations = (mean.item() for mean in mean_widths(model))
    assert (weights, activations) == (pytest.approx(3.5), pytest.approx(3.5))


def test_a_target_below_the_smallest_widths_is_refused() -> None:
    with refused("cannot be met: with 2 bits everywhere"):
        TargetController(Target(weight_kib=0.001), network(), 0.25, 0, 100)


@pytest.mark.parametrize("values", [{}, {"bits": 3, "LUT": 100}, {"bits": 9}])
def test_a_target_is_one_cost(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Target.model_validate(values)
