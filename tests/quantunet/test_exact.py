# SPDX-License-Identifier: BSD-3-Clause
"""The network in float64 means what its export says."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from onnx import numpy_helper

from quantunet.config import ModelConfig
from quantunet.exact import exact_network
from quantunet.export import _exported
from quantunet.metrics import widths
from quantunet.model import QuantUNet
from quantunet.quantizers import fix_widths


def trained(**settings: str) -> QuantUNet:
    torch.manual_seed(0)
    model = QuantUNet(ModelConfig.model_validate({"base_width": 2, "depth": 1, "image_size": (8, 8), **settings}))
    model.train()
    with torch.no_grad():
        for _ in range(60):  # the activations' scales come from the first images
            model(torch.rand(1, 1, 8, 8))
    fix_widths(model, 4)
    return model.eval()


@pytest.fixture(scope="module")
def network() -> QuantUNet:
    return trained()


def exported_scales(model: QuantUNet) -> set[float]:
    graph = _exported(model).graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    return {float(np.float64(constants[n.input[1]])) for n in graph.node if n.op_type == "Quant"}


def test_every_scale_is_the_float32_number_of_the_export(network: QuantUNet) -> None:
    exact = exact_network(copy.deepcopy(network))
    used = set()
    for module in exact.modules():
        if type(module).__name__ == "RescalingIntQuant":
            module.register_forward_hook(lambda module, given, made: used.add(float(made[1])))
    with torch.no_grad():
        exact(torch.rand(1, 1, 8, 8).double())
    assert used == exported_scales(network)


def test_computed_in_float64_the_scales_would_be_others(network: QuantUNet) -> None:
    exported = exported_scales(network)
    with torch.no_grad():
        scales = {float(layer.convolution.quant_weight().scale) for layer in copy.deepcopy(network).double().layers()}
    assert not scales <= exported


@pytest.mark.parametrize("scales", ["largest", "learned"])
@pytest.mark.parametrize("scales_per", ["tensor", "channel"])
def test_weights_are_their_integers_times_their_scale(scales: str, scales_per: str) -> None:
    network = trained(weight_scales=scales, weight_scales_per=scales_per)
    exact = exact_network(copy.deepcopy(network))
    for given, made in zip(network.layers(), exact.layers(), strict=True):
        quantized = given.convolution.quant_weight()
        integers = torch.round(quantized.value / quantized.scale).double()
        assert torch.equal(made.convolution.weight, integers * quantized.scale.double())
        again = made.convolution.quant_weight()
        assert torch.equal(torch.round(again.value / again.scale), integers)


def test_the_widths_can_still_be_read(network: QuantUNet) -> None:
    assert widths(exact_network(copy.deepcopy(network))) == widths(network)


def test_a_float_network_only_changes_its_precision() -> None:
    model = QuantUNet(ModelConfig(base_width=2, depth=1, image_size=(8, 8), precision="float")).eval()
    image = torch.rand(1, 1, 8, 8)
    with torch.no_grad():
        found = model(image)
        exact = exact_network(model)(image.double())
    assert exact.dtype == torch.float64
    assert torch.allclose(exact.float(), found, atol=1e-5)
