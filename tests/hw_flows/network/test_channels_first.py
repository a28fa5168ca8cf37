# SPDX-License-Identifier: BSD-3-Clause
"""Files in QONNX's channels-last form answer what they answered before, and come out as ONNX has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
from qonnx.util.cleanup import cleanup_model

from hw_flows.network.channels_first import DOMAIN, OPERATORS
from hw_flows.network.clean import clean_network
from hw_flows.network.execute import execute_file
from hw_flows.network.file import load_network
from tests.hw_flows.foreign import Exported, ForeignNet
from tests.hw_flows.front_end import exported
from tests.hw_flows.whole_way import after_every_step_right

NETS = {
    "U-Net": ForeignNet(),
    "joined before it is quantized again, sigmoid": ForeignNet(requantized_concat=True, sigmoid_output=True),
    "scales a channel, biases, three colours": ForeignNet(
        in_channels=3, scale_per_channel=True, convolution_bias=True, batch_norm=False, signed_activations=True
    ),
    "transposed convolutions": ForeignNet(decoder="transpose"),
}


def _turned(net: ForeignNet, folder: Path, image_too: bool) -> Exported:
    """The network as `qonnx-to-channels-last` writes it."""
    before = exported(net)
    model = cleanup_model(ModelWrapper(str(before.path)))
    model = model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=image_too))
    model = cleanup_model(model)
    assert any(node.domain == DOMAIN and node.op_type in OPERATORS for node in model.graph.node)
    model.save(str(folder / "network.onnx"))
    return Exported(folder / "network.onnx", before.frames, before.outputs)


@pytest.mark.parametrize("image_too", [False, True])
@pytest.mark.parametrize("name", NETS)
def test_it_answers_the_same(name: str, image_too: bool, tmp_path: Path) -> None:
    network = _turned(NETS[name], tmp_path, image_too)
    model = load_network(network.path)
    assert all(node.domain != DOMAIN for node in model.graph.node)
    (answer,) = execute_file(ModelWrapper(model), {model.graph.input[0].name: network.frames[:1]}).values()
    expected = network.outputs[:1]
    np.testing.assert_allclose(answer.reshape(expected.shape), expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("image_too", [False, True])
def test_no_transpose_is_left_before_the_last_convolution(image_too: bool, tmp_path: Path) -> None:
    model = clean_network(ModelWrapper(load_network(_turned(NETS["U-Net"], tmp_path, image_too).path)))
    assert {node.op_type for node in model.graph.node} <= {
        *("Conv", "Quant", "BatchNormalization", "Relu", "MaxPool", "Resize", "Concat")
    }


def test_every_step_is_right(tmp_path: Path) -> None:
    after_every_step_right(_turned(NETS["U-Net"], tmp_path, True), tmp_path)
