# SPDX-License-Identifier: BSD-3-Clause
"""Products of two streams against their Python model: signs, widths, and values for each channel or pixel."""

from __future__ import annotations

import numpy as np
import pytest
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.machine.errors import UserError
from hw_flows.operators.case import Case
from hw_flows.operators.multiply.cases import GRID, multiply
from hw_flows.operators.multiply.factors import repeats
from hw_flows.operators.multiply.hw import product_datatype
from hw_flows.operators.multiply.network import InferBranchProduct, MoveScalesPastProduct
from hw_flows.testing.operator_bench import build_model, check, check_netlist, reference, rtl_operator
from tests.hw_flows.network.normal_form.graphs import answer, graph, kinds


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 5 * 4 * 2


def test_netlist_equals_the_model(tmp_path):
    gate = multiply([1, 3, 4, 4], [1, 1, 1, 4], 2, ("INT8", "UINT7"))
    check_netlist([gate, multiply([1, 3, 4, 2], [1, 3, 4, 1], 2, ("UINT8", "INT5"), "dsp")], tmp_path)


@pytest.mark.parametrize("factor", [[1, 1, 1, 4], [1, 2, 3, 1], [1, 2, 3, 4], [1, 2, 1, 4]])
def test_the_model_repeats_the_smaller_factor(factor: list[int]) -> None:
    case = multiply([1, 2, 3, 4], factor, 2, ("INT8", "UINT5"))
    tensors = reference(build_model([case]), [case], frames=2)
    first, second, product = (tensors[f"case0_{name}"] for name in ("in0", "in1", "out0"))
    np.testing.assert_array_equal(product, first * np.broadcast_to(second, first.shape))


@pytest.mark.parametrize(
    ("factor", "pattern"),
    [
        ((2, 3, 4), (1, 1)),
        ((1, 1, 4), (4, 6)),  # four channels, for six pixels
        ((2, 3, 1), (1, 4)),  # a pixel, for four channels
        ((1, 1, 1), (1, 24)),
        ((2, 1, 4), (4, 3)),  # four channels, for the three pixels of a row
        ((1, 3, 4), (12, 2)),
        ((1, 3, 1), None),
    ],
)
def test_which_values_come_again(factor: tuple[int, ...], pattern: tuple[int, int] | None) -> None:
    assert repeats(factor, (2, 3, 4)) == pattern
    if pattern is not None:
        kept, uses = pattern
        values = np.arange(np.prod(factor)).reshape(-1, kept)
        in_order = np.repeat(values, uses, axis=0).ravel()
        np.testing.assert_array_equal(in_order, np.broadcast_to(values.reshape(factor), (2, 3, 4)).ravel())


@pytest.mark.parametrize(
    ("datatypes", "result"),
    [
        (("UINT4", "UINT4"), "UINT8"),
        (("INT4", "INT4"), "INT8"),  # 64 is the square of -8
        (("INT4", "UINT4"), "INT8"),
        (("UINT8", "BINARY"), "UINT8"),
        (("INT2", "INT2"), "INT4"),
    ],
)
def test_the_product_has_the_narrowest_type(datatypes: tuple[str, str], result: str) -> None:
    assert product_datatype(*(DataType[name] for name in datatypes)).name == result


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (multiply([1, 4, 4, 6], [1, 4, 4, 6], 4, ("INT3", "INT3")), "PE = 4 does not divide the 6 channels"),
        (multiply([1, 4, 4, 6], [1, 1, 4, 1], 2, ("INT3", "INT3")), r"rhs_shape \[1, 1, 4, 1\] is not repeated"),
        (multiply([1, 4, 4, 6], [1, 2, 4, 6], 2, ("INT3", "INT3")), r"rhs_shape \[1, 2, 4, 6\] is not repeated"),
        (multiply([1, 4, 4, 6], [1, 4, 4, 6], 2, ("INT3", "BIPOLAR"), out="INT4"), "BIPOLAR"),
        (multiply([1, 4, 4, 6], [1, 4, 4, 6], 2, ("UINT3", "UINT17")), "factors have 3 and 17 bits"),
    ],
)
def test_unusable_attributes_are_named(case: Case, named: str) -> None:
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()


def test_dsps_are_for_products_that_synthesis_does_not_leave_in_luts() -> None:
    small, large = (
        multiply([1, 4, 4, 4], [1, 4, 4, 4], 4, types, "dsp") for types in (("INT4", "INT4"), ("INT5", "INT4"))
    )
    assert [rtl_operator(case).cost().dsp for case in (small, large)] == [0, 4]


def _gated(gate_first: bool, fork: bool = False) -> ModelWrapper:
    """Two branches of integers, (1, 2, 4, 4) and (1, 2, 1, 1), each times its scale, multiplied."""
    pooled = ("GlobalAveragePool", ["x"], "p", {})
    factors = ["g", "m"] if gate_first else ["m", "g"]
    model = graph(
        ("Relu", ["x"], "x0", {}),
        pooled,
        ("Relu", ["p"], "x1", {}),
        ("Mul", ["x0", np.asarray(0.25)], "m", {}),
        ("Mul", ["x1", np.asarray(3.0)], "g", {}),
        ("Mul", factors, "s", {}),
        *(
            [("Mul", ["g", np.asarray(2.0)], "t", {}), ("Add", ["s", "t"], "y", {})]
            if fork
            else [("Relu", ["s"], "y", {})]
        ),
    )
    for name in ("x", "x0", "x1"):
        model.set_tensor_datatype(name, DataType["UINT4"])
    return model


def test_scales_move_behind_the_product() -> None:
    model = _gated(gate_first=True)
    before = answer(model)
    moved = model.transform(MoveScalesPastProduct())
    assert kinds(moved) == ["Relu", "GlobalAveragePool", "Relu", "Mul", "Mul", "Mul", "Relu"]
    product = moved.graph.node[3]
    assert set(product.input) == {"x0", "x1"}, "integers are multiplied, and scales behind them"
    np.testing.assert_allclose(answer(moved), before, rtol=1e-12)


def test_a_scale_that_others_read_stays() -> None:
    moved = _gated(gate_first=False, fork=True).transform(MoveScalesPastProduct())
    product = next(node for node in moved.graph.node if set(node.input) == {"x0", "g"})
    assert product.op_type == "Mul" and moved.is_fork_node(moved.find_producer("g"))


@pytest.mark.parametrize("gate_first", [False, True])
def test_the_branch_with_the_shape_of_the_result_comes_first(gate_first: bool) -> None:
    model = _gated(gate_first).transform(MoveScalesPastProduct())
    model = model.transform(InferBranchProduct()).transform(InferDataTypes())
    (node,) = model.get_nodes_by_op_type("BranchProduct")
    assert list(node.input) == ["x0", "x1"]
    operator = getCustomOp(node)
    assert list(operator.get_nodeattr("rhs_shape")) == [1, 2, 1, 1]
    assert operator.get_output_datatype().name == "UINT8"
