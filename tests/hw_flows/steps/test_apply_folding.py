# SPDX-License-Identifier: BSD-3-Clause
"""The step: attributes set, report written, and one clear failure where the board is too small."""

from __future__ import annotations

import json
from copy import deepcopy
from types import SimpleNamespace

import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import qonnx_make_model

from hw_flows.boards import load_board
from hw_flows.families import find_family
from hw_flows.folding import budget_of
from hw_flows.folding.problem import RESOURCES
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.steps import load_step
from hw_flows.steps.apply_folding import SMALLEST, host_rate
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


def test_where_nothing_fits_the_smallest_folding_is_told_and_saved(tmp_path):
    board = tmp_path / "tiny.yaml"
    board.write_text(
        "{name: tiny, title: Tiny, part: xc7z020clg400-1, family: xc7, shell: none, clock_mhz: 100, oscillator_mhz: 100, "
        "budget: {LUT: 50, FF: 100, LUTRAM: 20, BRAM36: 1, DSP: 1}}"
    )
    with pytest.raises(
        CheckFailed, match=r"(?i)does not fit Tiny at any frame rate: .* LUT of 40 .* most are for .*conv.*%"
    ):
        fold(tmp_path / "out", board=str(board))
    smallest = report(tmp_path / "out")["smallest"]
    assert smallest["cycles_per_frame"] == cycles(ModelWrapper(str(tmp_path / "out" / SMALLEST)))
    assert smallest["scarcest"] in ("LUT", "FF", "LUTRAM") and 0 < max(smallest["shares"].values()) <= 1


def test_the_users_own_folding_has_the_last_word(tmp_path):
    own = tmp_path / "folding.json"
    own.write_text(json.dumps({"Defaults": {}, "MVAU_0": {"PE": 1, "SIMD": 1}}))
    model = fold(tmp_path, folding_config_file=own)
    assert report(tmp_path)["cycles_per_frame"] == cycles(model)
    assert json.loads((tmp_path / "auto_folding_config.json").read_text())["MVAU_0"] != {"PE": 1, "SIMD": 1}


def test_the_folding_follows_the_way_to_the_host_where_that_limits_the_board():
    """64x64 pixels in slots of two bytes are 8192 bytes a frame."""
    graph = helper.make_graph(
        [],
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64, 64, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 64, 64, 1])],
    )
    model = ModelWrapper(qonnx_make_model(graph))
    model.set_tensor_datatype("x", DataType["UINT8"])
    model.set_tensor_datatype("y", DataType["INT11"])
    assert host_rate(model, load_board("ulx3s")) == pytest.approx(300_000 / 8192)
    assert host_rate(model, load_board("pynq-z2")) is None


def test_the_budget_of_another_family_is_told_in_the_resources_of_the_cost_models():
    board = load_board("ulx3s")
    lut = dict(zip(RESOURCES, budget_of(board), strict=True))["LUT"]
    assert lut == pytest.approx(0.8 * board.budget.LUT / find_family("ecp5").cost_scale["LUT"])


def test_weights_are_in_memory_where_the_users_folding_has_them_there(tmp_path):
    """A folding of another build says where weights lie, too: its nodes are those of the operators."""
    fold(tmp_path, weights="memory", target_fps=2_000)
    chosen = json.loads((tmp_path / "auto_folding_config.json").read_text())
    blocks = [name for name in chosen if name.startswith("BlockMVAU")]
    assert blocks
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"Defaults": {}, blocks[0]: chosen[blocks[0]]}))
    model = fold(tmp_path, folding_config_file=own, target_fps=2_000)
    assert [node.name for node in model.graph.node if node.op_type == "OpenBlockMVAU_rtl"] == blocks[:1]
    assert report(tmp_path)["dram_mb_s"] > 0


def test_weights_in_memory_need_a_board_with_a_memory(tmp_path):
    with pytest.raises(UserError, match="memory"):
        fold(tmp_path, weights="memory", board="ulx3s")
