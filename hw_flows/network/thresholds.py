# SPDX-License-Identifier: BSD-3-Clause
"""A function and the quantizer behind it as thresholds: at which of its arguments the integer changes.

Arguments are float64 and found by bisection with the arithmetic that defines the network, so no inverse of the function has
to be known, and an argument falls on the side on which the network itself has it. Where the integers rise with the
argument, an integer is the number of thresholds that are reached; where they fall in between, as those of SiLU do below
zero, that number is the place of the integer in a table. Channels whose functions differ share the table: it lists the levels of
one walk up and down that the walks of all channels are parts of, and thresholds that coincide leave out the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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


def staircase(model: ModelWrapper, chain: Chain, negatable: bool = False) -> Staircase:
    """Of `chain`, the second part of a `Chain.split`.

    `negatable`: arguments may be negated in some channels.
    """
    quantizer, function = _parts(model, chain)
    if len(chain.nodes) == 1:
        return Staircase(quantizer, quantizer.bounds * quantizer.scale.reshape(-1, 1), None, np.ones(1))
    signs = _directions(model, chain)
    if signs.all() and (negatable or (signs > 0).all()):
        negated = signs.reshape(1, -1, 1, 1)
        return Staircase(quantizer, _where_reached(quantizer, lambda x: function(x * negated), len(signs)), None, signs)
    channels = max(len(signs), quantizer.scale.size)
    walks = [_walk(*_parts(model, chain, None if channels == 1 else c)) for c in range(channels)]
    return Staircase(quantizer, *(_merged(walks[0]) if channels == 1 else together(walks)), np.ones(1))


def _parts(model: ModelWrapper, chain: Chain, channel: int | None = None) -> tuple[ActivationQuantizer, Function]:
    """The quantizer, and the function before it; of one channel, where one is given."""
    *functions, last = chain.nodes
    constants = model if channel is None else _Channel(model, channel)

    def function(x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(1, 1 or C, N, 1) -> the same."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            result = computed(constants, chain.source, functions, x)
        assert result is not None, "these are functions that `arithmetic` has"
        return result

    quantizer = activation_quantizer(model, last)
    if channel is not None and quantizer.scale.size > 1:
        quantizer = replace(quantizer, scale=quantizer.scale[channel : channel + 1])
    return quantizer, function


class _Channel:
    """The constants of `model`, of one channel."""

    def __init__(self, model: ModelWrapper, channel: int) -> None:
        self._model, self._channel = model, channel

    def get_initializer(self, name: str) -> NDArray[np.float64] | None:
        value = self._model.get_initializer(name)
        if value is None or value.size == 1:
            return value
        return np.asarray(np.ravel(value)[self._channel].reshape([1] * value.ndim))


def _where_reached(quantizer: ActivationQuantizer, function: Function, channels: int) -> NDArray[np.float64]:
    """(channels, steps): the least argument that reaches each bound."""
    shape = (1, channels, len(quantizer.bounds), 1)
    bounds = (quantizer.bounds * quantizer.scale.reshape(-1, 1)).reshape(1, -1, len(quantizer.bounds), 1)
    low, high = np.full(shape, -_FARTHEST), np.full(shape, _FARTHEST)
    found = least_that_holds(lambda x: function(x) >= bounds, low, high)
    found = np.where(function(low) >= bounds, -np.inf, np.where(function(high) >= bounds, found, np.inf))
    return found.reshape(channels, -1)


@dataclass(frozen=True)
class Walk:
    """How integers change where the argument rises: from `start` by one `up` or down at each of `steps`, which rise."""

    start: int
    steps: NDArray[np.float64]
    up: NDArray[np.bool_]

    def levels(self) -> list[int]:
        """The start, and what is reached by each step."""
        return [self.start, *(self.start + np.cumsum(np.where(self.up, 1, -1))).tolist()]

    def turns(self, first_up: bool) -> list[int]:
        """The levels at the ends of pieces that go up and down in turn; the first, up or not, may have no step."""
        found, level, up = [self.start], self.start, first_up
        for step_up in self.up:
            while step_up != up:
                found.append(level)
                up = not up
            level += 1 if step_up else -1
        return [*found, level]


def together(walks: Sequence[Walk]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Thresholds (channels, steps), ascending, and the one table for them, of channels that walk differently."""
    found = min((_common(walks, first_up) for first_up in (False, True)), key=len)
    return np.array([_steps_in(walk, found) for walk in walks]), tuple(found)


def _common(walks: Sequence[Walk], first_up: bool) -> list[int]:
    """Levels, one apart, of a walk that every one of `walks` is a part of, which leaves out some there and back."""
    turns = [walk.turns(first_up) for walk in walks]
    count = max(map(len, turns))
    columns = list(zip(*(t + [t[-1]] * (count - len(t)) for t in turns), strict=True))
    extremes = [min, max] if first_up else [max, min]
    levels = [extremes[0](columns[0])]
    for place, column in enumerate(columns[1:], start=1):
        end = extremes[place % 2](column)
        levels += range(levels[-1] + 1, end + 1) if end > levels[-1] else range(levels[-1] - 1, end - 1, -1)
    return levels


def _steps_in(walk: Walk, levels: Sequence[int]) -> list[float]:
    """Where `walk` goes on along `levels`: those that it leaves out together with the next that it reaches."""
    own, place = walk.levels(), 0
    while levels[place] != walk.start:
        place += 1
    thresholds = [-np.inf] * place
    for before, after, step in zip(own[:-1], own[1:], walk.steps, strict=True):
        while (levels[place], levels[place + 1]) != (before, after):
            thresholds.append(step)
            place += 1
        thresholds.append(step)
        place += 1
    return [*thresholds, *[np.inf] * (len(levels) - 1 - place)]


def _merged(walk: Walk) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Thresholds (1, steps), each once, and the integer before the first of them and behind each."""
    levels = walk.levels()
    last = np.append(np.diff(walk.steps) != 0, True)
    return walk.steps[last].reshape(1, -1), (levels[0], *np.array(levels[1:])[last].tolist())


def _walk(quantizer: ActivationQuantizer, function: Function) -> Walk:
    """The integers of a function of one channel."""

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
    bounds, up = np.array(bound), np.array(rising, bool)
    if not len(bounds):
        return Walk(int(levels[0]), np.zeros(0), up)
    steps = least_that_holds(lambda x: (value(x) >= bounds) == up, np.array(low), np.array(high))
    return Walk(int(levels[0]), steps, up)


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
