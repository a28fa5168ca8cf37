# SPDX-License-Identifier: BSD-3-Clause
"""The tables of `problem.py` from a dataflow graph: cycles and cost are the operators' own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Role
from hw_flows.folding.problem import NOTHING, Amounts, Link, Operator, Option, Problem, absent
from hw_flows.folding.problem import Alternative as Either
from hw_flows.folding.prune import worth_having
from hw_flows.folding.skips import waits
from hw_flows.operators.alternatives import Alternative
from hw_flows.operators.base import Attributes, Cost
from hw_flows.operators.fifo.rtl import fifo_cost, fifo_style
from hw_flows.operators.width_converter.rtl import converter_cost
from hw_flows.stream_memory.cost import rings_cost
from hw_flows.stream_memory.ring import frame_bytes
from hw_flows.stream_memory.worth import luts_saved

#: Words of the FIFO that every stream gets; more where an operator takes more words at once.
FIFO_WORDS = 16
#: Options of a matrix-vector unit this many times faster than the slowest operator can ever be are not looked at.
NEEDLESS = 8
#: The same where weights may come from memory, against the cycles that a frame is to take.
NEEDLESS_IN_MEMORY = 4


def folding_problem(model: ModelWrapper, settled: Mapping[str, list[Attributes]] | None = None) -> Problem:
    """Every operator with all its options; the model itself is left as it was.

    `settled`: the only options of some nodes, by name, as attributes.
    """
    settled = settled or {}
    nodes = list(model.graph.node)
    operators = [_on_trial(node) for node in nodes]
    choices = [settled.get(n.name) or list(_choices(o)) for n, o in zip(nodes, operators, strict=True)]
    least = max(min(_cycles(o, choice) for choice in c) for o, c in zip(operators, choices, strict=True))
    for position, node in enumerate(nodes):
        if operators[position].role is Role.MATRIX and node.name not in settled:
            choices[position] = _needed(operators[position], choices[position], least // NEEDLESS)
    trial = Trial(model, nodes, operators, choices)
    return trial.problem(_waiting(trial))


def trial_with(model: ModelWrapper, alternatives: Sequence[Alternative], target: int) -> Trial:
    """Every operator of the model, then all that may stand in the place of some, with the options that are worth a thought where
    a frame is to take `target` cycles."""
    nodes = [*model.graph.node, *(node for alternative in alternatives for node in alternative.nodes)]
    operators = [_on_trial(node) for node in nodes]
    choices = [list(_choices(operator)) for operator in operators]
    for position, operator in enumerate(operators):
        if operator.role is Role.MATRIX:
            choices[position] = _needed(operator, choices[position], target // NEEDLESS_IN_MEMORY, target)
    return Trial(model, nodes, operators, choices, alternatives, board_memory=True)


def current_folding(model: ModelWrapper, board_memory: bool = False) -> tuple[Problem, tuple[Option, ...]]:
    """The problem whose only options are what `model` has now, and those options. `board_memory`: see `Trial`."""
    trial = replace(_as_it_is(model), board_memory=board_memory)
    problem = trial.problem(_waiting(trial))
    return problem, tuple(operator.options[0] for operator in problem.operators)


def current_waits(model: ModelWrapper) -> dict[str, float]:
    """Frames that tensors wait for others (`skips.waits`) in the folding that `model` has now."""
    return _waiting(_as_it_is(model))


def _as_it_is(model: ModelWrapper) -> Trial:
    nodes = list(model.graph.node)
    return Trial(model, nodes, [getCustomOp(node) for node in nodes], [[()] for _ in nodes])


def _waiting(trial: Trial) -> dict[str, float]:
    return waits(trial.model, _busy(trial.nodes, trial.operators, trial.choices))


def apply(
    model: ModelWrapper, options: tuple[Option, ...], alternatives: Sequence[Alternative] = ()
) -> tuple[Alternative, ...]:
    """Set the attributes of the chosen options, one for each operator of the problem; chosen alternatives take their places.

    Returns these, which have to be completed (`alternatives.complete`) once their attributes are as they stay.
    """
    own = len(model.graph.node)
    for node, option in zip(list(model.graph.node), options, strict=False):
        if option.present:
            _set(getCustomOp(node), option.attributes)
    taken = []
    for alternative in alternatives:
        chosen, own = options[own : own + len(alternative.nodes)], own + len(alternative.nodes)
        if chosen[0].present:
            alternative.take(model, [option.attributes for option in chosen])
            taken.append(alternative)
    return tuple(taken)


def _choices(operator: Any) -> Iterator[Attributes]:
    lanes = list(operator.folding_choices())
    for style in styles(operator):
        yield from ((*own, *style) for own in lanes)


def styles(operator: Any) -> list[Attributes]:
    """What an operator can be built of: values of resType and ram_style, where it has them."""
    types = operator.get_nodeattr_types()
    values = []
    for name, left_to_the_operator in (("resType", {"auto"}), ("ram_style", {"auto", "ultra"})):
        if name in types and len(types[name]) > 3:
            values.append([(name, value) for value in sorted(set(types[name][3]) - left_to_the_operator)])
    return list(product(*values))


def _on_trial(node: Any) -> Any:
    """A node's operator whose attributes can be set at no cost: they are kept beside the node, which stays as it is."""
    operator = getCustomOp(node)
    read, values = operator.get_nodeattr, dict[str, Any]()

    def get_nodeattr(name: str) -> Any:
        if name not in values:
            values[name] = read(name)
        return values[name]

    operator.get_nodeattr, operator.set_nodeattr = get_nodeattr, values.__setitem__
    return operator


