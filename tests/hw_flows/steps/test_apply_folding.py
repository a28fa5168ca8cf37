"""The step: attributes set, report written, and one clear failure where the board is too small."""

from __future__ import annotations

import json
from copy import deepcopy
from types import SimpleNamespace

import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.errors import CheckFailed
from hw_flows.steps import load_step
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

NET = ForeignNet(channels=(2, 4), image=(8, 8))


def fold(folder, **more):
    folder.mkdir(exist_ok=True)
    model = deepcopy(after(NET, "step_specialize_layers").model)
    cfg = SimpleNamespace(**{"output_dir": str(folder), "board": "pynq-z2", "synth_clk_period_ns": 10.0, **more})
    return load_step("step_apply_folding")(model, cfg)


def report(folder):
    return json.loads((folder / "report" / "folding.json").read_text())


def cycles(model) -> int:
    return max(getCustomOp(node).get_exp_cycles() for node in model.graph.node)


def test_without_a_target_the_fastest_that_fits(tmp_path):
    model = fold(tmp_path)
    told = report(tmp_path)
    assert told["cycles_per_frame"] == cycles(model)
    assert told["bound_cycles"] <= told["cycles_per_frame"]
    assert all(told["predicted"][name] <= told["budget"][name] for name in told["budget"])


def test_with_a_target_no_more_than_it_needs(tmp_path):
    quick, slow = tmp_path / "quick", tmp_path / "slow"
    fold(quick)
    model = fold(slow, target_fps=10_000)
    assert cycles(model) <= 10_000
    assert report(slow)["predicted"]["LUT"] < report(quick)["predicted"]["LUT"]
    assert (slow / "auto_folding_config.json").is_file()


def test_a_target_out_of_reach_fails_with_the_report_written(tmp_path):
    with pytest.raises(CheckFailed, match=r"largest frame rate on .*PYNQ-Z2 is [\d.]+ frames/s"):
        fold(tmp_path, target_fps=10_000_000)
    assert report(tmp_path)["largest_fps"] > 0


def test_the_users_own_folding_has_the_last_word(tmp_path):
    own = tmp_path / "folding.json"
    own.write_text(json.dumps({"Defaults": {}, "MVAU_0": {"PE": 1, "SIMD": 1}}))
    model = fold(tmp_path, folding_config_file=own)
    assert report(tmp_path)["cycles_per_frame"] == cycles(model)
    assert json.loads((tmp_path / "auto_folding_config.json").read_text())["MVAU_0"] != {"PE": 1, "SIMD": 1}
