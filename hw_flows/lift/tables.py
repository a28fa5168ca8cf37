# SPDX-License-Identifier: BSD-3-Clause
"""Truth tables of LUTs without what has no effect on them."""

from __future__ import annotations

from collections.abc import Sequence

from hw_flows.lift.netlist import ONE, ZERO, Net


def essential(table: int, inputs: Sequence[Net]) -> tuple[int, list[Net]]:
    """The same function of the inputs that it depends on: no constants, no input twice, in order of the first place.

    Bit k of `table` is the output where the inputs, the first one lowest, read k. A pin that the function does not depend on may
    be routed all the same, in a LUT of two outputs even from its own output.
    """
    names = list(inputs)
    for position in reversed(range(len(names))):
        net = names[position]
        if net in (ZERO, ONE):
            table = _cofactor(table, len(names), position, int(net))
        elif net in names[:position]:
            table = _merged(table, len(names), names.index(net), position)
        elif _cofactor(table, len(names), position, 0) == _cofactor(table, len(names), position, 1):
            table = _cofactor(table, len(names), position, 0)
        else:
            continue
        del names[position]
    # Of inputs that are merged later the first ones may have become without effect.
    for position in reversed(range(len(names))):
        if _cofactor(table, len(names), position, 0) == _cofactor(table, len(names), position, 1):
            table = _cofactor(table, len(names), position, 0)
            del names[position]
    return table, names


def in_order(table: int, inputs: Sequence[Net]) -> tuple[int, tuple[Net, ...]]:
    """The same function with its inputs sorted by name: equal for equal functions of the same nets."""
    order = sorted(range(len(inputs)), key=inputs.__getitem__)
    permuted = 0
    for index in range(1 << len(inputs)):
        source = sum((index >> new & 1) << old for new, old in enumerate(order))
        permuted |= (table >> source & 1) << index
    return permuted, tuple(inputs[old] for old in order)


def _cofactor(table: int, width: int, position: int, value: int) -> int:
    """Table of the other inputs where input `position` is `value`."""
    low = (1 << position) - 1
    return sum(
        (table >> (k & low | value << position | k >> position << position + 1) & 1) << k for k in range(1 << width - 1)
    )


def _merged(table: int, width: int, kept: int, position: int) -> int:
    """Table of the other inputs where input `position` always is what input `kept`, below it, is."""
    zero, one = (_cofactor(table, width, position, value) for value in (0, 1))
    return sum(((one if k >> kept & 1 else zero) >> k & 1) << k for k in range(1 << width - 1))
