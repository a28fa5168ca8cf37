# SPDX-License-Identifier: BSD-3-Clause
"""What a build makes of its folder when it is run again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hw_flows.build import build
from hw_flows.build.run import _key
from hw_flows.build.state import STATE, BuildState, Results, WrittenFile, first_damaged, load_state, remove_results
from hw_flows.config import BuildConfig
from hw_flows.inputs import prepare_inputs
from hw_flows.machine.errors import UserError
from quantunet_common.files import write_text_atomically
from quantunet_common.locks import locked_folder
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import exported

OPERATOR = Path(__file__).parents[3] / "examples" / "operators" / "absolute_value"
STEPS = ["step_qonnx_cleanup", "step_qonnx_to_finn", "step_streamline"]


@pytest.fixture
def output(tmp_path):
    (tmp_path / "rtl").mkdir()
    (tmp_path / "rtl" / "top.sv").write_text("module top; endmodule")
    return tmp_path


def test_a_result_belongs_to_the_step_that_wrote_it(output):
    state = BuildState("key")
    results = Results(output, state)
    (output / "report").mkdir()
    for name in ("fifo_sizing.json", "build.json", "index.html"):  # the last two tell of the whole build
        (output / "report" / name).write_text("{}")
    results.note("step_set_fifo_depths")
    assert {name: file.step for name, file in state.files.items()} == {
        "report/fifo_sizing.json": "step_set_fifo_depths"
    }
    before = state.files["report/fifo_sizing.json"]
    write_text_atomically(output / "report" / "fifo_sizing.json", "{}")  # the same again
    results.note("step_stitch")
    assert state.files["report/fifo_sizing.json"] == before
    state.save(output)
    assert load_state(output) == state


def test_no_step_changes_what_another_wrote(output):
    results = Results(output, BuildState("key"))
    (output / "rtl" / "new.sv").write_text("module new; endmodule")
    results.note("step_generate_rtl")
    (output / "rtl" / "new.sv").write_text("module newer; endmodule")
    with pytest.raises(AssertionError, match=r"step_stitch changes rtl/new\.sv, which step_generate_rtl wrote"):
        results.note("step_stitch")


def test_a_step_may_write_its_own_result_again(output):
    state = BuildState("key")
    results = Results(output, state)
    for content in ("module new; endmodule", "module newer; endmodule"):
        (output / "rtl" / "new.sv").write_text(content)
        results.note("step_generate_rtl")
    assert first_damaged(output, state, ["step_generate_rtl"]) is None


@pytest.mark.parametrize("damage", ["module top; endmodulE", "", None])
def test_the_first_step_whose_result_is_damaged_is_found(output, damage):
    state = BuildState("key")
    results = Results(output, state)
    results.note(STEPS[0])
    for step, name in ((STEPS[1], "a.sv"), (STEPS[2], "b.sv")):
        (output / "rtl" / name).write_text("module top; endmodule")
        results.note(step)
    assert first_damaged(output, state, STEPS) is None
    for name in ("a.sv", "b.sv"):
        (output / "rtl" / name).unlink() if damage is None else (output / "rtl" / name).write_text(damage)
    assert first_damaged(output, state, STEPS) == (1, "rtl/a.sv")
    assert first_damaged(output, state, STEPS[:1]) is None


def test_only_results_of_the_steps_named_are_removed(output):
    state = BuildState("key")
    results = Results(output, state)
    (output / "rtl" / "new.sv").write_text("")
    results.note(STEPS[1])
    assert remove_results(output, state, {STEPS[1]}) == {}
    assert [path.name for path in (output / "rtl").iterdir()] == ["top.sv"]


@pytest.mark.parametrize("name", ["../../thesis.tex", "/etc/passwd"])
def test_a_state_that_names_files_elsewhere_is_not_believed(output, name):
    BuildState("key", [], {name: WrittenFile(STEPS[0], "0")}).save(output)
    assert load_state(output) == BuildState("")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100_000, '{"key": 1}', '{"key": "k", "steps": [1], "files": {}}']
)
def test_a_damaged_state_is_an_empty_one(output, text):
    (output / STATE).write_text(text)
    assert load_state(output) == BuildState("")


def test_a_folder_of_an_earlier_version_is_built_anew(config):
    build(config)
    state = json.loads((config.output_dir / STATE).read_text())
    state["layout"] = 1
    old = config.output_dir / "report" / "fifos.json"
    old.write_text("{}")
    state["files"]["report/fifos.json"] = {"step": "step_set_fifo_depths", "sha256": "0"}
    (config.output_dir / STATE).write_text(json.dumps(state))
    with pytest.raises(UserError, match="cannot be the first step"):
        build(config.model_copy(update={"start_step": "step_verify", "stop_step": "step_verify"}))
    assert statuses(build(config)) == ["done"]
    assert not old.exists()


@pytest.fixture
def config(tmp_path):
    """The first step of a build."""
    return BuildConfig(
        model=exported(ForeignNet()).path,
        output_dir=tmp_path / "build",
        frames=1,
        flow="none",
        stop_step=STEPS[0],
        jobs=1,
    )


def statuses(result) -> list[str]:
    return [step.status for step in result.steps if step.status != "pending"]


def test_a_second_build_in_the_folder_is_refused(config):
    build(config)
    state = (config.output_dir / STATE).read_text()
    with locked_folder(config.output_dir), pytest.raises(UserError, match="another qu-build is running"):
        build(config)
    assert (config.output_dir / STATE).read_text() == state
    assert statuses(build(config)) == ["kept"]


def test_a_step_whose_result_was_cut_short_runs_again(config):
    build(config)
    model = config.output_dir / "intermediate_models" / f"01_{STEPS[0]}.onnx"
    whole = model.read_bytes()
    model.write_bytes(whole[:100])
    assert statuses(build(config)) == ["done"]
    assert model.read_bytes() == whole


def test_a_build_that_was_killed_at_its_first_write_goes_on(config):
    config.output_dir.mkdir()
    (config.output_dir / f".{STATE}.x1.part").write_text("{")
    assert statuses(build(config)) == ["done"]
    assert not list(config.output_dir.glob(".*"))


def test_nothing_of_another_network_stays(config):
    build(config)
    state = json.loads((config.output_dir / STATE).read_text())
    (config.output_dir / "rtl").mkdir()
    (config.output_dir / "rtl" / "MVAU_9_weights.mem").write_text("0")
    state["files"]["rtl/MVAU_9_weights.mem"] = {"step": "step_generate_rtl", "sha256": "0"}
    (config.output_dir / STATE).write_text(json.dumps(state))
    (config.output_dir / "notes.txt").write_text("mine")
    other = config.model_copy(update={"model": exported(ForeignNet(seed=5)).path})
    assert statuses(build(other)) == ["done"]
    assert not list((config.output_dir / "rtl").iterdir())
    assert (config.output_dir / "notes.txt").read_text() == "mine"


def test_a_folder_of_operators_counts_by_its_content_wherever_it_lies(config, tmp_path):
    """Steps depend on what the operator's files hold; moved, they are the same operator."""
    given = tmp_path / "given" / OPERATOR.name
    shutil.copytree(OPERATOR, given, ignore=shutil.ignore_patterns("__pycache__"))
    inputs = prepare_inputs(config.model_copy(update={"output_dir": tmp_path / "prepared"}))

    def key(folder):
        return _key(config.model_copy(update={"operators": (folder,)}), inputs)

    here = key(given)
    assert key(shutil.copytree(given, tmp_path / "moved" / OPERATOR.name)) == here
    (given / "README.md").write_text("for people")
    assert key(given) == here != _key(config, inputs)
    (given / "table.mem").write_text("0")
    assert key(given) != here
    (given / "table.mem").unlink()
    (given / "rtl.py").rename(given / "rtl2.py")
    assert key(given) != here


def test_a_folding_counts_by_its_content_wherever_it_lies(config, tmp_path):
    inputs = prepare_inputs(config.model_copy(update={"output_dir": tmp_path / "prepared"}))
    keys = []
    for name, content in (("a", "{}"), ("b", "{}"), ("c", '{"MVAU_0": {"PE": 2}}')):
        (tmp_path / f"{name}.json").write_text(content)
        keys.append(_key(config.model_copy(update={"folding_config_file": tmp_path / f"{name}.json"}), inputs))
    assert keys[0] == keys[1] != keys[2]
    assert _key(config, inputs) not in keys


def test_the_page_is_there_however_far_a_build_went(config):
    build(config)
    page = config.output_dir / "report" / "index.html"
    assert "qonnx_cleanup" in page.read_text()
    page.unlink()
    assert statuses(build(config)) == ["kept"]
    assert page.is_file()
