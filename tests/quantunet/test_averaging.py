# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn

from quantunet.averaging import WeightAverage, in_place_of, reestimate_batch_norm


def test_the_average_follows_with_its_decay() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = WeightAverage(model, decay=0.5)
    values, expected = [4.0, 0.0, 8.0, 2.0], []
    for step, value in enumerate(values):
        with torch.no_grad():
            model.weight.fill_(value)
        average.add()
        decay = min(0.5, (1 + step) / (10 + step))
        expected.append(value if not expected else decay * expected[-1] + (1 - decay) * value)
    assert average.tensors["weight"].item() == pytest.approx(expected[-1])
    again = WeightAverage(model, decay=0.5)
    again.restore(average.tensors, average.steps)
    average.add(), again.add()
    assert torch.equal(average.tensors["weight"], again.tensors["weight"])


def test_a_network_is_itself_again_afterwards() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with in_place_of(model, {"0.weight": torch.ones(2, 1, 1, 1)}):
        assert model[0].weight.sum() == 2
        model.train()(torch.rand(4, 1, 3, 3))  # moves the statistics
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_statistics_are_those_of_the_batches() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm2d(2)).train()
    batches = [torch.randn(50, 2, 4, 4) * 3 + 7 for _ in range(3)]
    reestimate_batch_norm(model, (partial(torch.clone, batch) for batch in batches))
    norm = model[0]
    assert isinstance(norm, nn.BatchNorm2d)
    every = torch.stack(batches)
    torch.testing.assert_close(norm.running_mean, every.mean((0, 1, 3, 4)))
    variances = torch.stack([batch.var((0, 2, 3)) for batch in batches]).mean(0)
    torch.testing.assert_close(norm.running_var, variances)
    assert (norm.momentum, norm.training, model.training) == (0.1, True, True)
