# SPDX-License-Identifier: BSD-3-Clause
"""Addition against its Python model: signs, widths and factors of all kinds."""

from __future__ import annotations

import numpy as np
import pytest
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.machine.errors import UserError
from hw_flows.operators.add.cases import GRID, add
from hw_flows.operators.add.network import InferScaledAdd, MoveMeasurePastAdd
from hw_flows.operators.case import Case
from hw_flows.operators.shared.measure import sum_datatype
from hw_flows.testing.operator_bench import build_model, check, check_netlist, reference, rtl_operator
from tests.hw_flows.network.normal_form.graphs import Line, answer, graph, kinds


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 5 * 4 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist(
        [add([1, 3, 4, 4], 2, ["INT8", "UINT7"], (55, -34)), add([1, 3, 4, 2], 1, ["UINT4", "INT3"])], tmp_path
    )


def test_the_model_adds_products() -> None:
    case = add([1, 2, 3, 4], 2, ["INT8", "UINT5"], (-7, 300))
    tensors = reference(build_model([case]), [case], frames=2)
    first, second, total = (tensors[f"case0_{name}"] for name in ("in0", "in1", "out0"))
    np.testing.assert_array_equal(total, 300 * second - 7 * first)


@pytest.mark.parametrize(
    ("datatypes", "factors", "result"),
    [
        (("UINT4", "UINT4"), (1, 1), "UINT5"),
        (("INT4", "INT4"), (1, 1), "INT5"),
        (("INT4", "UINT4"), (1, 1), "INT6"),  # -8 to 22
        (("UINT4", "UINT4"), (1, -1), "INT5"),
        (("INT8", "INT4"), (1, 16), "INT9"),
        (("UINT8", "BINARY"), (1, 1), "UINT9"),
    ],
)
def test_the_sum_has_the_narrowest_type(datatypes: tuple[str, ...], factors: tuple[int, ...], result: str) -> None:
    assert sum_datatype(tuple(DataType[name] for name in datatypes), factors).name == result


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (add([1, 4, 4, 6], 4, ["INT3", "INT3"]), "PE = 4 does not divide the 6 channels"),
        (add([1, 4, 4, 6], 2, ["INT3", "INT3"], (1, 0)), r"factors are \[1, 0\]"),
        (add([1, 4, 4, 6], 2, ["INT3", "BIPOLAR"], out="INT4"), "BIPOLAR"),
        (add([1, 4, 4, 6], 2, ["INT8", "INT20"], (1, 2**30)), "sums have 51 bits"),
        (add([1, 4, 4, 6], 2, ["INT8", "INT8"], (1, 2**31)), r"factors are \[1, 2147483648\]"),
    ],
)
def test_unusable_attributes_are_named(case: Case, named: str) -> None:
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()


def _before_streamlining(factors: list[float]) -> ModelWrapper:
    """Two branches of integers, each times a factor (1: none), added; the sum read twice."""
    scaled = ["x0", "x1"]
    lines: list[Line] = []
    for i, factor in enumerate(factors):
        if factor != 1:
            scaled[i] = f"m{i}"
            lines.append(("Mul", [f"x{i}", np.asarray(factor)], scaled[i], {}))
    lines += [("Add", scaled, "s", {}), ("Relu", ["s"], "r", {}), ("Add", ["r", "s"], "y", {})]
    model = graph(("Relu", ["x"], "x0", {}), ("Relu", ["x"], "x1", {}), *lines)
    for name in ("x", "x0", "x1"):
        model.set_tensor_datatype(name, DataType["INT4"])
    return model


@pytest.mark.parametrize(
    ("factors", "left"),
    [
        ([0.25, 0.25], ["Relu", "Relu", "Add", "Mul", "Relu", "Add"]),
        ([0.5, 0.75], ["Relu", "Relu", "Mul", "Mul", "Add", "Mul", "Relu", "Add"]),
        ([1, 0.5], ["Relu", "Relu", "Mul", "Add", "Mul", "Relu", "Add"]),
        ([2, 3], ["Relu", "Relu", "Mul", "Mul", "Add", "Relu", "Add"]),
        ([1, 1], ["Relu", "Relu", "Add", "Relu", "Add"]),
    ],
)
def test_what_scales_have_in_common_moves_past_the_addition(factors: list[float], left: list[str]) -> None:
    model = _before_streamlining(factors)
    expected = answer(model)
    model = model.transform(MoveMeasurePastAdd())
    assert sorted(kinds(model)) == sorted(left)
    before = [model.find_producer(name) for name in next(n for n in model.graph.node if n.op_type == "Add").input]
    values = [model.get_initializer(mul.input[1]) for mul in before if mul.op_type == "Mul"]
    assert all(value == round(float(value)) for value in values)
    np.testing.assert_allclose(answer(model), expected, rtol=1e-14)


def test_factors_before_an_addition_of_integers_become_its_own() -> None:
    model = _before_streamlining([2, 3]).transform(MoveMeasurePastAdd()).transform(InferDataTypes())
    model = model.transform(InferScaledAdd()).transform(InferDataTypes())
    (node,) = model.get_nodes_by_op_type("ScaledAdd")
    assert getCustomOp(node).factors() == (2, 3)
    assert list(node.input) == ["x0", "x1"]
    assert model.get_tensor_datatype(node.output[0]).name == "INT7"  # -40 to 35
