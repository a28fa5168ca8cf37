# SPDX-License-Identifier: BSD-3-Clause
"""What ends the reading of a file is told with the cure that fits where it comes from."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from hw_flows.machine.errors import UserError
from hw_flows.network.file import load_network
from hw_flows.network.read import read_network


def _of_one_operator(
    path: Path, op_type: str, domain: str, shape: tuple[int, ...] = (1, 1, 8, 8), kind: int = TensorProto.FLOAT
) -> Path:
    image = helper.make_tensor_value_info("image", kind, shape)
    mask = helper.make_tensor_value_info("mask", kind, (1, 64) if op_type == "Flatten" else shape)
    graph = helper.make_graph([helper.make_node(op_type, ["image"], ["mask"], domain=domain)], "net", [image], [mask])
    domains = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    onnx.save(helper.make_model(graph, opset_imports=domains), str(path))
    return path


@pytest.mark.parametrize(
    ("domain", "op_type", "cure"),
    [
        ("org.pytorch.aten", "native_group_norm", "dynamo=True"),
        ("finn.custom_op.fpgadataflow.hls", "MVAU_hls", "before FINN's steps"),
        ("qonnx.custom_op.general", "MultiThreshold", "before that"),
        ("com.microsoft", "DequantizeLinear", "quantize to 8 bits"),
        ("com.microsoft", "QLinearConcat", "QuantFormat.QDQ"),
        ("mmdeploy", "MMCVDeformConv2d", "a layer of PyTorch's own"),
        ("", "QLinearConv", "QuantFormat.QDQ"),
        ("", "ConvInteger", "QuantFormat.QDQ"),
        ("", "DynamicQuantizeLinear", "QuantFormat.QDQ"),
        ("", "SequenceConstruct", "dynamo=True"),
    ],
)
def test_the_cure_fits_the_origin(domain: str, op_type: str, cure: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_network(_of_one_operator(tmp_path / "net.onnx", op_type, domain))
    assert op_type in caught.value.what + caught.value.where
    assert "that gives mask" in caught.value.where
    assert cure in caught.value.fix


@pytest.mark.parametrize(
    ("shape", "kind", "said", "cure"),
    [
        ((1, 1, 32), TensorProto.FLOAT, "a signal", "an image of one row"),
        ((1, 1, 8, 8, 8), TensorProto.FLOAT, "a volume", "a network of slices"),
        ((1, 1, 8, 8), TensorProto.FLOAT16, "computes in float16", "model.float()"),
        ((1, 1, 8, 8), TensorProto.DOUBLE, "computes in float64", "model.float()"),
    ],
)
def test_what_is_no_image_in_float32_is_told_as_what_it_is(
    shape: tuple[int, ...], kind: int, said: str, cure: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read_network(_of_one_operator(tmp_path / "net.onnx", "Relu", "", shape, kind))
    assert cure in caught.value.fix


def test_a_network_without_convolution_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no convolution"):
        read_network(_of_one_operator(tmp_path / "net.onnx", "Flatten", ""))
