# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest
import torch

from quantunet.config import ModelConfig
from quantunet.interpolated import interpolate_widths
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths


def network(offset: float) -> QuantUNet:
    torch.manual_seed(0)
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4)))
    interpolate_widths(model)
    set_offsets(model, offset)
    return model.train()


def set_offsets(model: QuantUNet, offset: float) -> None:
    with torch.no_grad():
        for _, width in learned_widths(model):
            width.bit_width_offset.fill_(offset)


def weights(model: QuantUNet) -> torch.Tensor:
    found: torch.Tensor = model.encoder[0].conv2.quant_weight().value
    return found


def test_a_width_between_gives_the_mixture_of_its_neighbours() -> None:
    model = network(1.25)  # 3.25 bits
    mixed = weights(model)
    three, four = (weights(network(offset)) for offset in (1.0, 2.0))
    torch.testing.assert_close(mixed, 0.75 * three + 0.25 * four)


@pytest.mark.parametrize("offset", [0.0, 2.0, 6.0])
def test_whole_widths_are_quantized_as_ever(offset: float) -> None:
    plain = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 4))).train()
    model = network(offset)
    plain.load_state_dict(model.state_dict(), strict=False)
    set_offsets(plain, offset)
    torch.testing.assert_close(weights(model), weights(plain), rtol=0, atol=1e-7)


def test_the_gradient_of_a_width_is_what_the_next_bit_changes() -> None:
    model = network(1.25)
    (width,) = (width for name, width in learned_widths(model) if name == "encoder.0.conv2")
    weights(model).sum().backward()
    change = (weights(network(2.0)) - weights(network(1.0))).sum()
    assert width.bit_width_offset.grad is not None
    assert width.bit_width_offset.grad.item() == pytest.approx(change.item(), rel=1e-4)


def test_every_width_gets_a_gradient() -> None:
    model = network(1.25)
    model(torch.rand(2, 1, 4, 4)).square().sum().backward()
    assert all(width.bit_width_offset.grad is not None for _, width in learned_widths(model))


def test_what_is_evaluated_or_kept_has_the_rounded_width() -> None:
    model = network(1.25)
    rounded = weights(network(1.0))
    model.eval()
    assert torch.equal(weights(model), rounded)
    model.train()
    freeze_widths(model)
    assert torch.equal(weights(model), rounded)
