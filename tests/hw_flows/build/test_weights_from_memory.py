# SPDX-License-Identifier: BSD-3-Clause
"""A build whose weights come from the board's memory, up to the verified RTL; and what damaged weights end with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.build import build
from hw_flows.config import BuildConfig
from hw_flows.machine.errors import CheckFailed
from hw_flows.memory_system import MemorySystem
from hw_flows.resimulate import ReplayOutcome, resimulate
from hw_flows.steps import load_step
from tests.hw_flows.foreign import ForeignNet, export

SMALL = ForeignNet(channels=(2, 4), image=(8, 8), weight_bits=3, activation_bits=3, seed=5)
WEIGHTS = "weights/weights.bin"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    folder = tmp_path_factory.mktemp("memory")
    network = export(SMALL, folder / "foreign.onnx", count=2)
    np.save(folder / "x.npy", network.frames.astype(np.float32))
    np.save(folder / "y.npy", network.outputs.astype(np.float32))
    cfg = BuildConfig(
        model=network.path,
        verify_input_npy=folder / "x.npy",
        verify_expected_output_npy=folder / "y.npy",
        output_dir=folder / "build",
        target_fps=20_000,
        weights="memory",
        jobs=1,
        flow="none",
        stop_step="step_verify",
    )
    result = build(cfg)
    assert result.ok, result.failures
    return cfg


def report(cfg: BuildConfig, name: str) -> dict:
    return json.loads((cfg.output_dir / "report" / f"{name}.json").read_text())


def replay(cfg: BuildConfig, stall: float = 0.0) -> ReplayOutcome:
    return resimulate(cfg.output_dir, None, 1, stall, 3, None, 0, None, None, 1)


@pytest.fixture
def damaged(built: BuildConfig) -> Iterator[str]:
    """One bit of the last layer's weights is another while a test runs; the layer's name."""
    region = MemorySystem.load(built.output_dir / "rtl").layout.regions[-1]
    file = built.output_dir / WEIGHTS
    whole = file.read_bytes()
    wrong = bytearray(whole)
    wrong[region.offset + 8 * region.bus_words - 9] ^= 1
    file.write_bytes(wrong)
    yield region.name
    file.write_bytes(whole)


def test_every_stream_is_right_and_the_reports_say_what_was_read(built: BuildConfig) -> None:
    accelerator = Accelerator.load(built.output_dir / "rtl" / "accelerator.json")
    system = MemorySystem.load(built.output_dir / "rtl")
    verification, performance = report(built, "verification"), report(built, "performance")
    assert accelerator.memory
    assert verification["bit_exact"] is True and verification["tensors_compared"] == len(accelerator.streams)
    traffic = verification["memory"]
    assert traffic["complaint"] is None and traffic["ports"] == system.ports
    assert traffic["bytes_read"] >= 2 * 2 * traffic["bytes_a_frame"] == 2 * 2 * system.layout.frame_bytes
    rate = system.layout.frame_bytes / performance["cycles_per_frame"] * performance["clock_mhz"]
    assert performance["dram_mb_s"] == pytest.approx(rate, abs=0.01)
    assert [wait["layer"] for wait in performance["waits_for_weights"]] == [r.name for r in system.layout.regions]


def test_more_simulation_reads_the_memory_too(built: BuildConfig) -> None:
    outcome = replay(built, stall=0.3)
    assert outcome.ok, outcome.text
    assert "bytes read from the simulated memory" in outcome.text


def test_a_folding_configuration_puts_a_skip_connection_into_memory(built: BuildConfig, tmp_path: Path) -> None:
    """Those of so small a network are cheaper on the chip; `final_hw_config.json` has where they are."""
    sizing = report(built, "fifo_sizing")
    skip = next(row["name"] for row in sizing["fifos"] if "skip" in row)
    chosen = json.loads((built.output_dir / "final_hw_config.json").read_text())
    (node,) = [name for name in chosen if name.removeprefix("Open").replace("_rtl", "") == skip]
    chosen[node] |= {"ram_style": "memory", "depth": 512}
    (tmp_path / "hw.json").write_text(json.dumps(chosen))
    cfg = built.model_copy(update={"output_dir": tmp_path / "build", "folding_config_file": tmp_path / "hw.json"})
    assert build(cfg).ok
    system = MemorySystem.load(cfg.output_dir / "rtl")
    assert [ring.name for ring in system.rings] == [skip]
    verification, performance = report(cfg, "verification"), report(cfg, "performance")
    assert verification["bit_exact"] is True and verification["memory"]["ports"] == system.ports == system.readers + 1
    assert performance["streams_in_memory"] == {skip: system.rings[0].bytes}
    assert performance["dram_bytes_a_frame"] > system.layout.frame_bytes
    (row,) = [row for row in report(cfg, "fifos")["fifos"] if row["name"] == skip]
    assert row["memory"] == "board" and row["depth"] == 512
    again = json.loads((cfg.output_dir / "final_hw_config.json").read_text())
    assert again[node]["ram_style"] == "memory"


def test_damaged_weights_end_with_the_layers_name(built: BuildConfig, damaged: str) -> None:
    outcome = replay(built)
    assert not outcome.ok
    assert f"the weights of layer {damaged} in memory cannot be used: their check sum is wrong" in outcome.text
    model = ModelWrapper(str(next((built.output_dir / "intermediate_models").glob("*_step_stitch.onnx"))))
    with pytest.raises(CheckFailed, match=f"layer {damaged} in memory cannot be used: their check sum is wrong"):
        load_step("step_verify")(model, built)
    verification = report(built, "verification")
    assert verification["bit_exact"] is False and damaged in verification["memory"]["complaint"]
    assert verification["cycles_per_frame"] is None
