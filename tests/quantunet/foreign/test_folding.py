# SPDX-License-Identifier: BSD-3-Clause
"""Normalizations that undo themselves, the moments that they are estimated from, and the lift before the ReLU."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from quantunet.foreign.folding import EPS, SIGMAS, Norm, moments_after_relu, upwards


def applied(norm: Norm, x: Tensor) -> Tensor:
    return functional.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=EPS)


def some_norm(channels: int) -> Norm:
    weight, bias, mean, variance = torch.rand(4, channels, generator=torch.Generator().manual_seed(0)).double()
    return Norm(weight + 0.2, bias - 0.5, mean, variance + 0.1)


def test_what_is_added_before_a_normalization_goes_into_its_mean() -> None:
    norm, x, bias = some_norm(3), torch.rand(2, 3, 4, 4).double(), torch.tensor([0.5, -2, 3]).double()
    torch.testing.assert_close(applied(norm.after_adding(bias), x + bias[:, None, None]), applied(norm, x))


def test_moments_are_those_of_many_samples() -> None:
    norm = some_norm(5)
    x = norm.bias + norm.weight * torch.randn(200_000, 5, generator=torch.Generator().manual_seed(1)).double()
    mean, variance = moments_after_relu(norm)
    torch.testing.assert_close(x.relu().mean(0), mean, rtol=0, atol=0.01)
    torch.testing.assert_close(x.relu().var(0), variance, rtol=0, atol=0.01)


def test_upwards_the_normalization_only_adds_bias_and_lift() -> None:
    before, generator = some_norm(8), torch.Generator().manual_seed(2)
    weight, bias = torch.randn(8, 4, 2, 2, generator=generator).double(), torch.randn(4, generator=generator).double()
    x = before.bias[:, None, None] + before.weight[:, None, None] * torch.randn(4, 8, 32, 32, generator=generator)
    up = functional.conv_transpose2d(x.relu(), weight, stride=2)
    norm, lift = upwards(weight, bias, before)
    torch.testing.assert_close(applied(norm, up), up + (bias + lift)[:, None, None])
    cut = (applied(norm, up) < 0).double().mean((0, 2, 3))
    assert (lift > 0).all()
    assert cut.max() < 0.03, f"about 1 % lies below {SIGMAS} standard deviations"
    deviations = up.var((0, 2, 3)) / norm.running_var
    assert 0.9 < deviations.min() < deviations.max() < 1.1


def test_what_cannot_be_negative_is_not_lifted() -> None:
    weight = torch.ones(8, 2, 2, 2).double()
    _, lift = upwards(weight, torch.tensor([0.5, -0.25]).double(), some_norm(8))
    assert lift[0] == 0
    assert 0 <= lift[1] <= 0.25
