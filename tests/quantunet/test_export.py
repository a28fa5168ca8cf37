# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import getpass
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from torch import nn

from quantunet.checkpoint import load_checkpoint
from quantunet.config import ModelConfig
from quantunet.export import export_qonnx
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths
from quantunet.train import TrainingResult
from tests.quantunet.refusal import refused


def network(decoder: str, **settings: str) -> QuantUNet:
    """Mixed widths, negative batch-norm gammas, statistics and scales away from their initial values."""
    torch.manual_seed(0)
    shape = {"depth": 2, "base_width": 2, "in_channels": 2, "out_channels": 2, "image_size": (8, 12)}
    model = QuantUNet(ModelConfig.model_validate({**shape, "decoder": decoder, **settings}))
    with torch.no_grad():
        for index, (_, width) in enumerate(learned_widths(model)):
            width.bit_width_offset.fill_(index % 7)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(-1.5, 1.5)
                module.bias.uniform_(-0.5, 1)
        for _ in range(3):
            model(pixels(4, model))
    freeze_widths(model)
    return model.eval()


def pixels(count: int, model: QuantUNet) -> torch.Tensor:
    return torch.randint(0, 256, (count, *model.input_shape)) / 255


@pytest.mark.parametrize("scales", [{}, {"weight_scales": "learned", "weight_scales_per": "channel"}])
@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
def test_the_exported_network_gives_the_logits_of_the_trained_one(
    decoder: str, scales: dict[str, str], tmp_path: Path
) -> None:
    model = network(decoder, **scales)
    export_qonnx(model, tmp_path / "net.onnx")
    exported = ModelWrapper(str(tmp_path / "net.onnx"))
    (source,), (sink,) = exported.graph.input, exported.graph.output
    assert exported.get_tensor_shape(source.name) == [1, 2, 8, 12]
    for image in pixels(3, model).split(1):
        with torch.no_grad():
            expected = model(image).numpy()
        logits = execute_onnx(exported, {source.name: image.numpy()})[sink.name]
        assert expected.std() > 0.01
        np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        assert np.array_equal(logits > 0, expected > 0)


@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
def test_every_width_is_in_the_file(decoder: str, tmp_path: Path) -> None:
    model = network(decoder)
    export_qonnx(model, tmp_path / "net.onnx")
    exported = ModelWrapper(str(tmp_path / "net.onnx"))
    found = [float(exported.get_initializer(node.input[3])) for node in exported.get_nodes_by_op_type("Quant")]
    layers = model.layers()
    bits = {name: width().item() for name, width in learned_widths(model)}
    # One for the pixels, one a weight tensor, one an activation; a shared one is applied in both branches.
    expected = [8.0] + [bits[layer.name] for layer in layers]
    expected += [bits[layer.activation] for layer in layers if layer.activation is not None]
    assert sorted(found) == sorted(expected)
    assert len(exported.get_nodes_by_op_type("BatchNormalization")) == len(layers) - 1


def test_the_file_is_whole_and_says_nothing_about_this_machine(trained: TrainingResult, tmp_path: Path) -> None:
    model = load_checkpoint(trained.checkpoint)
    export_qonnx(model, tmp_path / "net.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]
    content = (tmp_path / "net.onnx").read_bytes()
    text = content.decode("latin-1")
    for secret in (
        sys.prefix,
        str(Path(__file__).parents[2]),
        str(Path.home()) + "/",
        "site-packages",
        "Traceback",
    ):
        assert secret not in text
    assert not re.search(r"\w+\.py\b", text)
    assert len(getpass.getuser()) < 5 or getpass.getuser() not in text
    assert not any(
        onnx.external_data_helper.uses_external_data(t) for t in onnx.load_from_string(content).graph.initializer
    )


def test_the_same_network_gives_the_same_bytes(trained: TrainingResult, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export_qonnx(load_checkpoint(trained.checkpoint), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_exporting_leaves_the_network_as_it_was(trained: TrainingResult, tmp_path: Path) -> None:
    model = load_checkpoint(trained.checkpoint)
    image = pixels(2, model)
    with torch.no_grad():
        before = model(image)
        export_qonnx(model, tmp_path / "net.onnx")
        assert torch.equal(model(image), before)


def test_a_path_that_cannot_be_written_is_named(trained: TrainingResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with refused(r"net\.onnx: the file cannot be written"):
        export_qonnx(load_checkpoint(trained.checkpoint), tmp_path / "file" / "net.onnx")
