# SPDX-License-Identifier: BSD-3-Clause
"""Files that leave the size of their images open, hold a batch, or have several outputs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from brevitas.export import export_qonnx
from torch import Tensor, cat, nn
from torch.nn import functional

from hw_flows.config import load_config
from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer
from hw_flows.network.read import ReadNetwork, read_network
from tests.hw_flows.test_cli import assert_refused, qu_build
from tests.hw_flows.written_differently import conv, identity, pool, relu


class Resized(nn.Module):
    """Resizes to the skip's size and pads what is missing, as PyTorch-UNet does; two outputs where asked for."""

    def __init__(self, two: bool = False) -> None:
        super().__init__()
        self.image, self.first, self.q = identity(8, signed=False), conv(1), relu()
        self.down, self.last, self.early, self.two = conv(), conv(8, 2, 1, bias=True), conv(4, 3, 1, bias=True), two

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        skip = self.q(self.first(self.image(x)))
        below = self.q(self.down(pool(skip)))
        up = functional.interpolate(below, size=(skip.shape[2], skip.shape[3]), mode="nearest")
        up = functional.pad(up, [0, skip.shape[3] - up.shape[3], 0, skip.shape[2] - up.shape[2]])
        last = self.last(cat([skip, up], 1))
        return (self.early(below), last) if self.two else last


@cache
def _net(two: bool) -> nn.Module:
    torch.manual_seed(7)
    net = Resized(two).train()
    with torch.no_grad():
        for _ in range(5):
            net(torch.rand(4, 1, 16, 16))
    return net.eval()


def _export(
    path: Path, axes: dict[int, str] | None = None, batch: int = 1, two: bool = False, opset_version: int = 17
) -> Path:
    names = ["early", "last"] if two else ["last"]
    export_qonnx(
        _net(two),
        args=torch.rand(batch, 1, 16, 16),
        export_path=str(path),
        input_names=["x"],
        output_names=names,
        dynamo=False,
        opset_version=opset_version,
        **({"dynamic_axes": {"x": axes}} if axes else {}),
    )
    return path


@pytest.mark.parametrize("version", [11, 13, 16, 18, 21])
def test_operator_sets_from_11_to_21_are_read(version: int, tmp_path: Path) -> None:
    path = _export(tmp_path / "net.onnx", opset_version=min(version, 20))
    if version > 20:  # above what the exporter writes; none of its operators has changed
        model = onnx.load(path)
        next(entry for entry in model.opset_import if entry.domain == "").version = version
        onnx.save(model, str(path))
    read = read_network(path)
    read.require_hardware()
    _assert_answers(read, (16, 16))


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    model = onnx.load(_export(tmp_path / "whole.onnx"))
    path = tmp_path / "net.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="net.data", size_threshold=16)
    assert (tmp_path / "net.data").stat().st_size
    _assert_answers(read_network(path), (16, 16))


def _assert_answers(read: ReadNetwork, shape: tuple[int, int], two: bool = False, index: int = 1) -> None:
    frame = torch.rand(1, 1, *shape)
    with torch.no_grad():
        expected = _net(two)(frame)
    expected = expected[index] if two else expected
    found = answer(read.parts, read.image, frame.numpy()).output
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("axes", [{0: "batch"}, {0: "n", 2: "h", 3: "w"}, {2: "h", 3: "w"}])
def test_an_open_size_is_chosen_and_what_follows_from_it_is_computed(axes: dict[int, str], tmp_path: Path) -> None:
    path = _export(tmp_path / "net.onnx", axes)
    shape = (24, 40) if 2 in axes else (16, 16)
    read = read_network(path, (1, 1, *shape) if 2 in axes else None)
    read.require_hardware()
    assert read.shapes.image == (1, *shape)
    assert read.shapes.logits == (2, *shape)
    _assert_answers(read, shape)


