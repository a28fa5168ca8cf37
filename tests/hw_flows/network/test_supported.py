# SPDX-License-Identifier: BSD-3-Clause
"""A network without hardware is refused with the name of the layer, before anything is converted."""

import re

import numpy as np
import pytest
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_name
from hw_flows.machine.errors import UserError
from hw_flows.network.quantizer import check_quantizer
from hw_flows.network.supported import check_supported
from hw_flows.steps import load_step
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after, exported

CLEANUP = "step_qonnx_cleanup"

REFUSED = {
    "sigmoid": ("enter.0.2/node_sigmoid (Sigmoid)", "QuantReLU"),
    "group_norm": ("enter.0.1/node_InstanceNormalization_", "batch normalization"),
    "no_quantizer": ("enter.0.2/node_relu_1 (Relu)", "QuantReLU"),
    "wide_average": ("over 64 pixels of 18 bits, go into ", "put a quantizer"),
}


@pytest.mark.parametrize("layer", REFUSED)
def test_a_layer_without_hardware_is_named(layer: str) -> None:
    with pytest.raises(UserError) as caught:
        after(ForeignNet(unsupported=layer), CLEANUP)
    node, advice = REFUSED[layer]
    assert node in caught.value.what
    assert advice in caught.value.fix
    assert "between" in caught.value.where


def _clean() -> ModelWrapper:
    return ModelWrapper(after(ForeignNet(), CLEANUP).model.model, make_deepcopy=True)


def _activation_quantizer(model: ModelWrapper):
    return [n for n in model.get_nodes_by_op_type("Quant") if model.get_initializer(n.input[0]) is None][1]


def test_an_input_without_quantizer_is_refused_unless_it_is_annotated_as_integers() -> None:
    net = ForeignNet(input_quantizer=False)
    with pytest.raises(UserError, match=r"input goes into enter\.0\.0/\S+ without a quantizer"):
        load_step(CLEANUP)(ModelWrapper(str(exported(net).path)), None)
    assert after(net, CLEANUP).model.get_tensor_datatype("global_in") == DataType["UINT8"]


@pytest.mark.parametrize(
    ("operand", "value", "words"),
    [(3, 3.4, "not one whole number"), (3, 9.0, "9 bits have no hardware"), (2, 0.5, "zero point")],
)
def test_a_quantizer_without_hardware_is_refused(operand: int, value: float, words: str) -> None:
    model = _clean()
    node = _activation_quantizer(model)
    name = model.make_new_valueinfo_name()
    model.set_initializer(name, np.float32(value))
    node.input[operand] = name
    with pytest.raises(UserError, match=words) as caught:
        check_quantizer(model, node)
        check_supported(model)
    assert layer_name(node) in caught.value.what


def test_branches_of_unequal_scales_in_groups_are_refused_with_both_scales() -> None:
    with pytest.raises(UserError, match="joined before it have different scales") as caught:
        after(ForeignNet(groups=2, shared_skip_quantizer=False), CLEANUP)
    told = r"scales, 0\.\d+ \(up_act\.0\.\S+\), 0\.\d+ \(skip_act\.0\.\S+\), and it works in groups"
    assert re.search(told, caught.value.what)
    assert "quantize all branches of the Concat by one quantizer" in caught.value.fix


def test_an_unknown_rounding_mode_is_refused() -> None:
    model = _clean()
    node = _activation_quantizer(model)
    next(a for a in node.attribute if a.name == "rounding_mode").s = b"STOCHASTIC"
    with pytest.raises(UserError, match="rounding mode STOCHASTIC"):
        check_quantizer(model, node)


def test_an_addition_instead_of_a_concatenation_has_hardware_where_the_convolution_behind_it_takes_it() -> None:
    model = _clean()
    concat = model.get_nodes_by_op_type("Concat")[0]
    concat.op_type = "Add"
    del concat.attribute[:]
    check_supported(model)  # one quantizer makes both
    quantizer = next(n for n in model.graph.node if n.output[0] == concat.input[0])
    quantizer.input[1] = model.make_new_valueinfo_name()
    model.set_initializer(quantizer.input[1], np.float32(0.123))
    with pytest.raises(UserError, match=r"0\.123 .* reads the sum without a quantizer"):
        check_supported(model)


@pytest.mark.parametrize("op_type", ["Sub", "Div"])
def test_other_arithmetic_of_two_branches_is_refused(op_type: str) -> None:
    model = _clean()
    concat = model.get_nodes_by_op_type("Concat")[0]
    concat.op_type = op_type
    del concat.attribute[:]
    with pytest.raises(UserError, match=f"{op_type} of two branches"):
        check_supported(model)


def test_a_product_of_two_branches_has_hardware_where_the_convolution_behind_it_takes_it() -> None:
    model = _clean()
    concat = model.get_nodes_by_op_type("Concat")[0]
    concat.op_type = "Mul"
    del concat.attribute[:]
    check_supported(model)  # 4 bits times 4 bits
    for name in concat.input:
        quantizer = next(n for n in model.graph.node if n.output[0] == name)
        quantizer.input[3] = model.make_new_valueinfo_name()
        model.set_initializer(quantizer.input[3], np.float32(8))
        quantizer.input[2] = model.make_new_valueinfo_name()
        model.set_initializer(quantizer.input[2], np.float32(100))  # -100 to 155
    with pytest.raises(UserError, match=r"\(Mul\): its results, whole numbers of 18 bits, go into "):
        check_supported(model)


def test_sums_that_float32_does_not_count_are_refused() -> None:
    model = ModelWrapper(after(ForeignNet(downsample="average_pool"), CLEANUP).model.model, make_deepcopy=True)
    pool = model.get_nodes_by_op_type("AveragePool")[0]
    pool.op_type = "GlobalAveragePool"
    del pool.attribute[:]
    model.set_tensor_shape(pool.input[0], [1, 4, 4096, 4096])
    with pytest.raises(UserError, match=r"its sums over 16777216 pixels reach 251658240, more than 16777216") as caught:
        check_supported(model)
    assert "(GlobalAveragePool)" in caught.value.what


def test_windows_of_padding_alone_are_refused() -> None:
    model = _clean()
    pool = model.get_nodes_by_op_type("MaxPool")[0]
    next(a for a in pool.attribute if a.name == "pads").ints[:] = [0, 0, 2, 0]
    with pytest.raises(UserError, match=r"windows lie in the padding alone: kernel \[2, 2\], pads \[0, 0, 2, 0\]"):
        check_supported(model)


def test_a_floating_point_model_is_refused() -> None:
    model = _clean()
    for node in list(model.get_nodes_by_op_type("Quant")):
        node.op_type, node.domain = "Identity", ""
        del node.input[1:]
        del node.attribute[:]
    with pytest.raises(UserError, match="floating-point model"):
        check_supported(model)
