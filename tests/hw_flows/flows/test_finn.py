# SPDX-License-Identifier: BSD-3-Clause
"""`--flow finn`: what is made of FINN's build; the build itself is in tests/hw_flows/amd/test_finn_build.py."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from hw_flows.amd.finn.build import FinnBuild
from hw_flows.amd.vivado.reports import TimingSummary, Utilization
from hw_flows.boards import load_board
from hw_flows.families.resources import Resources
from hw_flows.flows import find_flow, finn
from hw_flows.flows.bitstream import BitstreamJob
from hw_flows.machine.errors import UserError
from hw_flows.steps import steps_of

FLOW = find_flow("finn", load_board("pynq-z2"))


@pytest.fixture
def job(tmp_path) -> BitstreamJob:
    graph = tmp_path / "intermediate_models" / "11_step_set_fifo_depths.onnx"
    graph.parent.mkdir()
    graph.write_bytes(b"")
    return BitstreamJob(None, load_board("pynq-z2"), tmp_path, 83.4, 2, lambda share, words: None)  # type: ignore[arg-type]


@pytest.fixture
def finns_build(tmp_path, monkeypatch):
    """FINN's build gives this; returns what it was called with, and lets the slack be chosen."""
    called = SimpleNamespace(slack=0.5)

    def build(graph, board, part, clock_mhz, tools, folder, *, jobs):
        called.arguments = (graph, board, part, clock_mhz, folder)
        folder.mkdir(exist_ok=True)
        for name in ("resizer.bit", "resizer.hwh", "settings.json"):
            (folder / name).write_text(name)
        timing = TimingSummary(called.slack, 0.03, 3.0, 0 if called.slack >= 0 else 9, 1000 / 83, called.slack, 0)
        used = Utilization(Resources(LUT=100), {"Slice LUTs": (100.0, 53200.0)})
        return FinnBuild(folder / "resizer.bit", folder / "resizer.hwh", folder, ("a", "b"), timing, used, 1.0)

    monkeypatch.setattr(finn, "build", build)
    vivado = SimpleNamespace(version_text="2022.2")
    monkeypatch.setattr(finn.install, "find_tools", lambda: SimpleNamespace(vivado=vivado))
    return called


def test_the_deployment_package_has_finns_layout(job, finns_build):
    made = FLOW.make_bitstream(job)
    assert [str(path.relative_to(job.output)) for path in made.files] == [
        "bitfile/finn-accel.bit",
        "bitfile/finn-accel.hwh",
    ]
    deploy = job.output / "deploy"
    assert {str(path.relative_to(deploy)) for path in deploy.rglob("*") if path.is_file()} == {
        "README.md",
        "bitfile/finn-accel.bit",
        "bitfile/finn-accel.hwh",
        "driver/settings.json",
    }
    assert (job.output / "driver" / "settings.json").is_file()
    text = (deploy / "README.md").read_text()
    assert "finn-plus-driver -b bitfile/finn-accel.bit -s driver/settings.json" in text and "Not proven" in text


def test_the_graph_with_its_fifo_depths_goes_to_finn_under_finns_name_of_the_board(job, finns_build):
    made = FLOW.make_bitstream(job)
    graph, board, part, clock, folder = finns_build.arguments
    assert graph.name == "11_step_set_fifo_depths.onnx"
    assert (board, part, clock, folder.name) == ("Pynq-Z2", "xc7z020clg400-1", 83.4, "finn_zynq")
    assert made.clock_mhz == 83  # what FINN's shell makes of it
    assert made.timing_met and json.dumps(made.report(job.output))


def test_a_missed_clock_leaves_nothing_to_load(job, finns_build):
    FLOW.make_bitstream(job)
    finns_build.slack = -0.4
    made = FLOW.make_bitstream(job)
    assert not made.timing_met and made.files == ()
    assert not job.bitfile.exists() and not (job.output / "deploy").exists()


def test_our_own_deploy_step_is_not_part_of_it():
    assert "step_deploy" not in steps_of("finn") and "step_make_bitstream" in steps_of("finn")
    assert "step_deploy" in steps_of("vivado")


def test_boards_without_finns_shell_are_refused():
    unknown_to_finn = load_board("pynq-z2").model_copy(update={"finn_name": ""})
    with pytest.raises(UserError, match="no flow 'finn' for TUL PYNQ-Z2"):
        find_flow("finn", unknown_to_finn)


def test_a_build_without_fifo_depths_is_refused(tmp_path):
    with pytest.raises(UserError, match="no graph of step_set_fifo_depths"):
        finn.dataflow_graph(Path(tmp_path))
