# SPDX-License-Identifier: BSD-3-Clause
"""Figures worked out by hand; against the flow's operators: tests/hw_flows/test_bit_terms.py."""

from __future__ import annotations

import math

import pytest
import torch

from quantunet.bit_terms import accumulator_bits, hardware_terms, measured_terms, product_luts, relative_terms
from quantunet.config import ModelConfig
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths


def network(decoder: str = "transpose") -> QuantUNet:
    """Depth 1: 1 to 2 to 4 channels, weights all one, so that every sum of a layer is that of its fan-in."""
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(4, 8), decoder=decoder))
    with torch.no_grad():
        for layer in model.layers():
            layer.convolution.weight.fill_(1)
    return model


def set_bits(model: QuantUNet, weight_bits: float, activation_bits: float) -> QuantUNet:
    layers = {layer.name for layer in model.layers()}
    with torch.no_grad():
        for name, width in learned_widths(model):
            width.bit_width_offset.fill_((weight_bits if name in layers else activation_bits) - 2)
    return model


#: (outputs, fan-in, pixels) of each layer of `network`, and whether it is behind the first.
LAYERS = [(2, 9, 32), (2, 18, 32), (4, 18, 8), (4, 36, 8), (2, 4, 32), (2, 36, 32), (2, 18, 32), (1, 2, 32)]


def test_terms_of_a_network_counted_by_hand() -> None:
    terms = measured_terms(set_bits(network(), weight_bits=3, activation_bits=4))
    transposed = 4  # the up-convolution has four weights where each output has one
    weights = sum(out * fan_in * (transposed if (out, fan_in) == (2, 4) else 1) for out, fan_in, _ in LAYERS)
    assert terms["weight_memory"] == 3 * weights
    inputs = [8, *[4] * 7]
    thresholds = sum(
        out * 15 * (1 + math.log2(1 + fan_in * 3 * (2**bits - 1)))
        for (out, fan_in, _), bits in zip(LAYERS[:-1], inputs, strict=False)
    )
    assert terms["thresholds"] == pytest.approx(thresholds)
    cost = {bits: product_luts(torch.tensor(float(bits)), torch.tensor(3.0)).item() for bits in (4, 8)}
    products = sum(
        out * fan_in * pixels * cost[bits] for (out, fan_in, pixels), bits in zip(LAYERS, inputs, strict=True)
    )
    assert terms["products"] == pytest.approx(products)


def test_an_upsampling_decoder_multiplies_at_the_full_resolution() -> None:
    few, many = (measured_terms(network(decoder))["products"] for decoder in ("transpose", "upsample"))
    added = 32 * 2 * (36 - 4) * product_luts(torch.tensor(8.0), torch.tensor(8.0)).item()
    assert many - few == pytest.approx(added)


def test_relative_terms_are_fractions_of_8_bits() -> None:
    assert {name: value.item() for name, value in relative_terms(set_bits(network(), 8, 8)).items()} == {
        "weight_memory": 1,
        "thresholds": 1,
        "products": 1,
    }
    half = relative_terms(set_bits(network(), 4, 8))
    assert half["weight_memory"].item() == 0.5


def test_the_accumulator_holds_the_largest_sum() -> None:
    bits = accumulator_bits(torch.tensor(9.0), torch.tensor(4.0), torch.tensor(3.0)).item()
    largest = 9 * 3 * 15
    assert 2 ** (bits - 1) - 1 == pytest.approx(largest)


def test_weights_get_no_gradient_from_their_cost() -> None:
    model = set_bits(network(), 5, 5)
    sum(hardware_terms(model).values()).backward()  # type: ignore[union-attr]
    for layer in model.layers():
        assert layer.convolution.weight.grad is None


def test_a_digit_more_costs_a_row_more_although_its_gradient_is_even() -> None:
    bits = torch.arange(2.0, 9.0, requires_grad=True)
    luts = product_luts(torch.tensor(4.0), bits)
    steps = luts.diff()
    assert (steps[::2] > 3 * 2.13 - 1).all() and torch.allclose(steps[1::2], torch.tensor(2.13), atol=1e-4)
    luts.sum().backward()
    assert torch.allclose(bits.grad, bits.grad[0])
