# SPDX-License-Identifier: BSD-3-Clause
"""Additions of two branches of activations: how integers can stand for them, without any value changing.

A branch is integers times one scale. Where the scales that meet in an Add have a common measure (equal ones, powers of two),
the sum is integers times that measure: an *exact* sum, which anything may read. Where they have none, an integer is
chosen for each branch, about in proportion to its scale, and the sum of integers times these is another number than the
sum of the network; but a quantizer behind it asks only which of its boundaries the sum reaches. So factors are looked for
with which thresholds on integers give the very answer of the network's float64 arithmetic for every tuple of
integers that the branches can hold (`integer_factors.py`). That only works where quantizers alone read the sum, or other such
sums.

Graphs are clean QONNX in normal form; messages name its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.bisection import least_that_holds
from hw_flows.network.branches import SHARE, Branch, exact_sum, find_branch, is_product, is_sum
from hw_flows.network.declared import products
from hw_flows.network.integer_factors import MAX_SUM_BITS, FactorSearch, Tree
from hw_flows.network.normal_form.chain import QUANTIZERS, Chain, chain_before, computed, is_elementwise
from hw_flows.network.quantizer import activation_quantizer
from hw_flows.network.thresholds import rises, staircase
from hw_flows.operators.front_end import unsupported

SHARE_JOINED = (
    "quantize all branches of the Concat by one quantizer (in Brevitas: call the same QuantIdentity or QuantReLU on each), use "
    "scales that are whole multiples of each other, such as powers of two, or quantize again behind the Concat"
)


@dataclass(frozen=True)
class IntegerSum:
    """How connected sums become sums of integers.

    `factors`: for each (sum's output, index of its input) that is a branch, its integer; `scales` what that stands for.
    `thresholds`: for each quantizer's output, thresholds (channels or 1, steps) on the sum of integers, each half an integer
    below the smallest sum that reaches it; `tables`: the integer for each number of them, None where they are counted.
    """

    factors: dict[tuple[str, int], int]
    scales: dict[tuple[str, int], float]
    thresholds: dict[str, np.ndarray]
    tables: dict[str, tuple[int, ...] | None]


def is_split(model: ModelWrapper, node: NodeProto) -> bool:
    """A sum that stands for a convolution of joined branches (`split_branches.py`)."""
    before = [model.find_producer(name) for name in node.input]
    layer = layer_of(model, node)
    return all(
        p is not None and layer_of(model, p) == layer and (is_sum(model, p) or p.op_type in products()) for p in before
    )


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
    total = exact_sum(model, node)
    if total is None:
        integer_sum(model, node)
    elif total.datatype().bitwidth() > MAX_SUM_BITS:
        raise unsupported(
            model,
            node,
            f"its result has {total.datatype().bitwidth()} bits, at most {MAX_SUM_BITS} have hardware",
            "use scales that are closer to each other, or fewer bits",
        )


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
    outputs = {s.output[0] for s in sums}
    readers = [chain for s in sums for chain in _readers(model, s)]
    branches: dict[tuple[str, int], Branch] = {}
    for s in sums:
        for index, name in enumerate(s.input):
            if name in outputs:
                continue
            branch = find_branch(model, name, s)
            if branch is None:  # a pool, a resize or a factor between two sums
                raise _unequal(model, s, f"{layer_of(model, model.find_producer(name))} passes such a sum on")
            branches[s.output[0], index] = branch
    parts = {s.output[0]: tuple(t if t in outputs else (s.output[0], i) for i, t in enumerate(s.input)) for s in sums}
    search = FactorSearch(Tree(parts), branches)
    tables = {}
    for chain in readers:
        name = chain.nodes[-1].output[0]
        boundaries, tables[name] = _asked(model, chain, search.largest(chain.source))
        search.ask(name, chain.source, boundaries)
    factors = search.run()
    if factors is None:
        raise _unequal(
            model,
            node,
            f"{search.too_many:,} comparisons are too many to check"
            if search.too_many
            else f"no integers whose sums have at most {MAX_SUM_BITS} bits stand for them exactly",
        )
    scales = {key: branch.scale for key, branch in branches.items()}
    return IntegerSum(factors, scales, search.thresholds(factors), tables)


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
                found.append(chain_before(model, reader))
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
    if is_split(model, node):
        return unsupported(
            model,
            node,
            f"the branches that are joined before it have different scales, {told}, and {why}",
            SHARE_JOINED,
        )
    return unsupported(
        model,
        node,
        f"the branches that it adds have different scales, {told}, and {why}",
        f"{SHARE}, use scales that are powers of two, or put a quantizer right behind each addition",
    )


def _asked(model: ModelWrapper, chain: Chain, largest: float) -> tuple[np.ndarray, tuple[int, ...] | None]:
    """The boundaries (channels or 1, steps) that decide the integer that `chain` makes of a sum from -largest to largest, and
    the table behind them where it falls in between."""
    first, functions = chain.split(model)
    if rises(model, functions):
        return exact_boundaries(model, chain, largest), None
    stairs = staircase(model, functions)

    def reaches(x: np.ndarray) -> np.ndarray:
        result = computed(model, chain.source, first, x.reshape(1, channels, 1, -1))
        assert result is not None, "this is arithmetic of a chain"
        return np.asarray(result.reshape(channels, -1) >= stairs.thresholds)

    channels = max(_channels(model, chain, first), len(stairs.thresholds))
    return _boundaries(reaches, (channels, stairs.thresholds.shape[1]), largest), stairs.table


def exact_boundaries(model: ModelWrapper, chain: Chain, largest: float) -> np.ndarray:
    """For each channel (or one for all) and each step of the quantizer that `chain` ends with, the smallest float64 number
    from -largest to largest that reaches the step in the network's own arithmetic; infinite where none or all do.

    `chain` rises in every channel. By bisection on the numbers themselves: float64 arithmetic is monotone.
    """
    quantizer = activation_quantizer(model, chain.nodes[-1])
    channels = _channels(model, chain, chain.nodes)
    steps = np.arange(quantizer.low + 1, quantizer.high + 1, dtype=np.float64)
    least = (steps - 0.5) * quantizer.scale.reshape(-1, 1)

    def reaches(x: np.ndarray) -> np.ndarray:
        result = computed(model, chain.source, chain.nodes, x.reshape(1, channels, 1, len(steps)))
        assert result is not None, "this is arithmetic of a chain"
        return np.asarray(result.reshape(channels, len(steps)) >= least)

    return _boundaries(reaches, (channels, len(steps)), largest)


def _channels(model: ModelWrapper, chain: Chain, nodes: Sequence[NodeProto]) -> int:
    """How many channels `nodes` of `chain` treat differently: 1 or all."""
    constants = [model.get_initializer(name) for node in nodes for name in node.input if name]
    single = all(value is None or value.size == 1 for value in constants)
    return 1 if single else int(model.get_tensor_shape(chain.source)[1])


def _boundaries(reaches: Callable[[np.ndarray], np.ndarray], shape: tuple[int, int], largest: float) -> np.ndarray:
    low, high = (np.full(shape, end) for end in (-largest, largest))
    found = least_that_holds(reaches, low, high)
    return np.where(reaches(low), -np.inf, np.where(reaches(high), found, np.inf))
