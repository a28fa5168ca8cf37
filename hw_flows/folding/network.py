# SPDX-License-Identifier: BSD-3-Clause
"""The tables of `problem.py` from a dataflow graph: cycles and cost are the operators' own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Role
from hw_flows.folding.problem import NOTHING, Amounts, Link, Operator, Option, Problem
from hw_flows.folding.skips import waits
from hw_flows.operators.base import Attributes, Cost
from hw_flows.operators.fifo.rtl import fifo_cost, fifo_style
from hw_flows.operators.width_converter.rtl import converter_cost

#: Words of the FIFO that every stream gets; more where an operator takes more words at once.
FIFO_WORDS = 16
#: Options of a matrix-vector unit this many times faster than the slowest operator can ever be are not looked at.
NEEDLESS = 8


def folding_problem(model: ModelWrapper, settled: Mapping[str, list[Attributes]] | None = None) -> Problem:
    """Every operator with all its options; the model itself is left as it was.

    `settled`: the only options of some nodes, by name, as attributes.
    """
    settled = settled or {}
    operators = [_on_trial(node) for node in model.graph.node]
    nodes = list(model.graph.node)
    choices = [settled.get(n.name) or list(_choices(getCustomOp(n))) for n in nodes]
    least = max(min(_cycles(o, choice) for choice in own) for o, own in zip(operators, choices, strict=True))
    for position, node in enumerate(nodes):
        if operators[position].role is Role.MATRIX and node.name not in settled:
            choices[position] = _needed(operators[position], choices[position], least)
    return _problem(model, operators, choices)


def current_folding(model: ModelWrapper) -> tuple[Problem, tuple[Option, ...]]:
    """The problem whose only options are what `model` has now, and those options."""
    operators = [getCustomOp(node) for node in model.graph.node]
    problem = _problem(model, operators, [[()] for _ in operators])
    return problem, tuple(operator.options[0] for operator in problem.operators)


def apply(model: ModelWrapper, options: tuple[Option, ...]) -> None:
    """Set the attributes of the chosen options, one for each node."""
    for node, option in zip(model.graph.node, options, strict=True):
        _set(getCustomOp(node), option.attributes)


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


def _needed(operator: Any, choices: list[Attributes], least: int) -> list[Attributes]:
    cycles = [_cycles(operator, choice) for choice in choices]
    floor = min(least // NEEDLESS, max(cycles))
    return [choice for choice, own in zip(choices, cycles, strict=True) if own >= floor]


def _cycles(operator: Any, attributes: Attributes) -> int:
    with _Attributes(operator, attributes):
        return int(operator.get_exp_cycles())


def _problem(model: ModelWrapper, tried: list[Any], choices: list[list[Attributes]]) -> Problem:
    nodes = list(model.graph.node)
    weights = {i.name for i in model.graph.initializer}
    outputs = {t.name for t in model.graph.output}
    waiting = waits(model, _busy(nodes, tried, choices))
    operators = []
    for node, operator, own in zip(nodes, tried, choices, strict=True):
        streams = [i for i, name in enumerate(node.input) if name not in weights]
        words = [waiting.get(node.input[i], 0.0) for i in streams]
        leaving = [i for i, name in enumerate(node.output) if name in outputs]
        found: dict[tuple, Option] = {}
        for attributes in own:
            option = _option(operator, attributes, streams, words, leaving)
            found.setdefault((option.cycles, option.cost, option.inputs, option.outputs), option)
        operators.append(Operator(node.name, tuple(found.values())))
    links = []
    consumers = {name: (i, position) for position, node in enumerate(nodes) for i, name in enumerate(node.input)}
    for position, node in enumerate(nodes):
        for output, name in enumerate(node.output):
            if name in consumers:
                index, consumer = consumers[name]
                bits = getCustomOp(node).get_output_datatype(output).bitwidth()
                links.append(_link(operators, position, output, consumer, index, bits))
    return Problem(tuple(operators), tuple(links))


def _busy(nodes: list[Any], tried: list[Any], choices: list[list[Attributes]]) -> dict[str, float]:
    """For units that multiply by weights, the most cycles of their options in the least frames that any folding has."""
    cycles = [[_cycles(operator, choice) for choice in own] for operator, own in zip(tried, choices, strict=True)]
    frame = max(min(own) for own in cycles)
    units = zip(nodes, tried, cycles, strict=True)
    return {node.name: max(own) / frame for node, operator, own in units if operator.role is Role.MATRIX}


def _option(
    operator: Any, attributes: Attributes, streams: list[int], waiting: list[float], leaving: list[int]
) -> Option:
    with _Attributes(operator, attributes):
        inputs = tuple(int(operator.get_folded_input_shape(i)[-1]) for i in streams)
        outputs = tuple(int(operator.get_folded_output_shape(i)[-1]) for i in range(len(operator.onnx_node.output)))
        cost = np.array(amounts(operator.cost()), dtype=float)
        for i, frames in zip(streams, waiting, strict=True):
            depth = FIFO_WORDS + ceil(frames * prod(map(int, operator.get_folded_input_shape(i)[:-1])))
            depth = max(depth, operator.burst_words())
            cost += _fifo(int(operator.get_instream_width(i)), depth)
        for i in leaving:
            cost += _fifo(int(operator.get_outstream_width(i)), 2)
        return Option(int(operator.get_exp_cycles()), tuple(map(float, cost)), inputs, outputs, attributes)


def _link(operators: list[Operator], producer: int, output: int, consumer: int, index: int, bits: int) -> Link:
    costs = {}
    for a in {option.outputs[output] for option in operators[producer].options}:
        for b in {option.inputs[index] for option in operators[consumer].options}:
            if a != b:
                costs[a, b] = amounts(converter_cost(a * bits, b * bits))
    return Link(producer, consumer, output, index, costs)


def _fifo(width: int, depth: int) -> Amounts:
    return amounts(fifo_cost(width, depth, fifo_style(width, depth)))


def amounts(cost: Cost) -> Amounts:
    """A cost in the order of RESOURCES; a board counts LUTs used as memory among its LUTs."""
    total = cost.lut + cost.lutram, cost.ff, cost.lutram, cost.bram36, cost.dsp
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
