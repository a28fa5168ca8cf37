# SPDX-License-Identifier: BSD-3-Clause
"""Types are as narrow as the values allow, and not narrower."""

import numpy as np
import pytest
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import calculate_matvec_accumulator_range

import hw_flows.steps.minimize_bit_width as step
from hw_flows.machine.errors import UserError
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

NET = ForeignNet(channels=(4, 8, 12), weight_bits=3, negative_gammas=True)


def test_weights_and_accumulators_are_tight() -> None:
    model = after(NET, "step_minimize_bit_width").model
    for node in model.get_nodes_by_op_type("MVAU")[:-1]:  # FINN rounds the last to whole bytes
        operator, weights = getCustomOp(node), model.get_initializer(node.input[1])
        assert operator.get_input_datatype(1) == DataType["INT3"]
        low, high = calculate_matvec_accumulator_range(weights, operator.get_input_datatype(0))
        accumulator = operator.get_accumulator_datatype()
        assert accumulator.allowed(low) and accumulator.allowed(high)
        narrower = DataType[f"INT{accumulator.bitwidth() - 1}"]
        assert not (narrower.allowed(low) and narrower.allowed(high))


def test_thresholds_are_integers_that_fit_their_type() -> None:
    model = after(NET, "step_minimize_bit_width").model
    for node in model.get_nodes_by_op_type("Thresholding"):
        operator, thresholds = getCustomOp(node), model.get_initializer(node.input[1])
        accumulator, kind = operator.get_input_datatype(0), operator.get_input_datatype(1)
        assert np.array_equal(thresholds, np.round(thresholds))
        assert accumulator.min() <= thresholds.min() <= thresholds.max() <= accumulator.max() + 1
        assert kind.min() <= thresholds.min() <= thresholds.max() <= kind.max()
        assert kind.bitwidth() <= accumulator.bitwidth() + 1


@pytest.mark.parametrize("last", [-1, 0])
def test_thresholds_of_minus_one_and_zero_fit_their_type(last: int) -> None:
    child = ModelWrapper(after(NET, "step_create_dataflow_partition").model.model, make_deepcopy=True)
    node = child.get_nodes_by_op_type("Thresholding")[0]
    values = np.full_like(child.get_initializer(node.input[1]), -1)
    values[:, -1] = last
    child.set_initializer(node.input[1], values)
    model = step.step_minimize_bit_width(child, None)
    node = model.get_nodes_by_op_type("Thresholding")[0]
    assert np.array_equal(model.get_initializer(node.input[1]), values)
    assert getCustomOp(node).get_input_datatype(1) == DataType["INT2"]


def test_an_accumulator_that_cannot_be_checked_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(step, "MAX_ACCUMULATOR_BITS", 9)
    child = ModelWrapper(after(NET, "step_create_dataflow_partition").model.model, make_deepcopy=True)
    with pytest.raises(UserError, match=r"enter\.0\.0/\S+ sums up to INT\d+, which is more than 9 bits") as caught:
        step.step_minimize_bit_width(child, None)
    assert "products of" in caught.value.where
