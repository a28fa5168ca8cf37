# SPDX-License-Identifier: BSD-3-Clause
"""Architectures of public libraries and papers, quantized as their users do, become operators that answer the same.

`python -m trust --only architectures` builds them all up to the simulation; here one is, and those that have parts of their own
go as far as the folding.
"""

from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.config import BuildConfig
from hw_flows.network.answers import answer
from hw_flows.network.execute import execute_network
from hw_flows.network.read import read_network
from hw_flows.steps import load_step
from tests.hw_flows.architectures.architectures import ARCHITECTURES
from tests.hw_flows.front_end import FRONT_END
from tests.hw_flows.whole_way import bit_exact_in_hardware

CHOSEN = (
    "Unet, mobilenet_v2",
    "Unet, efficientnet-b0",
    "Unet, resnet18, scSE",
    "UnetPlusPlus, vgg11_bn",
    "PyTorch-UNet, bilinear",
    "U-Net of 2015",
    "DynUNet",
    "AttentionUnet",
    "U-Net 3+",
    "ENet",
)


@pytest.mark.parametrize("name", CHOSEN)
def test_it_becomes_folded_operators_that_answer_as_the_library_does(name: str, tmp_path: Path) -> None:
    network = ARCHITECTURES[name].export(tmp_path / "network.onnx", frames=1)
    read = read_network(network.path)
    logits = answer(read.parts, read.image, network.frames).logits
    if read.parts.head is None:
        np.testing.assert_allclose(logits, network.outputs, rtol=0, atol=1e-6 * np.abs(logits).max())
    assert logits.std() > 0, "a network that always answers the same shows nothing"
    model = ModelWrapper(read.parts.body)
    cfg = BuildConfig(output_dir=tmp_path, synth_clk_period_ns=10, target_fps=1000, flow="none")
    for step in (*FRONT_END, "step_apply_folding"):
        model = load_step(step)(model, cfg)
    parent = ModelWrapper(str(tmp_path / "intermediate_models" / "dataflow_parent.onnx"))
    found = execute_network(model, parent, network.frames)
    np.testing.assert_allclose(found, logits, rtol=0, atol=2e-6 * np.abs(logits).max())


def test_the_hardware_is_bit_exact(tmp_path: Path) -> None:
    network = ARCHITECTURES["PyTorch-UNet, transposed"].export(tmp_path / "network.onnx")
    bit_exact_in_hardware(network, tmp_path)
