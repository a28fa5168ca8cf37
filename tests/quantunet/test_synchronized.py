# SPDX-License-Identifier: BSD-3-Clause
"""A group of one process: the formulas against torch's and Brevitas' own. Two processes: `test_processes`."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
from brevitas.core.stats import AbsPercentile
from torch import nn

from quantunet.config import ModelConfig
from quantunet.model import QuantUNet
from quantunet.synchronized import GlobalAbsPercentile, GlobalBatchNorm2d, gathered, synchronize


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_batch_norm_is_torchs_own_forward_and_backward() -> None:
    torch.manual_seed(0)
    own, reference = GlobalBatchNorm2d(3), nn.BatchNorm2d(3)
    with torch.no_grad():
        own.weight.uniform_(-1, 1)
        own.bias.uniform_(-1, 1)
    reference.load_state_dict(own.state_dict())
    for step in range(3):
        x = (torch.randn(4, 3, 5, 6) * 10**step + 100 * step).requires_grad_()  # means far from 0 as well
        y = x.detach().clone().requires_grad_()
        factors = torch.randn(4, 3, 5, 6)
        found, expected = own(x), reference(y)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
        (found * factors).sum().backward()
        (expected * factors).sum().backward()
        torch.testing.assert_close(x.grad, y.grad, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(own.weight.grad, reference.weight.grad, rtol=1e-3, atol=1e-3)
    for name, value in reference.state_dict().items():
        torch.testing.assert_close(own.state_dict()[name], value, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(own.eval()(x), reference.eval()(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("percentile", [99.999, 99.0, 50.0, 100.0])
@pytest.mark.parametrize("size", [(1,), (3, 7), (2, 3, 40, 50)])
def test_the_percentile_is_the_element_that_brevitas_takes(percentile: float, size: tuple[int, ...]) -> None:
    x = torch.randn(size, generator=torch.Generator().manual_seed(1)).requires_grad_()
    if percentile == 50.0 and x.numel() == 1:
        pytest.skip("Brevitas finds no element below the first")
    y = x.detach().clone().requires_grad_()
    found, expected = GlobalAbsPercentile(percentile)(x), AbsPercentile(percentile, stats_reduce_dim=None)(y)
    assert found.item() == expected.item()
    found.backward()
    expected.backward()
    assert torch.equal(x.grad, y.grad)


def test_gathered_values_keep_their_gradient() -> None:
    x = torch.arange(3.0).requires_grad_()
    places = gathered(x)
    assert places.shape == (1, 3)
    (places * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [1, 2, 3]


def test_a_synchronized_network_keeps_its_tensors_and_its_answers() -> None:
    torch.manual_seed(0)
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(8, 8)))
    other = copy.deepcopy(model)
    synchronize(other)
    assert sum(isinstance(module, GlobalBatchNorm2d) for module in other.modules()) == 7
    images = torch.rand(4, 1, 8, 8)
    torch.testing.assert_close(other(images), model(images), rtol=1e-4, atol=1e-4)
    assert other.state_dict().keys() == model.state_dict().keys()
