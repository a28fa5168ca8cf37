# SPDX-License-Identifier: BSD-3-Clause
"""The choice as plain tables: options per operator, what a link between two of them costs, a budget.

Nothing here knows FINN or ONNX: `network.py` fills these tables from a graph, `solve.py` chooses from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

#: The resources of a board, in the order of every vector of costs. LUT counts LUTs used as memory too, as boards do.
RESOURCES = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")

#: Amounts of RESOURCES, in that order.
Amounts = tuple[float, ...]
NOTHING: Amounts = (0.0,) * len(RESOURCES)


@dataclass(frozen=True)
class Option:
    """One way to build an operator."""

    cycles: int
    """Cycles per frame."""
    cost: Amounts
    inputs: tuple[int, ...] = ()
    """Lanes of each input stream."""
    outputs: tuple[int, ...] = ()
    """Lanes of each output stream."""
    attributes: tuple[tuple[str, int | str], ...] = ()
    """What to set on the node."""


@dataclass(frozen=True)
class Operator:
    """An operator and all its options."""

    name: str
    options: tuple[Option, ...]

    @property
    def least_cycles(self) -> int:
        return min(option.cycles for option in self.options)


@dataclass(frozen=True)
class Link:
    """Output `output` of operator `producer` feeds input `input` of operator `consumer` (positions in the problem).

    `cost` tells what stands between, for lanes of the producer and of the consumer; nothing where they are not listed.
    """

    producer: int
    consumer: int
    output: int = 0
    input: int = 0
    cost: dict[tuple[int, int], Amounts] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A network to fold: every operator takes one of its options."""

    operators: tuple[Operator, ...]
    links: tuple[Link, ...] = ()
    fixed: Amounts = NOTHING
    """What is spent whatever is chosen."""

    @property
    def least_cycles(self) -> int:
        """No folding is faster: the slowest operator at its fastest."""
        return max(operator.least_cycles for operator in self.operators)

    def within(self, cycles: int) -> Problem | None:
        """The problem with only the options of at most `cycles`, or None where an operator has none."""
        operators = tuple(
            Operator(o.name, tuple(option for option in o.options if option.cycles <= cycles)) for o in self.operators
        )
        return Problem(operators, self.links, self.fixed) if all(o.options for o in operators) else None

    def rates(self) -> list[int]:
        """The cycles per frame that any folding can have, rising."""
        least = self.least_cycles
        return sorted({option.cycles for o in self.operators for option in o.options if option.cycles >= least})

    def cost(self, chosen: tuple[Option, ...]) -> Amounts:
        """What a choice, one option an operator, costs in all."""
        total = np.array(self.fixed, dtype=float)
        for option in chosen:
            total += option.cost
        for link in self.links:
            lanes = chosen[link.producer].outputs[link.output], chosen[link.consumer].inputs[link.input]
            total += link.cost.get(lanes, NOTHING)
        return tuple(float(value) for value in total)
