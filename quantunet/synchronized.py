# SPDX-License-Identifier: BSD-3-Clause
"""Statistics of a batch that is spread over several processes: what they would be in one process.

torch's SyncBatchNorm runs on CUDA only; these run wherever `torch.distributed` does, forward and backward.
The convention for gradients is that of DistributedDataParallel: what is differentiated is the sum of the
processes' losses.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.distributed as dist
from brevitas.core.scaling import ParameterFromRuntimeStatsScaling
from brevitas.core.stats import AbsPercentile
from torch import Tensor, nn


class _Sum(torch.autograd.Function):
    """Sum over the processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        total = own.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _Sum.apply(gradients[0])


def gathered(own: Tensor) -> Tensor:
    """``own``, of one shape in all processes, of each: shape ``[processes, *own.shape]``; differentiable."""
    places = own.new_zeros(dist.get_world_size(), *own.shape)
    places[dist.get_rank()] = own
    return _Sum.apply(places)


class GlobalBatchNorm2d(nn.BatchNorm2d):
    """Batch normalization of NCHW by the statistics of the global batch, in float32 or wider.

    Parameters, buffers and evaluation mode are those of `torch.nn.BatchNorm2d`.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        x = input if input.dtype == torch.float64 else input.float()
        # Means and variances are combined instead of sums of squares, which would cancel (Chan et al. 1979).
        variance, mean = torch.var_mean(x, (0, 2, 3), correction=0)
        count = torch.full_like(mean[:1], x.numel() // x.shape[1])
        counts, means, variances = gathered(torch.cat([count, mean, variance])).split([1, *[len(mean)] * 2], 1)
        total = counts.sum()
        mean = (counts * means).sum(0) / total
        variance = (counts * (variances + (means - mean).square())).sum(0) / total
        self._track(mean, variance * total / (total - 1))
        scale = torch.rsqrt(variance + self.eps) * self.weight
        return (x - mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None and self.momentum is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
        self.running_var.lerp_(variance.to(self.running_var.dtype), self.momentum)


class GlobalAbsPercentile(nn.Module):
    """The `percentile` (0 to 100) of the magnitudes of a tensor that is spread over the processes.

    It is a single element, as Brevitas' `AbsPercentile` takes it. Only the elements that can be it travel:
    the largest few of each process.
    """

    def __init__(self, percentile: float) -> None:
        super().__init__()
        self.percentile = percentile

    def forward(self, x: Tensor) -> Tensor:
        magnitudes = x.abs().reshape(-1)
        total = int(_Sum.apply(torch.tensor([magnitudes.numel()], device=x.device)))
        above = total - math.floor(0.01 * self.percentile * total + 0.5)  # elements above the one looked for
        largest = magnitudes.topk(min(above + 1, magnitudes.numel())).values
        filled = nn.functional.pad(largest, (0, above + 1 - len(largest)), value=-1.0)
        return gathered(filled).reshape(-1).topk(above + 1).values[-1]


def synchronize(model: nn.Module) -> None:
    """Make `model` take its statistics from the global batch; names and values of its tensors stay."""
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = GlobalBatchNorm2d
        elif isinstance(module, ParameterFromRuntimeStatsScaling):
            local = module.stats.stats_impl
            assert isinstance(local, AbsPercentile) and local.stats_reduce_dim is None
            module.stats.stats_impl = GlobalAbsPercentile(local.q)
