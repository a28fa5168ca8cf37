# SPDX-License-Identifier: BSD-3-Clause
"""Networks that ONNX Runtime has quantized after training, in the QDQ format."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from torch import Tensor, cat, nn
from torch.nn import functional

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer
from hw_flows.network.execute import execute_network
from hw_flows.network.read import ReadNetwork, read_network
from hw_flows.steps import load_step
from tests.hw_flows.front_end import FRONT_END

quantization = pytest.importorskip("onnxruntime.quantization")
INT8, UINT8 = quantization.QuantType.QInt8, quantization.QuantType.QUInt8
SYMMETRIC = {"ActivationSymmetric": True}
KINDS: dict[str, dict[str, Any]] = {
    "unsigned activations": {"activation_type": UINT8, "weight_type": INT8},
    "signed activations": {"activation_type": INT8, "weight_type": INT8},
    "unsigned weights": {"activation_type": UINT8, "weight_type": UINT8},
    "a scale a channel": {"activation_type": UINT8, "weight_type": INT8, "per_channel": True},
    "symmetric": {"activation_type": INT8, "weight_type": INT8, "extra_options": SYMMETRIC},
    "symmetric, a scale a channel": {
        "activation_type": INT8,
        "weight_type": INT8,
        "per_channel": True,
        "extra_options": SYMMETRIC,
    },
}


class UNet(nn.Module):
    """In float, with batch norm, a transposed convolution and a skip connection."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.middle, self.leave = _block(1, 4), _block(4, 8), _block(8, 4)
        self.up, self.head = nn.ConvTranspose2d(8, 4, 2, 2), nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enter(x)
        below = self.up(self.middle(functional.max_pool2d(skip, 2)))
        result: Tensor = self.head(self.leave(cat([skip, below], 1)))
        return result


def _block(i: int, o: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())


@cache
def _trained() -> nn.Module:
    torch.manual_seed(0)
    net = UNet().train()
    with torch.no_grad():
        for _ in range(5):
            net(torch.rand(4, 1, 16, 16))
    return net.eval()


def _frames(count: int) -> np.ndarray:
    return np.random.default_rng(5).random((count, 1, 16, 16), np.float32)


def _quantized(kind: str, folder: Path, network: nn.Module | None = None) -> ReadNetwork:
    exported, path = folder / "float.onnx", folder / "net.onnx"
    torch.onnx.export(
        network or _trained(), (torch.rand(1, 1, 16, 16),), str(exported), dynamo=False, input_names=["x"]
    )
    images = iter([{"x": frame[None]} for frame in _frames(8)])
    reader = SimpleNamespace(get_next=lambda: next(images, None))
    quantization.quantize_static(
        str(exported), str(path), reader, quant_format=quantization.QuantFormat.QDQ, **KINDS[kind]
    )
    return read_network(path)


@pytest.mark.parametrize("kind", KINDS)
def test_scales_and_zero_points_become_those_of_quantizers(kind: str, tmp_path: Path) -> None:
    read = _quantized(kind, tmp_path)
    clean = read.normal_form()
    types = {node.op_type for node in clean.graph.node}
    assert not types & {"QuantizeLinear", "DequantizeLinear", "Clip"}
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in read.model.graph.initializer}
    of_activations = [n for n in read.model.graph.node if n.op_type == "QuantizeLinear"]
    quantizers = [n for n in clean.graph.node if n.op_type == "Quant" and clean.get_initializer(n.input[0]) is None]
    wanted = {int(constants[n.input[2]]) for n in of_activations}
    assert {int(clean.get_initializer(n.input[2])) for n in quantizers} <= wanted
    assert (wanted == {0}) == ("symmetric" in kind)
    frames = _frames(2)
    answers = answer(read.parts, read.image, frames).logits
    assert answers.std() > 0
    for frame, expected in zip(frames, answers, strict=True):
        found = execute_network(clean, None, frame[None])[0]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "symmetric" in kind])
