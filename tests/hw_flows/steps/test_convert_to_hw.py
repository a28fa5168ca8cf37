# SPDX-License-Identifier: BSD-3-Clause
"""Everything between the host's quantizer and the last scale is a hardware operator."""

import pytest
from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators import HW_DOMAIN, rtl_operators
from hw_flows.operators.concat.network import common_datatype
from hw_flows.steps.convert_to_hw import step_convert_to_hw
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

UPSAMPLE = ForeignNet(channels=(4, 8, 12))
TRANSPOSE = ForeignNet(decoder="transpose")


@pytest.mark.parametrize("net", [UPSAMPLE, TRANSPOSE])
def test_only_head_and_tail_stay_on_the_host(net: ForeignNet) -> None:
    model = after(net, "step_convert_to_hw").model
    kinds = [node.op_type for node in model.graph.node if node.domain != HW_DOMAIN]
    assert kinds == ["MultiThreshold", "Transpose", "Transpose", "Mul", "Add"]
    assert {node.op_type for node in model.graph.node if node.domain == HW_DOMAIN} < set(rtl_operators())


def test_operators_have_the_form_that_our_rtl_takes() -> None:
    model = after(UPSAMPLE, "step_convert_to_hw").model
    for node in model.get_nodes_by_op_type("MVAU"):
        assert getCustomOp(node).get_nodeattr("noActivation") == 1
    for node in model.get_nodes_by_op_type("ConvolutionInputGenerator"):
        assert getCustomOp(node).get_nodeattr("depthwise") == 0
    for node in model.get_nodes_by_op_type("StreamingMaxPool"):
        assert getCustomOp(node).get_nodeattr("PoolDim") == [2, 2]
    for node in model.graph.node:
        if node.domain == HW_DOMAIN:
            assert all(model.get_tensor_datatype(name).is_integer() for name in node.output)
            assert len(model.find_consumers(node.output[0])) <= 1, "a fork is an operator of its own"


def test_thresholds_stand_behind_the_shuffle() -> None:
    """On C channels instead of 4 C: a quarter of the threshold memory."""
    model = after(TRANSPOSE, "step_convert_to_hw").model
    (shuffle,) = model.get_nodes_by_op_type("PixelShuffle")
    assert model.find_producer(shuffle.input[0]).op_type == "MVAU"
    assert model.find_consumer(shuffle.output[0]).op_type == "Thresholding"


def test_a_concat_of_three_is_a_chain_of_two() -> None:
    model = after(ForeignNet(dense_skips=True, power_of_two_scales=True), "step_convert_to_hw").model
    first, second = model.get_nodes_by_op_type("StreamingConcat")
    assert len(first.input) == len(second.input) == 2
    assert second.input[0] == first.output[0]
    assert getCustomOp(second).get_nodeattr("ChannelsPerStream") == [8, 4]


def test_both_inputs_of_a_concat_have_one_type() -> None:
    net = ForeignNet(power_of_two_scales=True, shared_skip_quantizer=False, skip_bits=3)
    (concat,) = after(net, "step_convert_to_hw").model.get_nodes_by_op_type("StreamingConcat")
    assert getCustomOp(concat).get_nodeattr("inputDataTypes") == ["UINT4", "UINT4"]


@pytest.mark.parametrize(
    ("given", "common"),
    [
        (["UINT3", "UINT5"], "UINT5"),
        (["INT4", "UINT4"], "INT5"),
        (["INT4", "UINT3"], "INT4"),
        (["INT2", "INT7"], "INT7"),
    ],
)
def test_common_datatype(given: list[str], common: str) -> None:
    assert common_datatype([DataType[name] for name in given]).name == common


def test_a_fraction_in_the_middle_is_named() -> None:
    model = ModelWrapper(after(UPSAMPLE, "step_lower").model.model, make_deepcopy=True)
    threshold = model.get_nodes_by_op_type("MultiThreshold")[2]
    tensor = threshold.output[0]
    threshold.output[0] = "before_sigmoid"
    model.set_tensor_shape("before_sigmoid", model.get_tensor_shape(tensor))
    model.set_tensor_datatype("before_sigmoid", model.get_tensor_datatype(tensor))
    position = list(model.graph.node).index(threshold) + 1
    model.graph.node.insert(position, helper.make_node("Sigmoid", ["before_sigmoid"], [tensor], name="Sigmoid_0"))
    with pytest.raises(UserError, match="hardware cannot compute it") as caught:
        step_convert_to_hw(model, None)
    assert caught.value.what.startswith("down.0/node_max_pool2d: ")
