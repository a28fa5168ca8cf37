# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from quantunet.config import ModelConfig
from quantunet.model import QuantUNet
from quantunet.quantizers import LearnedRange, clamp_widths, freeze_widths, learned_widths, scale_parameters


def network() -> QuantUNet:
    torch.manual_seed(0)
    return QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4)))


def set_offsets(model: QuantUNet, offsets: list[float]) -> None:
    with torch.no_grad():
        for (_, width), offset in zip(learned_widths(model), offsets * 20, strict=False):
            width.bit_width_offset.fill_(offset)


def test_one_width_for_each_convolution_and_each_activation() -> None:
    model = network()
    names = [name for name, _ in learned_widths(model)]
    layers = model.layers()
    assert len(names) == len(set(names))
    assert set(names) == {layer.name for layer in layers} | {layer.activation for layer in layers} - {None}
    assert all(width() == 8 and width.bit_width_offset.requires_grad for _, width in learned_widths(model))


def test_every_width_gets_a_gradient_from_the_task() -> None:
    model = network()
    set_offsets(model, [2.0])
    model(torch.rand(2, 1, 4, 4)).square().sum().backward()
    for name, width in learned_widths(model):
        assert width.bit_width_offset.grad is not None, name


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-20, 20, allow_nan=False), min_size=1, max_size=12))
def test_clamped_widths_stay_between_2_and_8(offsets: list[float]) -> None:
    model = network()
    set_offsets(model, offsets)
    clamp_widths(model)
    for _, width in learned_widths(model):
        assert 0 <= width.bit_width_offset.item() <= 6
        assert width().item() in range(2, 9)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 6), min_size=1, max_size=12))
def test_freezing_rounds_the_widths_and_changes_no_value(offsets: list[float]) -> None:
    model = network().eval()
    set_offsets(model, offsets)
    image = torch.rand(2, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    before = model(image), [width().item() for _, width in learned_widths(model)]
    freeze_widths(model)
    assert torch.equal(model(image), before[0])
    assert [width().item() for _, width in learned_widths(model)] == before[1]
    for _, width in learned_widths(model):
        assert width.bit_width_offset.item() == round(width.bit_width_offset.item())
        assert not width.bit_width_offset.requires_grad


def test_a_width_is_the_number_of_levels_used() -> None:
    model = network().eval()
    set_offsets(model, [1.0])  # 3 bits
    weights = model.encoder[0].conv2.quant_weight()
    assert weights.bit_width == 3
    steps = (weights.value / weights.scale).round()
    assert steps.abs().max() == 3  # narrow range: -3..3
    activation = model.bottom.act1
    grown = activation(torch.linspace(-1, 100, 999)) / activation.act_quant.scale()
    assert sorted(grown.round().unique().tolist()) == list(range(8))


def learned_range(values: list[float], start: float) -> tuple[torch.Tensor, LearnedRange]:
    weights, ranges = torch.tensor(values, requires_grad=True), LearnedRange(())
    with torch.no_grad():
        ranges.value.fill_(start)
    return weights, ranges.train()


def test_a_learned_range_has_the_gradient_of_lsq() -> None:
    """Of 3-bit weights with range 0.6, so of scale 0.2: one between two integers, one at the end, one beyond."""
    weights, ranges = learned_range([0.27, -0.6, 0.9], 0.6)
    largest = torch.tensor(3.0)
    scale = ranges(weights, largest)
    integers = (weights / scale).detach().round().clamp(-3, 3)
    # Rounding straight through: d(scale x integer) / d scale is integer - weight / scale inside, integer beyond.
    inside = (weights / scale).abs() <= 3
    quantized = scale * torch.where(inside, weights / scale + (integers - weights / scale).detach(), integers)
    quantized.sum().backward()
    of_scale = (1 - 0.27 / 0.2) + 0 + 3
    factor = 1 / (3 * 3) ** 0.5
    assert ranges.value.grad is not None
    assert ranges.value.grad.item() == pytest.approx(factor * of_scale / 3, rel=1e-4)


def test_a_learned_range_begins_where_few_large_weights_do_not_decide() -> None:
    weights, ranges = learned_range([0.1] * 99 + [5.0], 1.0)
    ranges.start(weights, torch.tensor(3.0))  # 3 bits
    assert ranges.value.item() == pytest.approx(2 * (9.9 + 5) / 100 * 3**0.5)
    ranges.start(weights, torch.tensor(32767.0))
    assert ranges.value.item() == 5.0


@pytest.mark.parametrize("scales", ["largest", "learned"])
def test_scales_may_be_those_of_output_channels(scales: str) -> None:
    settings = {"depth": 1, "base_width": 2, "image_size": (4, 4), "weight_scales": scales}
    model = QuantUNet(ModelConfig.model_validate({**settings, "weight_scales_per": "channel"}))
    for convolution, axis in ((model.encoder[0].conv2, 0), (model.up[0].conv, 1)):
        with torch.no_grad():
            convolution.weight.select(axis, 1).mul_(0.01)
        if scales == "learned":
            convolution.weight_quant.tensor_quant.scaling_impl.start(convolution.weight, torch.tensor(127.0))
        found = convolution.quant_weight().scale
        assert found.flatten().shape == (2,) and found.shape[axis] == 2
        largest = convolution.weight.abs().amax([i for i in range(4) if i != axis])
        torch.testing.assert_close(found.flatten(), largest / 127)


def test_scales_to_train_apart_are_those_of_weights_and_activations() -> None:
    assert len(scale_parameters(network())) == 6  # activations, the shared one once
    learned = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4), weight_scales="learned"))
    assert len(scale_parameters(learned)) == 6 + len(learned.layers())