def test_every_step_keeps_the_answer(kind: str, tmp_path: Path) -> None:
    _every_step_keeps_the_answer(_quantized(kind, tmp_path), tmp_path)


def _every_step_keeps_the_answer(read: ReadNetwork, tmp_path: Path) -> None:
    frames = _frames(2)
    answers = answer(read.parts, read.image, frames).logits
    model, parent = ModelWrapper(read.parts.body), None
    for step in FRONT_END:
        model = load_step(step)(model, SimpleNamespace(output_dir=str(tmp_path)))
        if step == "step_create_dataflow_partition":
            parent = ModelWrapper(str(tmp_path / "intermediate_models" / "dataflow_parent.onnx"))
        for frame, expected in zip(frames, answers, strict=True):
            found = execute_network(model, parent, frame[None])[0]
            np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * np.abs(expected).max(), err_msg=step)


def test_the_other_format_is_refused_with_the_one_to_use(tmp_path: Path) -> None:
    exported, path = tmp_path / "float.onnx", tmp_path / "net.onnx"
    torch.onnx.export(_trained(), (torch.rand(1, 1, 16, 16),), str(exported), dynamo=False, input_names=["x"])
    images = iter([{"x": frame[None]} for frame in _frames(4)])
    reader = SimpleNamespace(get_next=lambda: next(images, None))
    quantization.quantize_static(
        str(exported), str(path), reader, quant_format=quantization.QuantFormat.QOperator, activation_type=UINT8
    )
    with pytest.raises(UserError) as caught:
        read_network(path).require_hardware()
    assert "QuantFormat.QDQ" in caught.value.fix


def test_weights_quantized_in_the_graph_are_those_of_the_file(tmp_path: Path) -> None:
    """As exports of networks that PyTorch has quantized: QuantizeLinear of constant floats."""
    path = tmp_path / "net.onnx"
    _quantized("symmetric", tmp_path)
    model = onnx.load(path)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in list(model.graph.node):
        if node.op_type != "DequantizeLinear" or not node.input[0].endswith("weight_quantized"):
            continue
        integers = numpy_helper.to_array(constants[node.input[0]])
        scale = numpy_helper.to_array(constants[node.input[1]])
        floats = numpy_helper.from_array((integers * scale).astype(np.float32), f"{node.name}_floats")
        model.graph.initializer.append(floats)
        quantized = f"{node.name}_quantized"
        model.graph.node.insert(
            0, onnx.helper.make_node("QuantizeLinear", [floats.name, *node.input[1:]], [quantized], name=quantized)
        )
        node.input[0] = quantized
    onnx.save(model, str(tmp_path / "other.onnx"))
    frames = _frames(1)
    answers = [
        answer(read.parts, read.image, frames).logits for read in map(read_network, (path, tmp_path / "other.onnx"))
    ]
    np.testing.assert_array_equal(*answers)
    clean = read_network(tmp_path / "other.onnx").normal_form()
    found = execute_network(clean, None, frames)
    np.testing.assert_allclose(found, answers[0], rtol=0, atol=1e-9 * np.abs(answers[0]).max())


class NormalizedBehindTransposed(nn.Module):
    """ONNX Runtime merges batch normalization into convolutions, not into transposed ones, and quantizes its factors."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.up, self.norm = _block(1, 4), nn.ConvTranspose2d(4, 4, 3, 2, 1, 1), nn.BatchNorm2d(4)
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        below = functional.max_pool2d(self.enter(x), 2)
        result: Tensor = self.head(functional.relu(self.norm(self.up(below))))
        return result


def test_quantized_factors_of_a_batch_normalization_are_constants(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = NormalizedBehindTransposed().train()
    with torch.no_grad():
        for _ in range(5):
            network(torch.rand(4, 1, 16, 16))
    read = _quantized("symmetric", tmp_path, network.eval())
    assert any(node.op_type == "BatchNormalization" for node in read.model.graph.node)
    _every_step_keeps_the_answer(read, tmp_path)
