# SPDX-License-Identifier: BSD-3-Clause
"""Truth tables without what has no effect, against all assignments."""

from __future__ import annotations

import random

import pytest

from hw_flows.lift.tables import essential, in_order


def value(table: int, inputs: list[str] | tuple[str, ...], assignment: dict[str, int]) -> int:
    return table >> sum(assignment[net] << i for i, net in enumerate(inputs)) & 1


@pytest.mark.parametrize("seed", range(60))
def test_the_function_stays(seed: int):
    draw = random.Random(seed)
    inputs = [draw.choice(["0", "1", "a", "b", "c", "d"]) for _ in range(draw.randint(0, 6))]
    table = draw.getrandbits(1 << len(inputs))
    for found, names in (essential(table, inputs), in_order(*essential(table, inputs))):
        assert len(set(names)) == len(names) and not set(names) & {"0", "1"}
        for k in range(16):
            nets = {"0": 0, "1": 1, **{net: k >> i & 1 for i, net in enumerate("abcd")}}
            assert value(found, names, nets) == value(table, inputs, nets)
        for net in names:  # each one matters
            pairs = [
                {**{n: k >> i & 1 for i, n in enumerate("abcd")}, net: level} for k in range(16) for level in (0, 1)
            ]
            assert any(
                value(found, names, a) != value(found, names, b) for a, b in zip(pairs[::2], pairs[1::2], strict=True)
            )


def test_equal_functions_have_equal_tables():
    assert in_order(0b0010, ["b", "a"]) == in_order(0b0100, ["a", "b"]) == (0b0100, ("a", "b"))
    assert in_order(0b0010, ["a", "b"]) != in_order(0b0010, ["b", "a"])


def test_an_input_that_cancels_out_goes():
    assert essential(0b0110, ["a", "a"]) == (0, [])  # a xor a
    assert essential(0b1000, ["a", "a"]) == (0b10, ["a"])