def test_a_batch_becomes_one_image(tmp_path: Path) -> None:
    read = read_network(_export(tmp_path / "net.onnx", batch=3))
    read.require_hardware()
    assert read.shapes.logits == (2, 16, 16)
    _assert_answers(read, (16, 16))


def test_an_open_size_is_refused_with_the_option(tmp_path: Path) -> None:
    path = _export(tmp_path / "net.onnx", {0: "n", 2: "h"})
    with pytest.raises(UserError, match=r"has no fixed size: \(n, 1, h, 16\)") as caught:
        read_network(path)
    assert "--input-shape 1,1,256,16" in caught.value.fix


def test_another_number_of_channels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--input-shape 1,3,16,16 is not a size of the input x"):
        read_network(_export(tmp_path / "net.onnx", {0: "n"}), (1, 3, 16, 16))


def test_a_size_that_the_network_cannot_double_again_is_refused_by_layer(tmp_path: Path) -> None:
    path = _export(tmp_path / "net.onnx", {0: "n", 2: "h", 3: "w"})
    with pytest.raises(UserError, match=r"/Resize \(Resize\).* from \[1, 4, 7, 8\] to \[1, 4, 15, 16\]") as caught:
        read_network(path, (1, 1, 15, 16)).require_hardware()
    assert "divides by 2" in caught.value.fix


def test_several_outputs_are_refused_with_the_option(tmp_path: Path) -> None:
    path = _export(tmp_path / "net.onnx", two=True)
    with pytest.raises(UserError, match="2 outputs, from 2 different layers: early, last") as caught:
        read_network(path)
    assert "--output-tensor" in caught.value.fix
    with pytest.raises(UserError, match="no output 'other'") as caught:
        read_network(path, output="other")
    assert "early, last" in caught.value.fix


@pytest.mark.parametrize("index", [0, 1])
def test_one_of_several_outputs_is_chosen(index: int, tmp_path: Path) -> None:
    read = read_network(_export(tmp_path / "net.onnx", two=True), output=("early", "last")[index])
    read.require_hardware()
    assert [value.name for value in read.parts.body.graph.output] == [("early", "last")[index]]
    _assert_answers(read, (16, 16), two=True, index=index)


def test_sizes_that_belong_to_another_batch_are_refused(tmp_path: Path) -> None:
    model = onnx.load(_export(tmp_path / "net.onnx", batch=2))
    first = next(node for node in model.graph.node if node.op_type == "MaxPool")
    target = onnx.numpy_helper.from_array(np.array([2, 4, 16, 16], np.int64), "target")
    model.graph.initializer.append(target)
    model.graph.node.insert(0, onnx.helper.make_node("Reshape", [first.input[0], "target"], ["fixed"], name="to_size"))
    first.input[0] = "fixed"
    reshape = model.graph.node[0]
    del model.graph.node[0]
    model.graph.node.insert(list(model.graph.node).index(first), reshape)
    onnx.save(model, str(tmp_path / "net.onnx"))
    with pytest.raises(UserError, match="for images of this size"):
        read_network(tmp_path / "net.onnx")


@pytest.mark.parametrize("given", ["1,1,16", "2,1,16,16", "1,1,0,16", "1,1,16,100000", "1,1,a,16", "", "1" * 300])
def test_a_bad_size_is_refused(given: str, tmp_path: Path) -> None:
    assert_refused(qu_build("--check", _missing(tmp_path), "--input-shape", given), "shape")


def _missing(folder: Path) -> Path:
    return folder / "net.onnx"


def test_the_configuration_has_the_same_keys(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("input_shape: [1, 1, 32, 32]\noutput_tensor: last\n")
    cfg = load_config(file, {})
    assert (cfg.input_shape, cfg.output_tensor) == ((1, 1, 32, 32), "last")


def test_a_checkpoint_has_its_own_size() -> None:
    from quantunet.checkpoints import DEMO

    assert_refused(qu_build("--check", DEMO, "--input-shape", "1,1,32,32"), "for ONNX files")
