# SPDX-License-Identifier: BSD-3-Clause
"""Widths that cost what was asked for: lambda by a controller in place of a guess.

While widths are penalized, the cost is to follow a line: from what 8 bits everywhere cost down to the target, which is
reached after `APPROACH` of these steps, so that the rest settles there. Lambda follows the distance from that line, by a
proportional and an integral part in its logarithm:

    error  = cost / line - 1                                                   (at most 1 either way)
    lambda = bit_penalty * exp(PROPORTIONAL * error + INTEGRAL / steps * sum of errors)

so that a cost that stays 10 % too high for a tenth of the steps raises lambda 2.7-fold, beside the 2.7 that it has at
once. What is penalized is the cost relative to 8 bits everywhere, 0.25 there, as in `quantunet.losses`.

When the widths are kept, those nearest to their next rounding are moved until the cost is just within the target
(`settle`): the controller comes near it, this meets it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from quantunet.bit_terms import hardware_terms, mean_bits, mean_widths
from quantunet.config import MAX_BITS, MIN_BITS, Target
from quantunet.losses import FLOAT_BITS
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths
from quantunet_common.errors import UserError

APPROACH = 0.7
PROPORTIONAL, INTEGRAL = 10.0, 100.0
#: Of lambda to its start, at most, either way.
_MOST = 1e4
_KIB = 8 * 1024


class TargetController:
    """Lambda of a training that has a target."""

    def __init__(self, target: Target, model: QuantUNet, start: float, first: int, last: int) -> None:
        """
        Args:
            start: lambda to begin with.
            first, last: steps between which widths are penalized; at the last they are kept.

        Raises:
            UserError: not even the smallest widths meet the target.
        """
        self._target = target
        self._start = start
        self._first = first
        self._steps = max(1, last - first)
        self._goal = goal_of(target)
        self._most = self._everywhere(model, MAX_BITS)
        self._cost = self._most
        self.sum_of_errors = 0.0
        self.penalty = start
        if (least := self._everywhere(model, MIN_BITS)) > self._goal:
            raise UserError(
                f"cannot be met: with {MIN_BITS} bits everywhere the network costs {least:.4g}, the target is {self._goal:.4g}",
                "target",
                "Use a higher target or a smaller network.",
            )

    def loss(self, model: QuantUNet) -> Tensor:
        """Lambda times the relative cost, differentiable in the widths."""
        found = cost(model, self._target)
        self._cost = found.item()
        return self.penalty * (MAX_BITS / FLOAT_BITS) * found / self._most

    def line(self, step: int) -> float:
        """What the widths are to cost after `step` steps."""
        way = (step - self._first) / max(1.0, APPROACH * self._steps)
        high = max(self._most, self._goal)
        return high + (self._goal - high) * min(1.0, max(0.0, way))

    def follow(self, step: int) -> None:
        """Set lambda by the cost that `loss` found, in the step that is the `step`-th."""
        error = min(1.0, self._cost / self.line(step) - 1)
        # The integral stops where lambda does, or it would take as long to come back.
        bound = math.log(_MOST) * self._steps / INTEGRAL
        self.sum_of_errors = min(bound, max(-bound, self.sum_of_errors + error))
        power = PROPORTIONAL * error + INTEGRAL / self._steps * self.sum_of_errors
        self.penalty = self._start * min(_MOST, max(1 / _MOST, math.exp(power)))

    def _everywhere(self, model: QuantUNet, bits: int) -> float:
        offsets = [width.bit_width_offset for _, width in learned_widths(model)]
        with torch.no_grad():
            kept = [offset.clone() for offset in offsets]
            for offset in offsets:
                offset.fill_(float(bits - MIN_BITS))
            found = cost(model, self._target).item()
            for offset, value in zip(offsets, kept, strict=True):
                offset.copy_(value)
        return found


def goal_of(target: Target) -> float:
    """The target in the unit of `cost`."""
    return next(value for value in (target.bits, target.bits_each, target.weight_kib, target.LUT) if value is not None)


def cost(model: QuantUNet, target: Target) -> Tensor:
    """What the rounded widths cost, in the target's own unit: bits, KiB or LUTs. Differentiable."""
    if target.bits is not None:
        return mean_bits(model)
    if target.bits_each is not None:
        return torch.maximum(*mean_widths(model))
    terms = hardware_terms(model)
    return terms["weight_memory"] / _KIB if target.weight_kib is not None else terms["products"] / target.cycles


@torch.no_grad()
def settle(model: QuantUNet, target: Target) -> None:
    """Move widths by whole bits, those nearest to rounding otherwise first, until the cost is at most the target and
    the next one up would exceed it.
    """
    goal = goal_of(target) * (1 + 1e-6)  # sums of float32
    offsets = [width.bit_width_offset for _, width in learned_widths(model)]
    exact = [offset.item() for offset in offsets]
    for offset, value in zip(offsets, exact, strict=True):
        offset.fill_(float(round(value)))
    while (now := cost(model, target).item()) > goal:
        # How far each is from rounding to a bit less.
        in_order = sorted(range(len(offsets)), key=lambda i: exact[i] - (offsets[i].item() - 0.5))
        in_order = [index for index in in_order if offsets[index].item() > 0]
        # Of a target that is the larger of two means, only some lower it; none does where both are equal.
        chosen = next((index for index in in_order if _lowered(model, target, offsets[index]) < now), in_order[0])
        offsets[chosen].sub_(1)
    raised = True
    while raised:
        raised = False
        for nearest in sorted(range(len(offsets)), key=lambda i: offsets[i].item() + 0.5 - exact[i]):
            if offsets[nearest].item() < MAX_BITS - MIN_BITS:
                offsets[nearest].add_(1)
                raised = cost(model, target).item() <= goal
                if raised:  # the distances have changed
                    break
                offsets[nearest].sub_(1)


def _lowered(model: QuantUNet, target: Target, offset: Tensor) -> float:
    """The cost with one bit less of this width."""
    offset.sub_(1)
    found = cost(model, target).item()
    offset.add_(1)
    return found
