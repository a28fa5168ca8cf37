# SPDX-License-Identifier: BSD-3-Clause
"""A ReLU comes before its quantizer, which then needs no sign; no value changes."""

import numpy as np
import pytest

from hw_flows.network.normal_form.relu import relu_before_quantizer, unsigned_behind_relu
from tests.hw_flows.network.normal_form.graphs import answer, graph, kinds, quant


@pytest.mark.parametrize("narrow", [0, 1])
@pytest.mark.parametrize("bits", [2, 3, 8])
def test_a_signed_quantizer_behind_a_relu_loses_its_sign(bits: int, narrow: int) -> None:
    model = graph(("Relu", ["x"], "a", {}), quant("a", "y", bits, scale=0.125, narrow=narrow))
    expected = answer(model)
    unsigned_behind_relu(model)
    np.testing.assert_array_equal(answer(model), expected)
    (node,) = model.get_nodes_by_op_type("Quant")
    assert {a.name: a.i for a in node.attribute if a.name in ("signed", "narrow")} == {"signed": 0, "narrow": 0}
    assert model.get_initializer(node.input[3]) == bits - 1


def test_a_signed_quantizer_of_signed_values_keeps_its_sign() -> None:
    model = graph(quant("x", "y"))
    unsigned_behind_relu(model)
    assert next(a.i for a in model.graph.node[0].attribute if a.name == "signed") == 1


def test_a_relu_behind_a_quantizer_moves_before_it() -> None:
    model = graph(quant("x", "a"), ("Relu", ["a"], "y", {}))
    expected = answer(model)
    relu_before_quantizer(model)
    assert kinds(model) == ["Relu", "Quant"]
    np.testing.assert_array_equal(answer(model), expected)


def test_what_else_reads_the_quantizer_keeps_it() -> None:
    model = graph(quant("x", "a"), ("Relu", ["a"], "b", {}), ("Concat", ["a", "b"], "y", {"axis": 1}))
    expected = answer(model)
    relu_before_quantizer(model)
    assert sorted(kinds(model)) == ["Concat", "Quant", "Quant", "Relu"]
    np.testing.assert_array_equal(answer(model), expected)
