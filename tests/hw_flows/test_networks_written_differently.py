# SPDX-License-Identifier: BSD-3-Clause
"""However a network is written down, each step of the front end keeps its answer, or it is refused before the first."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.build import build
from hw_flows.config import BuildConfig
from hw_flows.machine.errors import UserError
from hw_flows.network.clean import clean_network
from hw_flows.network.execute import execute_network
from hw_flows.network.file import load_network
from hw_flows.steps import load_step
from tests.hw_flows import activation_networks
from tests.hw_flows.front_end import FRONT_END
from tests.hw_flows.written_differently import NETWORKS, REFUSED, export

ALL = {**NETWORKS, **activation_networks.NETWORKS}
ALL_REFUSED = {**REFUSED, **activation_networks.REFUSED}


@pytest.mark.parametrize("name", ALL)
def test_every_step_keeps_the_answer(name: str, tmp_path: Path) -> None:
    network = export(name, ALL[name], tmp_path / "net.onnx")
    assert network.outputs.std() > 0, "a network that always answers the same shows nothing"
    model, parent = ModelWrapper(load_network(network.path)), None
    for step in FRONT_END:
        model = load_step(step)(model, SimpleNamespace(output_dir=str(tmp_path)))
        if step == "step_create_dataflow_partition":
            parent = ModelWrapper(str(tmp_path / "intermediate_models" / "dataflow_parent.onnx"))
        for frame, expected in zip(network.frames, network.outputs, strict=True):
            answer = execute_network(model, parent, frame[None])[0]
            np.testing.assert_allclose(answer, expected, rtol=0, atol=2e-6 * np.abs(expected).max(), err_msg=step)


@pytest.mark.parametrize(
    "name",
    [
        "nested skips",
        "the image is convolved and pooled",
        "one convolution, two batch normalizations of other signs",
        "SiLU",
        "zero points of 8 bits, pooled, with padding behind",
    ],
)
def test_the_hardware_is_bit_exact(name: str, tmp_path: Path) -> None:
    network = export(name, ALL[name], tmp_path / "net.onnx")
    for file, values in (("x", network.frames), ("y", network.outputs)):
        np.save(tmp_path / f"{file}.npy", values.astype(np.float32))
    cfg = BuildConfig(
        model=network.path,
        verify_input_npy=tmp_path / "x.npy",
        verify_expected_output_npy=tmp_path / "y.npy",
        output_dir=tmp_path / "build",
        target_fps=20_000,
        frames=2,
        jobs=1,
        flow="none",
        stop_step="step_verify",
    )
    result = build(cfg)
    assert result.ok, result.failures
    verification = json.loads((cfg.output_dir / "report" / "verification.json").read_text())
    assert verification["bit_exact"] is True
    assert verification["tensors_compared"] == verification["streams"]


@pytest.mark.parametrize("name", ALL_REFUSED)
def test_what_has_no_hardware_is_refused_in_the_networks_own_words(name: str, tmp_path: Path) -> None:
    make, words = ALL_REFUSED[name]
    network = export(name, make, tmp_path / "net.onnx")
    with pytest.raises(UserError, match=words) as caught:
        clean_network(ModelWrapper(load_network(network.path)))
    assert caught.value.fix
    assert "Transpose" not in str(caught.value).replace("ConvTranspose", "")
