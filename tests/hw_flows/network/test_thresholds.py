# SPDX-License-Identifier: BSD-3-Clause
"""Functions before quantizers become thresholds that say what the network says, value for value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.execute import execute_network
from hw_flows.network.normal_form.chain import chain_before
from hw_flows.network.thresholds import rises, staircase
from tests.hw_flows.network.normal_form.graphs import Line, graph, quant

SILU: list[Line] = [("Sigmoid", ["x"], "s", {}), ("Mul", ["x", "s"], "f", {})]
FUNCTIONS: dict[str, list[Line]] = {
    "LeakyRelu": [("LeakyRelu", ["x"], "f", {"alpha": 0.125})],
    "PRelu": [("PRelu", ["x", np.float32([0.5, 0.1]).reshape(2, 1, 1)], "f", {})],
    "Clip": [("Clip", ["x", -1.0, 1.5], "f", {})],
    "Sigmoid": [("Sigmoid", ["x"], "f", {})],
    "Tanh, scaled": [("Tanh", ["x"], "t", {}), ("Mul", ["t", 3.0], "f", {})],
    "hard swish": [
        ("Add", ["x", 3.0], "a", {}),
        ("Clip", ["a", 0.0, 6.0], "b", {}),
        ("Mul", ["x", "b"], "c", {}),
        ("Div", ["c", 6.0], "f", {}),
    ],
    "SiLU": SILU,
    "minus SiLU": [*SILU[:1], ("Mul", ["x", "s"], "m", {}), ("Neg", ["m"], "f", {})],
    "Abs": [("Abs", ["x"], "f", {})],
    "PRelu of either sign": [("PRelu", ["x", np.float32([0.5, -0.4]).reshape(2, 1, 1)], "f", {})],
    "SiLU of either sign": [
        *SILU[:1],
        ("Mul", ["x", "s"], "m", {}),
        ("Mul", ["m", np.float32([1, -0.7]).reshape(2, 1, 1)], "f", {}),
    ],
    "a W in each channel": [
        ("Abs", ["x"], "a", {}),
        ("Add", ["a", np.float32([-1, -0.3]).reshape(2, 1, 1)], "m", {}),
        ("Abs", ["m"], "f", {}),
    ],
    "a bump": [("Mul", ["x", "x"], "q", {}), ("Neg", ["q"], "n", {}), ("Exp", ["n"], "f", {})],
}


def _network(name: str, bits: int, scale: float, signed: int) -> ModelWrapper:
    return graph(*FUNCTIONS[name], quant("f", "y", bits, scale, signed=signed), shape=(1, 2, 64, 64))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(FUNCTIONS)),
    st.integers(2, 6),
    st.sampled_from([0.03, 0.0625, 0.11, 0.23]),
    st.integers(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_thresholds_count_what_the_network_answers(name: str, bits: int, scale: float, signed: int, seed: int) -> None:
    model = _network(name, bits, scale, signed)
    prefix, chain = chain_before(model, model.graph.node[-1]).split(model)
    assert not prefix
    stairs = staircase(model, chain)
    assert (stairs.table is None) == rises(model, chain)
    random = np.random.default_rng(seed)
    x = random.normal(0, 3, (1, 2, 64, 64)).astype(np.float32)
    x[0, :, 0] = random.integers(-64, 65, (2, 64)) / 16
    finite = stairs.thresholds[np.isfinite(stairs.thresholds)]
    for row, beside in enumerate((0, -np.inf, np.inf), start=1):  # at, below and above thresholds
        some = np.float32(random.choice(finite, 128)).reshape(2, 64) if len(finite) else x[0, :, 0]
        x[0, :, row] = np.nextafter(some, np.float32(beside)) if beside else some
    rows = np.broadcast_to(stairs.thresholds, (2, stairs.thresholds.shape[1]))
    reached = np.stack([np.searchsorted(row, x[0, c].astype(np.float64), side="right") for c, row in enumerate(rows)])
    integers = stairs.quantizer.low + reached if stairs.table is None else np.array(stairs.table)[reached]
    np.testing.assert_array_equal(integers * np.float64(np.float32(scale)), execute_network(model, None, x)[0])


def test_a_dip_below_a_quantizers_range_does_not_count() -> None:
    for signed, expected in ((0, True), (1, False)):
        model = _network("SiLU", 4, 0.1, signed)
        assert rises(model, chain_before(model, model.graph.node[-1]).split(model)[1]) is expected


def test_scales_and_biases_before_a_function_are_left_to_streamlining() -> None:
    norm: Line = ("BatchNormalization", ["x", [-1, 2], [0.5, 0], [0, 0.1], [1, 2]], "n", {})
    model = graph(
        norm, ("Relu", ["n"], "r", {}), ("Tanh", ["r"], "t", {}), ("Mul", ["t", 2.0], "m", {}), quant("m", "y")
    )
    whole = chain_before(model, model.graph.node[-1])
    prefix, rest = whole.split(model)
    assert [node.op_type for node in prefix] == ["BatchNormalization", "Relu"]
    assert [node.op_type for node in rest.nodes] == ["Tanh", "Mul", "Quant"]
    assert whole.falling_channels(model).tolist() == [True, False]


def test_a_scale_that_a_function_reads_twice_is_its_own() -> None:
    model = graph(
        ("Mul", ["x", 2.0], "a", {}),
        ("Add", ["a", 3.0], "b", {}),
        ("Mul", ["a", "b"], "c", {}),
        quant("c", "y"),
    )
    prefix, rest = chain_before(model, model.graph.node[-1]).split(model)
    assert [node.op_type for node in prefix] == ["Mul"]
    assert [node.op_type for node in rest.nodes] == ["Add", "Mul", "Quant"]


def test_branches_of_two_tensors_are_no_function_of_one() -> None:
    weights = np.ones((2, 2, 1, 1))
    model = graph(
        ("Conv", ["x", weights], "a", {}),
        ("Conv", ["x", -weights], "b", {}),
        ("Add", ["a", "b"], "c", {}),
        quant("c", "y"),
    )
    assert [n.op_type for n in chain_before(model, model.graph.node[-1]).nodes] == ["Quant"]


def test_thresholds_that_are_always_or_never_reached_are_infinite() -> None:
    model = graph(("Sigmoid", ["x"], "f", {}), quant("f", "y", 4, 0.25))
    found = staircase(model, chain_before(model, model.graph.node[-1]).split(model)[1]).thresholds[0]
    assert np.isneginf(found[:7]).all() and np.isinf(found[-3:]).all() and np.isfinite(found[8:11]).all()


@pytest.mark.parametrize("name", ["SiLU", "a bump"])
def test_falling_functions_come_with_the_integer_of_each_step(name: str) -> None:
    model = _network(name, 4, 0.0625, 1)
    stairs = staircase(model, chain_before(model, model.graph.node[-1]).split(model)[1])
    assert stairs.table is not None and len(stairs.table) == stairs.thresholds.shape[1] + 1
    assert min(np.diff(stairs.table)) < 0 < max(np.diff(stairs.table))
