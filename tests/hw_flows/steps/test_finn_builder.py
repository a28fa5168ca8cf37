# SPDX-License-Identifier: BSD-3-Clause
"""Our steps take FINN's own `DataflowBuildConfig`, one after the other as FINN's builder calls them."""

from __future__ import annotations

import enum
import sys
from types import ModuleType

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.network.execute import execute_network
from hw_flows.network.verification import logits_agree, parent_model
from hw_flows.steps import STEP_NAMES, load_step
from tests.hw_flows.foreign import ForeignNet, export


@pytest.fixture
def finn_config(tmp_path, monkeypatch):
    """FINN's configuration class; its module imports a solver of 598 MB for its constants, which stand in here."""
    solver = ModuleType("mip")
    for name in ("CBC", "GUROBI", "HIGHS"):
        setattr(solver, name, name)
    solver.SearchEmphasis = enum.Enum("SearchEmphasis", "DEFAULT FEASIBILITY OPTIMALITY")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mip", solver)
    from finn.builder.build_dataflow_config import DataflowBuildConfig

    return DataflowBuildConfig(
        output_dir=str(tmp_path / "build"),
        synth_clk_period_ns=10.0,
        generate_outputs=[],
        board="Pynq-Z2",
        target_fps=5000,
    )


def test_the_steps_up_to_the_stitched_rtl_run_with_it(finn_config, tmp_path):
    network = export(ForeignNet(channels=(2, 4), image=(8, 8), seed=3), tmp_path / "net.onnx")
    model = ModelWrapper(str(network.path))
    (tmp_path / "build").mkdir()
    for name in STEP_NAMES[: STEP_NAMES.index("step_stitch") + 1]:
        model = load_step(name)(model, finn_config)
    logits = execute_network(model, parent_model(tmp_path / "build"), network.frames[:1].astype(np.float32))
    assert logits_agree(logits, network.outputs[:1])
    accelerator = Accelerator.load(tmp_path / "build" / "rtl" / "accelerator.json")
    kinds = {instance.op_type for instance in accelerator.instances}
    assert kinds >= {"OpenMVAU_rtl", "OpenThresholding_rtl", "OpenStreamingFIFO_rtl"}
