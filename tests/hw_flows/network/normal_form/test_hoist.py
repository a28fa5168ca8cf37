# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers move up to arithmetic past pools, resizes and Concats, and no value changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.network.normal_form.hoist import hoist_quantizers
from tests.hw_flows.network.normal_form.graphs import Line, answer, graph, kinds, pool, quant

RESIZE: Line = ("Resize", ["a", "", [1, 1, 2, 2]], "b", {"mode": "nearest"})
CONVOLUTION: Line = ("Conv", ["x", np.linspace(-0.2, 0.2, 36).reshape(2, 2, 3, 3)], "a", {"pads": [1, 1, 1, 1]})


def _hoisted(*lines: Line) -> list[str]:
    model = graph(*lines)
    expected = answer(model)
    hoist_quantizers(model)
    np.testing.assert_array_equal(answer(model), expected)
    assert len(np.unique(expected)) > 2, "what is always the same shows nothing"
    return kinds(model)


def test_past_a_pool() -> None:
    assert _hoisted(CONVOLUTION, pool("a", "b"), quant("b", "y")) == ["Conv", "Quant", "MaxPool"]


def test_past_a_resize_with_the_batch_normalization_before_it() -> None:
    norm: Line = ("BatchNormalization", ["b", [-1, 2], [0.5, 0], [0, 0.1], [1, 2]], "c", {})
    lines = (CONVOLUTION, RESIZE, norm, ("Relu", ["c"], "d", {}), quant("d", "y"))
    assert _hoisted(*lines) == ["Conv", "BatchNormalization", "Relu", "Quant", "Resize"]


def test_past_a_concat_each_branch_keeps_its_channels() -> None:
    scale = np.float32([0.1, 0.2, 0.3, 0.4]).reshape(1, 4, 1, 1)
    join: Line = ("Concat", ["a", "x"], "b", {"axis": 1})
    factor: Line = ("Mul", ["b", 10 * scale], "c", {})
    found = _hoisted(CONVOLUTION, join, factor, quant("c", "y", scale=scale))
    assert found == ["Conv", "Mul", "Quant", "Mul", "Quant", "Concat"]


def test_past_several_in_a_row() -> None:
    assert _hoisted(CONVOLUTION, RESIZE, pool("b", "c"), quant("c", "y")) == ["Conv", "Quant", "Resize", "MaxPool"]


def test_another_reader_of_the_pool_keeps_it() -> None:
    lines = (
        CONVOLUTION,
        pool("a", "b"),
        quant("b", "c"),
        quant("b", "d", bits=2),
        ("Concat", ["c", "d"], "y", {"axis": 1}),
    )
    assert sorted(_hoisted(*lines)) == ["Concat", "Conv", "MaxPool", "MaxPool", "Quant", "Quant"]


@pytest.mark.parametrize(
    "lines",
    [
        (CONVOLUTION, quant("a", "b"), pool("b", "c"), quant("c", "y", bits=2)),  # integers go through the pool already
        (
            CONVOLUTION,
            pool("a", "b"),
            ("Mul", ["b", [[[1]], [[-1]]]], "c", {}),
            quant("c", "y"),
        ),  # the least, not the most
        (CONVOLUTION, ("Resize", ["a", "", [1, 1, 2, 2]], "b", {"mode": "linear"}), quant("b", "y")),  # new values
    ],
)
def test_stays_where_it_cannot_move_or_need_not(lines: tuple[Line, ...]) -> None:
    model = graph(*lines)
    before = kinds(model)
    hoist_quantizers(model)
    assert kinds(model) == before


@given(
    gamma=st.lists(st.sampled_from([-1.5, -1.0, 0.0, 0.5, 1.0]), min_size=2, max_size=2),
    beta=st.floats(-1, 1, width=16),
    bits=st.integers(2, 5),
    signed=st.booleans(),
    resize=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_no_value_changes(gamma: list[float], beta: float, bits: int, signed: bool, resize: bool, seed: int) -> None:
    passing = RESIZE if resize else pool("a", "b")
    model = graph(
        ("Identity", ["x"], "a", {}),
        passing,
        ("Mul", ["b", np.reshape(gamma, (2, 1, 1))], "c", {}),
        ("Add", ["c", beta], "d", {}),
        quant("d", "y", bits, signed=int(signed)),
    )
    expected = answer(model, seed)
    hoist_quantizers(model)
    np.testing.assert_array_equal(answer(model, seed), expected)