def _needed(operator: Any, choices: list[Attributes], least: int, most: int | None = None) -> list[Attributes]:
    """Those of `least` to `most` cycles; at any rate the slowest, and where none is fast enough, the fastest."""
    cycles = [_cycles(operator, choice) for choice in choices]
    least = min(least, max(cycles))
    most = max(cycles) if most is None else max(most, min(cycles))
    return [choice for choice, own in zip(choices, cycles, strict=True) if least <= own <= most]


def _cycles(operator: Any, attributes: Attributes) -> int:
    with _Attributes(operator, attributes):
        return int(operator.get_exp_cycles())


@dataclass
class Trial:
    """What the problem of a model is made of: nodes, their operators (`_on_trial`), the attributes to try of each. The
    alternatives' nodes lie behind the model's."""

    model: ModelWrapper
    nodes: list[Any]
    operators: list[Any]
    choices: list[list[Attributes]]
    alternatives: Sequence[Alternative] = ()
    board_memory: bool = False
    """Whether what waits long may wait in the board's memory."""
    _known: dict[int, tuple[list[float], Operator]] = field(default_factory=dict)
    """By position, for frames that its inputs wait."""

    def problem(self, waiting: Mapping[str, float]) -> Problem:
        """`waiting`: frames that tensors wait for others (`skips.waits`)."""
        weights = {i.name for i in self.model.graph.initializer}
        either = _positions(self.nodes, len(self.model.graph.node), self.alternatives)
        optional = {i for alternative in either for i in (*alternative.first, *alternative.second)}
        for position, (node, operator) in enumerate(zip(self.nodes, self.operators, strict=True)):
            constant = {node.input[i] for i in operator.memory_inputs()} | weights
            streams = [i for i, name in enumerate(node.input) if name not in constant]
            frames = [waiting.get(node.input[i], 0.0) for i in streams]
            if position not in self._known or self._known[position][0] != frames:
                self._known[position] = frames, self._operator(position, streams, frames, position in optional)
        operators = [self._known[position][1] for position in range(len(self.nodes))]
        return Problem(tuple(operators), tuple(self._links(operators)), alternatives=either)

    def _operator(self, position: int, streams: list[int], frames: list[float], optional: bool) -> Operator:
        node, outputs = self.nodes[position], {t.name for t in self.model.graph.output}
        leaving = [i for i, name in enumerate(node.output) if name in outputs]
        found: dict[tuple, Option] = {}
        for attributes in self.choices[position]:
            option = self._option(position, attributes, streams, frames, leaving)
            found.setdefault((option.cycles, option.cost, option.inputs, option.outputs, option.dram_bytes), option)
        options = list(found.values())
        if optional:
            options = [*worth_having(options), absent(len(streams), len(node.output))]
        return Operator(node.name, tuple(options))

    def _option(
        self, position: int, attributes: Attributes, streams: list[int], waiting: list[float], leaving: list[int]
    ) -> Option:
        operator = self.operators[position]
        with _Attributes(operator, attributes):
            inputs = tuple(int(operator.get_folded_input_shape(i)[-1]) for i in streams)
            outputs = tuple(int(operator.get_folded_output_shape(i)[-1]) for i in range(len(operator.onnx_node.output)))
            cost = np.array(amounts(operator.cost()), dtype=float)
            dram = int(operator.dram_bytes())
            for i, frames in zip(streams, waiting, strict=True):
                words = prod(map(int, operator.get_folded_input_shape(i)[:-1]))
                depth = max(FIFO_WORDS + ceil(frames * words), operator.burst_words())
                width = int(operator.get_instream_width(i))
                if self.board_memory and frames and luts_saved(width, depth) > 0:
                    cost += amounts(rings_cost([width]))
                    dram += 2 * frame_bytes(width, words)  # written and read
                else:
                    cost += _fifo(width, depth)
            for i in leaving:
                cost += _fifo(int(operator.get_outstream_width(i)), 2)
            return Option(int(operator.get_exp_cycles()), tuple(map(float, cost)), inputs, outputs, attributes, dram)

    def _links(self, operators: list[Operator]) -> Iterator[Link]:
        consumers: dict[str, list[tuple[int, int]]] = {}
        for position, node in enumerate(self.nodes):
            for i, name in enumerate(node.input):
                consumers.setdefault(name, []).append((i, position))
        for position, node in enumerate(self.nodes):
            for output, name in enumerate(node.output):
                bits = self.operators[position].get_output_datatype(output).bitwidth()
                for index, consumer in consumers.get(name, ()):
                    yield _link(operators, position, output, consumer, index, bits)


