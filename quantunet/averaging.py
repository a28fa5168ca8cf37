# SPDX-License-Identifier: BSD-3-Clause
"""What is validated and saved in the last phase of a training, where it is not the network of the last step: averaged
weights, and statistics of batch normalization that are estimated anew.

Both begin when the widths are kept: earlier weights were those of other widths, and an average over both would be of
neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

#: The first steps are averaged evenly, so that the start is soon forgotten: the decay is at most (1 + n) / (10 + n).
_WARM_UP = 10


class WeightAverage:
    """A moving average of all parameters and of the buffers that hold fractions (Polyak and Juditsky 1992).

    Args:
        decay: below 1; share of the average that stays with each step.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._model = model
        self._decay = decay
        self.steps = 0
        self.tensors: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self) -> None:
        """Take in the network as it is now."""
        now = _fractions(self._model)
        if not self.tensors:
            self.tensors = {name: value.detach().clone() for name, value in now.items()}
        decay = min(self._decay, (1 + self.steps) / (_WARM_UP + self.steps))
        for name, value in now.items():
            self.tensors[name].lerp_(value, 1 - decay)
        self.steps += 1

    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Go on with a saved average; an empty one begins anew."""
        now = _fractions(self._model)
        self.tensors = {name: tensors[name].to(now[name]) for name in (now if tensors else ())}
        self.steps = steps


@contextmanager
def in_place_of(model: nn.Module, tensors: dict[str, Tensor]) -> Iterator[None]:
    """Within the block `model` has the values `tensors` (by name); afterwards those that it had, all of them.

    Buffers that the block changes are put back as well.
    """
    kept = {name: value.detach().clone() for name, value in _all(model).items()}
    try:
        _copy(model, tensors)
        yield
    finally:
        _copy(model, kept)


@torch.no_grad()
def reestimate_batch_norm(model: nn.Module, batches: Iterable[Callable[[], Tensor]]) -> None:
    """Set mean and variance of each batch normalization to their means over `batches` (NCHW images, made when needed).

    The quantizers stay in evaluation mode, so that the statistics are of what the network computes with its kept widths.
    """
    was_training = model.training
    model.eval()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momentum = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
    for count, batch in enumerate(batches, 1):
        for norm in norms:
            norm.momentum = 1 / count  # an even mean over the batches
        model(batch())
    for norm, value in zip(norms, momentum, strict=True):
        norm.momentum = value
    model.train(was_training)


def _all(model: nn.Module) -> dict[str, Tensor]:
    return dict((*model.named_parameters(), *model.named_buffers()))


def _fractions(model: nn.Module) -> dict[str, Tensor]:
    return {name: value for name, value in _all(model).items() if value.is_floating_point()}


@torch.no_grad()
def _copy(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    own = _all(model)
    for name, value in tensors.items():
        own[name].copy_(value)
