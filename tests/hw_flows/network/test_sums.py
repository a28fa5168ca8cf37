# SPDX-License-Identifier: BSD-3-Clause
"""Integers for sums of branches with unequal scales, against the network's own arithmetic."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import compute
from hw_flows.network.branches import exact_sum, is_sum
from hw_flows.network.normal_form.chain import chain_before
from hw_flows.network.sums import exact_boundaries, integer_sum, integer_sums

CHANNELS = 2


def network(scales: list[float], bits: list[int], out: float, out_bits: int = 4, norm: bool = True) -> ModelWrapper:
    """Integers x0, x1, ... of `bits` bits, signed where even, times scales, added from the left; [batch normalization,] ReLU,
    quantizer."""
    nodes, inputs = [], []
    constants: dict[str, np.ndarray] = {"zero": np.float32(0), "out": np.float32(out), "bits": np.float32(out_bits)}
    for i, (scale, width) in enumerate(zip(scales, bits, strict=True)):
        constants |= {f"s{i}": np.float32(scale), f"b{i}": np.float32(width)}
        inputs.append(helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, [1, CHANNELS, 1, 1]))
        nodes.append(
            helper.make_node(
                "Quant",
                [f"x{i}", f"s{i}", "zero", f"b{i}"],
                [f"q{i}"],
                name=f"quant{i}",
                domain="qonnx.custom_op.general",
                signed=int(width % 2 == 0),
                narrow=0,
                rounding_mode="ROUND",
            )
        )
    total = "q0"
    for i in range(1, len(scales)):
        nodes.append(helper.make_node("Add", [total, f"q{i}"], [f"t{i}"], name=f"add{i}"))
        total = f"t{i}"
    if norm:
        constants |= {"gamma": np.float32([0.7, 1.3]), "beta": np.float32([0.1, -0.2])}
        constants |= {"mean": np.float32([0.3, 0.2]), "variance": np.float32([0.9, 2.3])}
        nodes.append(helper.make_node("BatchNormalization", [total, "gamma", "beta", "mean", "variance"], ["n"]))
        total = "n"
    nodes.append(helper.make_node("Relu", [total], ["r"]))
    nodes.append(
        helper.make_node(
            "Quant",
            ["r", "out", "zero", "bits"],
            ["y"],
            name="quant",
            domain="qonnx.custom_op.general",
            signed=0,
            narrow=0,
            rounding_mode="ROUND",
        )
    )
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, CHANNELS, 1, 1])]
    names = [name for node in nodes for name in node.output]
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, CHANNELS, 1, 1]) for name in names[:-1]]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "sum", inputs, outputs, value_info=infos)))
    for name, value in constants.items():
        model.set_initializer(name, value)
    return model


def answers(model: ModelWrapper, integers: tuple[int, ...]) -> list[int]:
    """The integers of the last quantizer for one tuple, a channel each, node by node."""
    values: dict[str, np.ndarray] = {i.name: model.get_initializer(i.name) for i in model.graph.initializer}
    for i, integer in enumerate(integers):
        values[f"x{i}"] = np.full((1, CHANNELS, 1, 1), integer * np.float64(values[f"s{i}"]))
    for node in model.graph.node:
        result = compute(node, [values[name] for name in node.input])
        assert result is not None
        values[node.output[0]] = result
    return [int(v) for v in np.round(values["y"].ravel() / np.float64(values["out"]))]


SCALE = st.floats(2**-6, 1, width=32)


@given(a=SCALE, b=SCALE, out=st.floats(2**-4, 1, width=32), bits=st.tuples(st.integers(2, 5), st.integers(2, 5)))
@settings(deadline=None, max_examples=40)
def test_every_pair_gives_the_networks_integer(a: float, b: float, out: float, bits: tuple[int, int]) -> None:
    model = network([a, b], list(bits), out)
    _compare_all(model, bits)


@pytest.mark.parametrize("scales", [[0.3, 0.4, 0.11], [0.5, 0.25, 0.3], [0.25, 0.3, 0.5]])
def test_every_triple_does(scales: list[float]) -> None:
    _compare_all(network(scales, [3, 3, 2], 0.35), (3, 3, 2))


def _compare_all(model: ModelWrapper, bits: tuple[int, ...]) -> None:
    (*_, last) = [node for node in model.graph.node if node.op_type == "Add"]
    if exact_sum(model, last) is not None:
        assert list(integer_sums(model)) == []
        return
    found = integer_sum(model, last)
    ranges = [range(-(2 ** (b - 1)), 2 ** (b - 1)) if b % 2 == 0 else range(2**b) for b in bits]
    (thresholds,) = found.thresholds.values()
    for integers in product(*ranges):
        total, known = 0.0, 0
        branches = _branches(model, found.factors, integers)
        total = sum(branches)
        assert total == round(total)
        known = [int((row <= total).sum()) for row in np.broadcast_to(thresholds, (CHANNELS, thresholds.shape[1]))]
        assert known == answers(model, integers), integers


def _branches(model: ModelWrapper, factors: dict[tuple[str, int], int], integers: tuple[int, ...]) -> list[int]:
    """The integers that are added: where two branches have a common measure they are one branch already."""
    parts = []
    for (output, index), factor in factors.items():
        tensor = model.find_producer(output).input[index]
        producer = model.find_producer(tensor)
        if producer.op_type == "Quant":
            parts.append(factor * integers[int(tensor.removeprefix("q"))])
        else:
            measure = exact_sum(model, producer)
            assert measure is not None
            quantizers = [int(name.removeprefix("q")) for name in producer.input]
            value = sum(integers[q] * float(model.get_initializer(f"s{q}")) for q in quantizers)
            parts.append(factor * round(value / measure.scale))
    return parts


def test_the_factors_are_small() -> None:
    model = network([0.3, 0.4], [4, 4], 1.1, norm=False)
    factors = list(integer_sum(model, model.graph.node[2]).factors.values())
    assert factors == [3, 4] or max(factors) < 64


def test_scales_of_a_common_measure_need_no_search() -> None:
    model = network([0.75, 0.5], [4, 3], 1.0)
    found = exact_sum(model, model.graph.node[2])
    assert found is not None
    assert (found.scale, found.low, found.high) == (0.25, -8 * 3, 7 * 3 + 7 * 2)
    assert found.datatype() == DataType["INT7"]


def test_boundaries_are_those_of_the_arithmetic_to_the_last_bit() -> None:
    model = network([0.3, 0.4], [4, 4], 0.37)
    chain = chain_before(model, model.graph.node[-1])
    boundaries = exact_boundaries(model, chain, 1e3)
    assert boundaries.shape == (CHANNELS, 15)
    for values, extra in ((boundaries, 0), (np.nextafter(boundaries, -np.inf), -1)):
        y = values[None, :, None, :]
        for node in chain.nodes:
            y = compute(node, [y, *(model.get_initializer(name) for name in node.input[1:])])
        steps = np.round(y[0, :, 0] / np.float64(np.float32(0.37)))
        np.testing.assert_array_equal(steps, np.arange(1, 16)[None, :] + extra + np.zeros((CHANNELS, 1)))


def test_boundaries_out_of_reach_are_infinite() -> None:
    model = network([0.3, 0.4], [4, 4], 1.0, norm=False)
    boundaries = exact_boundaries(model, chain_before(model, model.graph.node[-1]), 2.0)
    assert boundaries.shape == (1, 15)
    assert np.isfinite(boundaries[0, :2]).all() and np.isposinf(boundaries[0, 2:]).all()


def test_an_add_of_a_constant_is_no_sum() -> None:
    model = network([0.3, 0.4], [4, 4], 1.0)
    model.set_initializer("q1", np.float32([[[[1.0]], [[2.0]]]]))
    assert not is_sum(model, model.graph.node[2])


def test_too_many_comparisons_are_refused_by_number() -> None:
    model = network([0.3, 0.41, 0.17, 0.23], [8, 8, 8, 8], 1.0)
    with pytest.raises(UserError, match=r"add3 \(Add\).*503,316,480 comparisons") as caught:
        integer_sum(model, model.graph.node[6])
    assert "behind each addition" in caught.value.fix
