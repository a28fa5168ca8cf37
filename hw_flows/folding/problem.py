# SPDX-License-Identifier: BSD-3-Clause
"""The choice as plain tables: options per operator, what a link between two of them costs, a budget.

Nothing here knows FINN or ONNX: `network.py` fills these tables from a graph, `solve.py` chooses from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

#: The resources of a board, in the order of every vector of costs. LUT counts LUTs used as memory too, as boards do.
DRAM = "DRAM"
"""What is read of the board's memory, in bytes a cycle."""
RESOURCES = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP", DRAM)

#: Cycles of what cannot be built.
ENDLESS = 1 << 60
#: Amounts of RESOURCES, in that order.
Amounts = tuple[float, ...]
NOTHING: Amounts = (0.0,) * len(RESOURCES)


def dram_of(amounts: Amounts) -> float:
    """Bytes of the board's memory a cycle."""
    return amounts[RESOURCES.index(DRAM)]


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
    dram_bytes: int = 0
    """Read of the board's memory for a frame. How many that is a cycle depends on the rate of frames (`Problem.within`)."""
    present: bool = True
    """False: the operator is not built (see `Alternative`)."""

    def at(self, cycles: int) -> Option:
        """The option where a frame takes so many cycles."""
        if not self.dram_bytes:
            return self
        return replace(self, cost=(*self.cost[:-1], self.dram_bytes / cycles))


def absent(inputs: int, outputs: int) -> Option:
    """An operator that is not built: nothing stands between it and its neighbours."""
    return Option(0, NOTHING, (0,) * inputs, (0,) * outputs, present=False)


@dataclass(frozen=True)
class Operator:
    """An operator and all its options."""

    name: str
    options: tuple[Option, ...]

    @property
    def least_cycles(self) -> int:
        """Of those that are built; endless where none is."""
        return min((option.cycles for option in self.options if option.present), default=ENDLESS)

    @property
    def absent(self) -> int:
        """Position of the option not to build it."""
        return next(i for i, option in enumerate(self.options) if not option.present)


@dataclass(frozen=True)
class Alternative:
    """Operators (positions in the problem) of which either all of `first` or all of `second` are built. Each has an option
    that is not present."""

    first: tuple[int, ...]
    second: tuple[int, ...]


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
    alternatives: tuple[Alternative, ...] = ()

    @property
    def least_cycles(self) -> int:
        """No folding is faster: the slowest operator at its fastest."""
        least = [operator.least_cycles for operator in self.operators]
        either = {i for a in self.alternatives for i in (*a.first, *a.second)}
        always = [cycles for i, cycles in enumerate(least) if i not in either]
        best = [min(max(least[i] for i in side) for side in (a.first, a.second)) for a in self.alternatives]
        return max(always + best)

    def within(self, cycles: int) -> Problem | None:
        """The problem with only the options of at most `cycles`, which a frame is to take, or None where an operator that must
        be there has none."""
        operators = tuple(
            Operator(o.name, tuple(option.at(cycles) for option in o.options if option.cycles <= cycles))
            for o in self.operators
        )
        there = [any(option.present for option in o.options) for o in operators]
        either = {i for a in self.alternatives for i in (*a.first, *a.second)}
        sides = [[all(there[i] for i in side) for side in (a.first, a.second)] for a in self.alternatives]
        if not all(any(pair) for pair in sides) or not all(there[i] for i in range(len(there)) if i not in either):
            return None
        return replace(self, operators=operators)

    def with_second(self) -> Problem:
        """The problem in which every alternative is its second one."""
        first = {i for a in self.alternatives for i in a.first}
        operators = tuple(
            replace(o, options=(o.options[o.absent],)) if i in first else o for i, o in enumerate(self.operators)
        )
        return replace(self, operators=operators)

    def too_slow(self, cycles: int) -> tuple[str, ...]:
        """Operators that no option makes as fast, whatever stands in their place."""
        either = {i for a in self.alternatives for i in (*a.first, *a.second)}
        slow = [i for i, o in enumerate(self.operators) if o.least_cycles > cycles]
        both = [a for a in self.alternatives if all(set(side) & set(slow) for side in (a.first, a.second))]
        named = {i for a in both for i in a.first}
        return tuple(self.operators[i].name for i in slow if i in named or i not in either)

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
