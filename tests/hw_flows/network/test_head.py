# SPDX-License-Identifier: BSD-3-Clause
"""What follows the last convolution is split off; hardware always ends with logits, and both together are the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from brevitas.nn import QuantIdentity, QuantSigmoid
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from torch import nn

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer, image_input, interface
from hw_flows.network.clean import clean_network
from hw_flows.network.file import load_network
from hw_flows.network.head import SplitNetwork, split_head
from tests.hw_flows.foreign import ForeignNet, build, export_module, frames
from tests.hw_flows.heads import HEADS, WithHead, export_with_head

NET = ForeignNet(classes=2, image=(8, 12))


def split(path: Path) -> SplitNetwork:
    return split_head(load_network(path))


def export_behind(behind: Any, path: Path, net: ForeignNet = NET) -> np.ndarray:
    """A U-Net with `behind` at its end, as a file; what it answers to one frame."""
    x = frames(net, 1, torch.Generator().manual_seed(1))
    return export_module(WithHead(build(net), behind), x, path, dynamo=False)


@pytest.mark.parametrize("name", HEADS)
def test_body_and_head_together_answer_as_the_network_does(name: str, tmp_path: Path) -> None:
    network = export_with_head(name, tmp_path / "network.onnx")
    model = load_network(network.path)
    parts = split_head(model)
    image = image_input(model, network.path)
    answers = answer(parts, image, network.frames)
    classes = HEADS[name][0]
    assert answers.logits.shape == (2, classes, 8, 12)
    assert interface(parts, image, network.path).output == answers.output.shape[1:]
    expected = network.outputs.reshape(answers.output.shape)
    if answers.output.dtype.kind == "f":
        np.testing.assert_allclose(answers.output, expected, rtol=1e-5, atol=1e-5)
    else:
        np.testing.assert_array_equal(answers.output, expected)
        assert answers.output.dtype == network.outputs.dtype
    assert parts.host_operators
    clean_network(ModelWrapper(parts.body))  # has hardware


def test_the_dynamo_exporter_s_files_are_split_too(tmp_path: Path) -> None:
    network = export_with_head("to the size of what it knows", tmp_path / "network.onnx", dynamo=True)
    model = load_network(network.path)
    answers = answer(split_head(model), image_input(model, network.path), network.frames)
    np.testing.assert_allclose(answers.output, network.outputs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("net", "behind"),
    [
        (ForeignNet(), nn.Identity()),
        (ForeignNet(quantized_output=True, classes=4, seed=4), nn.Identity()),
        (NET, lambda y: y * 0.5 + torch.tensor([[[1.0]], [[2.0]]])),
        (NET, nn.BatchNorm2d(2).eval()),
    ],
    ids=["nothing", "a quantizer", "a scale and a bias a channel", "batch norm"],
)
def test_what_thresholds_or_a_scale_and_a_bias_compute_stays_with_the_last_convolution(
    net: ForeignNet, behind: Any, tmp_path: Path
) -> None:
    export_behind(behind, tmp_path / "network.onnx", net)
    parts = split(tmp_path / "network.onnx")
    assert parts.head is None
    assert parts.host_operators == ()


@pytest.mark.parametrize(
    ("behind", "operators"),
    [
        (lambda y: y * torch.arange(12.0), ["Mul"]),
        (QuantSigmoid(bit_width=8), ["Sigmoid", "Quant"]),
        (lambda y: torch.sigmoid(2 * y), ["Sigmoid"]),
    ],
    ids=["a number a pixel", "a quantizer of something else", "a scale and then something else"],
)
def test_everything_else_is_for_the_host(behind: Any, operators: list[str], tmp_path: Path) -> None:
    export_behind(behind, tmp_path / "network.onnx")
    assert list(split(tmp_path / "network.onnx").host_operators) == operators


def test_a_quantizer_at_the_end_is_hardware_and_what_follows_it_is_not(tmp_path: Path) -> None:
    end = nn.Sequential(QuantIdentity(bit_width=4, return_quant_tensor=False), nn.Softmax(1))
    export_behind(end, tmp_path / "network.onnx")
    parts = split(tmp_path / "network.onnx")
    assert parts.host_operators == ("Softmax",)
    assert parts.body.graph.node[-1].op_type == "Quant"


def test_logits_and_what_is_made_of_them_may_both_be_outputs(tmp_path: Path) -> None:
    x = frames(NET, 1)
    module = WithHead(build(NET), lambda y: (y, torch.softmax(y, 1)))
    with torch.no_grad():
        expected = module(x)[0].numpy()
    from brevitas.export import export_qonnx

    export_qonnx(module, args=x, export_path=str(tmp_path / "network.onnx"), dynamo=False)
    model = load_network(tmp_path / "network.onnx")
    parts = split_head(model)
    answers = answer(parts, image_input(model, tmp_path), x.numpy())
    np.testing.assert_allclose(answers.output, expected, rtol=1e-5, atol=1e-5)
    assert parts.host_operators == ("Softmax",)


class DeepSupervision(nn.Module):
    """Two networks read one image."""

    def __init__(self, join: Any) -> None:
        super().__init__()
        self.first, self.second, self.join = build(NET), build(ForeignNet(classes=2, image=(8, 12), seed=1)), join

    def forward(self, x: torch.Tensor) -> Any:
        return self.join(self.first(x), self.second(x), x)


def export_supervised(join: Any, path: Path) -> None:
    from brevitas.export import export_qonnx

    export_qonnx(DeepSupervision(join), args=frames(NET, 1), export_path=str(path), dynamo=False)


def test_two_outputs_of_two_layers_are_refused_and_the_advice_helps(tmp_path: Path) -> None:
    export_supervised(lambda a, b, x: (a, b), tmp_path / "network.onnx")
    with pytest.raises(UserError, match="2 outputs, from 2 different layers") as caught:
        split(tmp_path / "network.onnx")
    name = caught.value.fix.partition("--output-tensor ")[2].partition(",")[0]
    assert split_head(load_network(tmp_path / "network.onnx", output=name)).head is None


@pytest.mark.parametrize(
    "join", [lambda a, b, x: (a + b) / 2, lambda a, b, x: a * x], ids=["an average of outputs", "the image masked"]
)
def test_an_output_of_several_tensors_is_refused_with_their_names(join: Any, tmp_path: Path) -> None:
    export_supervised(join, tmp_path / "network.onnx")
    with pytest.raises(UserError, match="computed from 2 tensors behind the last convolution") as caught:
        split(tmp_path / "network.onnx")
    assert "Conv" in caught.value.where


def test_what_leads_to_no_output_is_left_out(tmp_path: Path) -> None:
    export_with_head("argmax", tmp_path / "network.onnx")
    model = load_network(tmp_path / "network.onnx")
    logits = split_head(model).logits
    model.graph.node.append(helper.make_node("Sigmoid", [logits], ["unused"]))
    model.graph.initializer.append(numpy_helper.from_array(np.ones(3, np.float32), "unused too"))
    parts = split_head(model)
    assert parts.head is not None
    assert parts.host_operators == ("ArgMax",)
    assert "unused too" not in {tensor.name for tensor in parts.body.graph.initializer}


def test_a_network_without_convolutions_is_all_body() -> None:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 4, 4]) for name in "xy"]
    model = helper.make_model(helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:]))
    assert split_head(model) == SplitNetwork(model, None, "y", "y")