def _positions(nodes: list[Any], own: int, alternatives: Sequence[Alternative]) -> tuple[Either, ...]:
    """Which operators of the problem the alternatives are. They lie behind the `own` operators of the model, in order."""
    at = {node.name: position for position, node in enumerate(nodes[:own])}
    found = []
    for alternative in alternatives:
        second = tuple(range(own, own + len(alternative.nodes)))
        found.append(Either(tuple(at[name] for name in alternative.replaced), second))
        own += len(alternative.nodes)
    return tuple(found)


def _busy(nodes: list[Any], tried: list[Any], choices: list[list[Attributes]]) -> dict[str, float]:
    """For units that multiply by weights, the most cycles of their options in the least frames that any folding has."""
    cycles = [[_cycles(operator, choice) for choice in own] for operator, own in zip(tried, choices, strict=True)]
    frame = max(min(own) for own in cycles)
    units = zip(nodes, tried, cycles, strict=True)
    return {node.name: max(own) / frame for node, operator, own in units if operator.role is Role.MATRIX}


def _link(operators: list[Operator], producer: int, output: int, consumer: int, index: int, bits: int) -> Link:
    costs = {}
    for a in {option.outputs[output] for option in operators[producer].options}:
        for b in {option.inputs[index] for option in operators[consumer].options}:
            if a != b and a and b:
                costs[a, b] = amounts(converter_cost(a * bits, b * bits))
    return Link(producer, consumer, output, index, costs)


def _fifo(width: int, depth: int) -> Amounts:
    return amounts(fifo_cost(width, depth, fifo_style(width, depth)))


def amounts(cost: Cost) -> Amounts:
    """A cost in the order of RESOURCES; a board counts LUTs used as memory among its LUTs."""
    total = cost.lut + cost.lutram, cost.ff, cost.lutram, cost.bram36, cost.dsp, 0.0
    assert len(total) == len(NOTHING)
    return total


def _set(operator: Any, attributes: Attributes) -> None:
    for name, value in attributes:
        operator.set_nodeattr(name, value)


class _Attributes:
    """Attributes of a node for the time of a `with` block."""

    def __init__(self, operator: Any, attributes: Attributes) -> None:
        self._operator, self._attributes = operator, attributes

    def __enter__(self) -> None:
        self._before = tuple((name, self._operator.get_nodeattr(name)) for name, _ in self._attributes)
        _set(self._operator, self._attributes)

    def __exit__(self, *_: object) -> None:
        _set(self._operator, self._before)
