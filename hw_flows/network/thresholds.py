# SPDX-License-Identifier: BSD-3-Clause
"""A function and the quantizer behind it as thresholds: at which of its arguments the integer changes.

Arguments are float64 and found by bisection with the arithmetic that defines the network, so no inverse of the function has
to be known, and an argument falls on the side on which the network itself has it. Where the integers rise with the
argument, an integer is the number of thresholds that are reached; where they fall in between, as those of SiLU do below
zero, that number is the place of the integer in a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.bisection import least_that_holds
from hw_flows.network.normal_form.chain import Chain, computed
from hw_flows.network.quantizer import ActivationQuantizer, activation_quantizer

#: Arguments beyond this are not looked at: a network's activations are far below.
_FARTHEST = 2.0**40
#: Where a function is looked at for where it rises and falls: finely where activation functions bend.
_FAR = np.geomspace(32, _FARTHEST, 400)
_GRID: NDArray[np.float64] = np.concatenate([-_FAR[::-1], np.linspace(-32, 32, 4097)[1:-1], _FAR])
_GOLDEN = (np.sqrt(5) - 1) / 2

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Staircase:
    """`thresholds` (1 or C, steps), ascending, minus infinity where always reached and infinity where never; `table`: the
    integer for each number of thresholds that is reached, or None where it is the quantizer's lowest plus that number.
    `signs` (1 or C): where -1, it is the negated argument that the thresholds are for."""

    quantizer: ActivationQuantizer
    thresholds: NDArray[np.float64]
    table: tuple[int, ...] | None
    signs: NDArray[np.float64]


def rises(model: ModelWrapper, chain: Chain) -> bool:
    """Whether the integers that `chain`, the second part of a `Chain.split`, gives never fall where its argument rises."""
    return bool((_directions(model, chain) > 0).all())


def rises_or_falls(model: ModelWrapper, chain: Chain) -> bool:
    """Whether they only rise or only fall, in each channel."""
    return bool(_directions(model, chain).all())


def _directions(model: ModelWrapper, chain: Chain) -> NDArray[np.float64]:
    """(1 or C): 1 where the integers never fall, -1 where they never rise, else 0."""
    if len(chain.nodes) == 1:
        return np.ones(1)
    quantizer, function = _parts(model, chain)
    steps = np.diff(quantizer.levels(function(_GRID.reshape(1, 1, -1, 1)))[0, :, :, 0], axis=1)
    return np.where((steps >= 0).all(axis=1), 1.0, np.where((steps <= 0).all(axis=1), -1.0, 0.0))


def differs_by_channel(model: ModelWrapper, chain: Chain) -> bool:
    """Whether channels have other functions, or quantizers, than others."""
    quantizer, function = _parts(model, chain)
    return bool(quantizer.levels(function(np.zeros((1, 1, 1, 1)))).shape[1] > 1)


def staircase(model: ModelWrapper, chain: Chain, negatable: bool = False) -> Staircase:
    """Of `chain`, the second part of a `Chain.split`.

    `negatable`: arguments may be negated in some channels. A chain that falls anywhere else is the same in all channels.
    """
    quantizer, function = _parts(model, chain)
    if len(chain.nodes) == 1:
        return Staircase(quantizer, quantizer.bounds * quantizer.scale.reshape(-1, 1), None, np.ones(1))
    signs = _directions(model, chain)
    if signs.all() and (negatable or (signs > 0).all()):
        negated = signs.reshape(1, -1, 1, 1)
        return Staircase(quantizer, _where_reached(quantizer, lambda x: function(x * negated), len(signs)), None, signs)
    assert len(signs) == 1, "a function that falls is the same in all channels"
    return Staircase(quantizer, *_steps_up_and_down(quantizer, function), np.ones(1))


def _parts(model: ModelWrapper, chain: Chain) -> tuple[ActivationQuantizer, Function]:
    *functions, last = chain.nodes

    def function(x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(1, 1 or C, N, 1) -> the same."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            result = computed(model, chain.source, functions, x)
        assert result is not None, "these are functions that `arithmetic` has"
        return result

    return activation_quantizer(model, last), function


def _where_reached(quantizer: ActivationQuantizer, function: Function, channels: int) -> NDArray[np.float64]:
    """(channels, steps): the least argument that reaches each bound."""
    shape = (1, channels, len(quantizer.bounds), 1)
    bounds = (quantizer.bounds * quantizer.scale.reshape(-1, 1)).reshape(1, -1, len(quantizer.bounds), 1)
    low, high = np.full(shape, -_FARTHEST), np.full(shape, _FARTHEST)
    found = least_that_holds(lambda x: function(x) >= bounds, low, high)
    found = np.where(function(low) >= bounds, -np.inf, np.where(function(high) >= bounds, found, np.inf))
    return found.reshape(channels, -1)


def _steps_up_and_down(
    quantizer: ActivationQuantizer, function: Function
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Thresholds (1, steps), and the integer before the first of them and behind each."""

    def value(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(function(x.reshape(1, 1, -1, 1)).ravel() / quantizer.scale)

    grid = np.sort(np.concatenate([_GRID, _turning_points(value)]))
    levels = quantizer.levels(function(grid.reshape(1, 1, -1, 1))).ravel()
    low, high, bound, rising = [], [], [], []
    for place in np.flatnonzero(np.diff(levels)):
        before, after = int(levels[place]), int(levels[place + 1])
        crossed = range(before, after) if after > before else range(before - 1, after - 1, -1)
        for number in crossed:
            low.append(grid[place])
            high.append(grid[place + 1])
            bound.append(quantizer.bounds[number - quantizer.low])
            rising.append(after > before)
    bounds, up = np.array(bound), np.array(rising)
    steps = least_that_holds(lambda x: (value(x) >= bounds) == up, np.array(low), np.array(high))
    thresholds: list[float] = []
    table = [int(levels[0])]
    for step, rise in zip(steps, up, strict=True):
        if thresholds and thresholds[-1] == step:
            table[-1] += 1 if rise else -1
        else:
            thresholds.append(step)
            table.append(table[-1] + (1 if rise else -1))
    return np.array([thresholds]), tuple(table)


def _turning_points(value: Function) -> NDArray[np.float64]:
    """Arguments between those of the grid at which a value is largest or least, by golden sections."""
    slopes = np.sign(np.diff(value(_GRID)))
    turns = np.flatnonzero(slopes[:-1] * slopes[1:] < 0)
    left, right, peak = _GRID[turns], _GRID[turns + 2], slopes[turns]
    for _ in range(80):
        width = (right - left) * _GOLDEN
        first, second = right - width, left + width
        lower = value(first) * peak < value(second) * peak
        left, right = np.where(lower, first, left), np.where(lower, right, second)
    return (left + right) / 2
