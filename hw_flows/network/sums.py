# SPDX-License-Identifier: BSD-3-Clause
"""Additions of two branches of activations: how integers can stand for them, without any value changing.

A branch is integers times one scale. Where the scales that meet in an Add have a common measure (equal ones, powers of two),
the sum is integers times that measure: an *exact* sum, which anything may read. Where they have none, an integer is
chosen for each branch, about in proportion to its scale, and the sum of integers times these is another number than the
sum of the network; but a quantizer behind it asks only which of its boundaries the sum reaches. So factors are looked for
with which thresholds on integers give the very answer of the network's float64 arithmetic, checked for every tuple of
integers that the branches can hold. That only works where quantizers alone read the sum, or other such sums.

Graphs are clean QONNX in normal form; messages name its nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.bisection import least_that_holds
from hw_flows.network.branches import SHARE, Branch, exact_sum, find_branch, is_product, is_sum, reach
from hw_flows.network.normal_form.chain import QUANTIZERS, Chain, chain_before, computed, is_elementwise
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.network.thresholds import rises
from hw_flows.operators.front_end import unsupported

#: Sums are at most this, which FINN's float32 holds.
_LARGEST_SUM = 2**24
#: Tuples of integers that are checked one by one.
_MOST_TUPLES = 2**21


@dataclass(frozen=True)
class IntegerSum:
    """How connected sums become sums of integers.

    `factors`: for each (sum's output, index of its input) that is a branch, its integer; `scales` what that stands for.
    `thresholds`: for each quantizer's output, thresholds (channels or 1, steps) on the sum of integers, each half an integer
    below the smallest sum that reaches it.
    """

    factors: dict[tuple[str, int], int]
    scales: dict[tuple[str, int], float]
    thresholds: dict[str, np.ndarray]


def check_sum(model: ModelWrapper, node: NodeProto) -> None:
    """Raises UserError where `node`, a sum, has no hardware."""
    shapes = [model.get_tensor_shape(name) for name in node.input]
    if shapes[0] is None or shapes[0] != shapes[1] or len(shapes[0]) != 4:
        raise unsupported(
            model,
            node,
            f"it adds tensors of the shapes {shapes[0]} and {shapes[1]}",
            "add branches of one shape, (1, channels, height, width)",
        )
    if exact_sum(model, node) is None:
        integer_sum(model, node)


def integer_sums(model: ModelWrapper) -> Iterator[IntegerSum]:
    """All sums whose scales have no common measure, connected ones together."""
    done: set[str] = set()
    for node in model.graph.node:
        if is_sum(model, node) and node.output[0] not in done and exact_sum(model, node) is None:
            done.update(connected.output[0] for connected in _connected(model, node))
            yield integer_sum(model, node)


def integer_sum(model: ModelWrapper, node: NodeProto) -> IntegerSum:
    """Factors and thresholds for `node`, a sum that is not exact, and those connected with it. Raises UserError."""
    sums = _connected(model, node)
    readers = {s.output[0]: _readers(model, s) for s in sums}
    edges = [(s, index) for s in sums for index, name in enumerate(s.input) if model.find_producer(name) not in sums]
    branches = []
    for s, index in edges:
        branch = find_branch(model, s.input[index], s)
        if branch is None:  # a pool, a resize or a factor between two sums
            raise _unequal(model, s, f"{layer_of(model, model.find_producer(s.input[index]))} passes such a sum on")
        branches.append(branch)
    search = _Search(model, sums, [(s.output[0], index) for s, index in edges], branches)
    for chain in (chain for found in readers.values() for chain in found):
        search.add(chain)
    factors = search.run()
    if factors is None:
        raise _unequal(
            model,
            node,
            f"{prod(b.high - b.low + 1 for b in branches):,} tuples of integers are too many to check"
            if search.too_many
            else "no integers stand for them exactly",
        )
    keys = [(s.output[0], index) for s, index in edges]
    return IntegerSum(
        dict(zip(keys, factors, strict=True)),
        dict(zip(keys, (branch.scale for branch in branches), strict=True)),
        search.thresholds(factors),
    )


def _connected(model: ModelWrapper, node: NodeProto) -> list[NodeProto]:
    """`node` and the inexact sums that feed it or that it feeds directly, and so on, in graph order."""
    inexact = [n for n in model.graph.node if is_sum(model, n) and exact_sum(model, n) is None]
    found = {node.output[0]}
    while True:
        names = set(found)
        for other in inexact:
            if found.intersection(other.input):
                names.add(other.output[0])
            if other.output[0] in found:
                names.update(n.output[0] for n in inexact if n.output[0] in other.input)
        if names == found:
            return [n for n in inexact if n.output[0] in found]
        found = names


def _readers(model: ModelWrapper, node: NodeProto) -> list[Chain]:
    """The quantizers that read the sum `node`, with what is between. Raises UserError where something else does, besides other sums."""
    found: list[Chain] = []
    tensors = [node.output[0]]
    while tensors:
        for reader in model.find_consumers(tensors.pop()) or []:
            if is_sum(model, reader):
                continue
            if reader.op_type in QUANTIZERS:
                chain = chain_before(model, reader)
                if chain.falling_channels(model).any():  # refused by itself
                    continue
                if not rises(model, chain.split(model)[1]):
                    raise _unequal(model, node, f"what {layer_of(model, reader)} quantizes falls where the sum rises")
                found.append(chain)
            elif is_product(model, reader):
                raise _unequal(model, node, f"{layer_of(model, reader)} multiplies the sum without a quantizer")
            elif is_elementwise(model, reader):
                tensors.append(reader.output[0])
            else:
                raise _unequal(
                    model, node, f"{layer_of(model, reader)} ({reader.op_type}) reads the sum without a quantizer"
                )
    return found


def _unequal(model: ModelWrapper, node: NodeProto, why: str) -> UserError:
    scales = [find_branch(model, name, node) for name in node.input]
    told = " and ".join("those of another such sum" if s is None else f"{s.scale:.6g} ({s.name})" for s in scales)
    return unsupported(
        model,
        node,
        f"the branches that it adds have different scales, {told}, and {why}",
        f"{SHARE}, use scales that are powers of two, or put a quantizer right behind each addition",
    )


class _Search:
    """Looks for factors; every tuple of the branches' integers is a column of all arrays here."""

    def __init__(
        self, model: ModelWrapper, sums: list[NodeProto], keys: list[tuple[str, int]], branches: list[Branch]
    ) -> None:
        self._model, self._sums, self._keys, self._branches = model, sums, keys, branches
        self.too_many = prod(b.high - b.low + 1 for b in branches) > _MOST_TUPLES
        self._questions: list[_Question] = []
        if self.too_many:
            return
        ranges = [np.arange(b.low, b.high + 1) for b in branches]
        self._integers = [axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")]
        self._values = self._totals([i * b.scale for i, b in zip(self._integers, branches, strict=True)])

    def _totals(self, parts: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Sum's output -> its value for every tuple, added up in the network's order."""
        known = dict(zip(self._keys, parts, strict=True))
        totals: dict[str, np.ndarray] = {}
        for node in self._sums:
            name = node.output[0]
            first, second = (totals[t] if t in totals else known[name, index] for index, t in enumerate(node.input))
            totals[name] = first + second
        return totals

    def add(self, chain: Chain) -> None:
        if self.too_many:
            return
        source = chain.source
        order = np.argsort(self._values[source], kind="stable")
        values = self._values[source][order]
        boundaries = exact_boundaries(self._model, chain, float(np.abs(values).max()))
        reached_from = np.searchsorted(values, boundaries, side="left")
        self._questions.append(_Question(chain.nodes[-1].output[0], source, order, reached_from))

    def run(self) -> list[int] | None:
        """The smallest factors that were found."""
        if self.too_many:
            return None
        scales = [branch.scale for branch in self._branches]
        for k in _multiples(scales):
            factors = [round(k * scale / min(scales)) for scale in scales]
            if max(map(abs, reach(self._branches, factors))) > _LARGEST_SUM:
                break
            totals = self._integer_totals(factors)
            if all(q.thresholds(totals[q.source]) is not None for q in self._questions):
                return factors
        return None

    def thresholds(self, factors: Sequence[int]) -> dict[str, np.ndarray]:
        totals = self._integer_totals(factors)
        found = {q.quantizer: q.thresholds(totals[q.source]) for q in self._questions}
        return {name: value for name, value in found.items() if value is not None}

    def _integer_totals(self, factors: Sequence[int]) -> dict[str, np.ndarray]:
        return self._totals([f * i for f, i in zip(factors, self._integers, strict=True)])


@dataclass(frozen=True)
class _Question:
    """What a quantizer asks of a sum: with the tuples in the `order` of their values, each step of each channel is reached
    from a place on, `reached_from` (channels, steps)."""

    quantizer: str
    source: str
    order: np.ndarray
    reached_from: np.ndarray

    def thresholds(self, totals: np.ndarray) -> np.ndarray | None:
        """Thresholds on integers that give the same answers; None where some tuple that reaches a step has no larger
        integer than all that do not."""
        totals = totals[self.order]
        below = np.concatenate([[totals.min() - 1], np.maximum.accumulate(totals)])  # largest that does not reach
        above = np.concatenate([np.minimum.accumulate(totals[::-1])[::-1], [totals.max() + 1]])  # smallest that does
        if np.any(below[self.reached_from] >= above[self.reached_from]):
            return None
        return above[self.reached_from] - 0.5


def _multiples(scales: Sequence[float]) -> list[int]:
    """Integers to try for the smallest scale: small ones, then those with which the others come near to integers."""
    found = {*range(1, 65), *(2**bits for bits in range(7, 24))}
    for scale in scales:
        ratio = Fraction(scale / min(scales))
        found.update(ratio.limit_denominator(2**bits).denominator for bits in range(6, 24))
    return sorted(found)


def exact_boundaries(model: ModelWrapper, chain: Chain, largest: float) -> np.ndarray:
    """For each channel (or one for all) and each step of the quantizer that `chain` ends with, the smallest float64 number
    from -largest to largest that reaches the step in the network's own arithmetic; infinite where none or all do.

    `chain` rises in every channel. By bisection on the numbers themselves: float64 arithmetic is monotone.
    """
    quantizer = activation_quantizer(model, chain.nodes[-1])
    constants = [model.get_initializer(name) for node in chain.nodes for name in node.input if name]
    single = all(value is None or value.size == 1 for value in constants)
    channels = 1 if single else int(model.get_tensor_shape(chain.source)[1])
    steps = np.arange(quantizer.low + 1, quantizer.high + 1, dtype=np.float64)
    least = (steps - 0.5) * quantizer.scale.reshape(-1, 1)

    def reaches(x: np.ndarray) -> np.ndarray:
        result = computed(model, chain.source, chain.nodes, x.reshape(1, channels, 1, len(steps)))
        assert result is not None, "this is arithmetic of a chain"
        return np.asarray(result.reshape(channels, len(steps)) >= least)

    low, high = (np.full((channels, len(steps)), end) for end in (-largest, largest))
    found = least_that_holds(reaches, low, high)
    return np.where(reaches(low), -np.inf, np.where(reaches(high), found, np.inf))
