# SPDX-License-Identifier: BSD-3-Clause
"""Surgery that no rewriting may have to think about."""

import numpy as np

from hw_flows.graph_surgery import (
    constants_second,
    merge_equal_nodes,
    order_sums,
    own_weights,
    remove_unread,
    say_resize_modes,
)
from tests.hw_flows.network.normal_form.graphs import answer, graph, kinds, quant


def test_constants_come_second() -> None:
    model = graph(("Sub", [[3.0], "x"], "a", {}), ("Mul", [[2.0], "a"], "b", {}), ("Add", [[1.0], "b"], "y", {}))
    expected = answer(model)
    constants_second(model)
    assert kinds(model) == ["Mul", "Add", "Mul", "Add"]
    assert all(model.get_initializer(node.input[1]) is not None for node in model.graph.node)
    np.testing.assert_array_equal(answer(model), expected)


def test_a_sum_of_a_tensor_and_itself_is_a_product_and_the_networks_input_comes_first() -> None:
    model = graph(quant("x", "a"), ("Add", ["a", "a"], "b", {}), ("Add", ["b", "x"], "y", {}))
    expected = answer(model)
    order_sums(model)
    assert kinds(model) == ["Quant", "Mul", "Add"]
    assert list(model.graph.node[2].input) == ["x", "b"]
    np.testing.assert_array_equal(answer(model), expected)


def test_a_resize_says_that_it_repeats() -> None:
    model = graph(("Resize", ["x", "", [1, 1, 2, 2]], "y", {}))
    say_resize_modes(model)
    assert model.graph.node[0].attribute[0].s == b"nearest"


def test_equal_quantizers_become_one_and_what_they_feed_a_fork() -> None:
    model = graph(
        quant("x", "a"), quant("x", "b"), quant("x", "c", bits=2), ("Concat", ["a", "b", "c"], "y", {"axis": 1})
    )
    expected = answer(model)
    merge_equal_nodes(model)
    assert kinds(model) == ["Quant", "Quant", "Concat"]
    np.testing.assert_array_equal(answer(model), expected)


def test_convolutions_that_share_weights_get_their_own() -> None:
    weights = np.ones((2, 2, 1, 1))
    model = graph(
        quant(weights, "w"),
        ("Conv", ["x", "w"], "a", {}),
        ("Conv", ["a", "w"], "y", {}),
    )
    own_weights(model)
    first, second = model.get_nodes_by_op_type("Conv")
    assert kinds(model).count("Quant") == 2
    assert first.input[1] != second.input[1]


def test_what_nobody_reads_goes_with_what_only_it_read() -> None:
    model = graph(("Relu", ["x"], "a", {}), ("Mul", ["a", 2.0], "b", {}), ("Add", ["x", 1.0], "y", {}))
    remove_unread(model)
    assert kinds(model) == ["Add"]
