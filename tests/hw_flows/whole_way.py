# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of networks ask of each: right after every step, bit-exact in hardware, or refused in its own words."""

from __future__ import annotations

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
from tests.hw_flows.foreign import Exported
from tests.hw_flows.front_end import FRONT_END


def after_every_step_right(network: Exported, folder: Path) -> ModelWrapper:
    """Each step of the front end keeps the answer to all frames; what the last one leaves."""
    assert network.outputs.std() > 0, "a network that always answers the same shows nothing"
    model, parent = ModelWrapper(load_network(network.path)), None
    for step in FRONT_END:
        model = load_step(step)(model, SimpleNamespace(output_dir=str(folder)))
        if step == "step_create_dataflow_partition":
            parent = ModelWrapper(str(folder / "intermediate_models" / "dataflow_parent.onnx"))
        for frame, expected in zip(network.frames, network.outputs, strict=True):
            answer = execute_network(model, parent, frame[None])[0]
            np.testing.assert_allclose(answer, expected, rtol=0, atol=2e-6 * np.abs(expected).max(), err_msg=step)
    return model


def bit_exact_in_hardware(network: Exported, folder: Path) -> Path:
    """A build compares the network's answer after each step, and every stream of the simulation; its output folder."""
    assert network.outputs.std() > 0, "a network that always answers the same shows nothing"
    for file, values in (("x", network.frames), ("y", network.outputs)):
        np.save(folder / f"{file}.npy", values.astype(np.float32))
    cfg = BuildConfig(
        model=network.path,
        verify_input_npy=folder / "x.npy",
        verify_expected_output_npy=folder / "y.npy",
        output_dir=folder / "build",
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
    return cfg.output_dir


def refused_before_any_step(network: Exported, words: str) -> UserError:
    """The error, which has `words` and says what to do."""
    with pytest.raises(UserError, match=words) as caught:
        clean_network(ModelWrapper(load_network(network.path)))
    assert caught.value.fix
    return caught.value
