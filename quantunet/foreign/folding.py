# SPDX-License-Identifier: BSD-3-Clause
"""Batch normalizations that take up what another network does differently from ours.

In evaluation a batch normalization is ``weight * (x - mean) / sqrt(variance + eps) + bias``, so that what is added to
all of ``x`` goes into its mean exactly.

Upwards the other networks have a transposed convolution with a bias and nothing after it; ours has a batch normalization
and a ReLU. The normalization is made to change nothing: for any mean and variance there are weight and bias that undo
them. Mean and variance are estimated, so that training, which measures them anew, begins near the same network.

The ReLU would cut what is negative, about half. So a constant is added before it (`lift`), of `SIGMAS` standard deviations,
and taken out of the normalization after the convolution that reads the channel. Inside an image that is exact where
nothing is cut; at its edge it is not, as the convolution reads zeros there where the constant would have to stand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

#: Of what goes through the ReLU upwards, how many estimated standard deviations below its mean still pass. More cuts less
#: and changes more at the edges. Of small networks that were trained for the comparison, 2 to 4 answered nearly alike.
SIGMAS = 2.5
#: Of nn.BatchNorm2d, here and in the other networks.
EPS = 1e-5


@dataclass
class Norm:
    """Parameters and statistics of a batch normalization, one number a channel."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def after_adding(self, added: Tensor) -> Norm:
        """The normalization with the same result where `added`, a number a channel, is added to its input."""
        return Norm(self.weight, self.bias, self.running_mean + added, self.running_var)


def moments_after_relu(norm: Norm) -> tuple[Tensor, Tensor]:
    """Mean and variance of relu(x) a channel, x being normal with the mean and deviation that `norm` gives."""
    deviation = norm.weight.abs().clamp(min=1e-12)
    ratio = norm.bias / deviation
    share = 0.5 * torch.erfc(-ratio / math.sqrt(2))  # of x > 0
    density = torch.exp(-ratio * ratio / 2) / math.sqrt(2 * math.pi)
    mean = norm.bias * share + deviation * density
    square = (norm.bias**2 + deviation**2) * share + norm.bias * deviation * density
    return mean, (square - mean**2).clamp(min=0)


def upwards(weight: Tensor, bias: Tensor, before: Norm) -> tuple[Norm, Tensor]:
    """A normalization after a transposed convolution without bias, so that the two add `bias` and the lift; and the lift.

    Args:
        weight: of the convolution, (inputs, outputs, 2, 2), stride 2.
        bias: of the other network's convolution, (outputs,).
        before: normalization whose ReLU gives the convolution's input; its channels are taken as independent.
    """
    mean, variance = moments_after_relu(before)
    means = torch.einsum("ioyx,i->oyx", weight, mean).flatten(1)  # of the four pixels that one becomes
    variances = torch.einsum("ioyx,i->oyx", weight**2, variance).flatten(1)
    middle = means.mean(1)
    spread = (variances.mean(1) + means.var(1, unbiased=False)).clamp(min=EPS)
    lift = lifted(SIGMAS * spread.sqrt() - (middle + bias), weight, bias)
    return Norm((spread + EPS).sqrt(), middle + bias + lift, middle, spread), lift


def lifted(wished: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What is added before the ReLU: no more than it takes where a channel cannot fall below its bias, as its weights are
    not negative and neither is what they read.
    """
    never_less = (weight >= 0).all(3).all(2).all(0)
    return torch.where(never_less, torch.minimum(wished, -bias), wished).clamp(min=0)
