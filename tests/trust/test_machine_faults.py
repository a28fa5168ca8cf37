# SPDX-License-Identifier: BSD-3-Clause
"""A build that is killed, damaged and given bad tools: the sample of the trials, and what notices where one fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trust.machine_faults.damage import change, empty, truncate
from trust.machine_faults.kills import boundaries, in_mid_step
from trust.machine_faults.part import PART, outcome
from trust.machine_faults.trial import FaultTrial
from trust.same_results import differences, left_behind
from trust.tiny import Ended


def test_the_sample_holds(tmp_path):
    said: list[str] = []
    found = PART.run(tmp_path, True, said.append)
    assert found.holds, (found, said)
    assert found.figures["kills"] == found.figures["kills_survived"] == 3
    assert found.figures["faults"] == 5


def test_one_fault_that_does_not_hold_is_told():
    good = FaultTrial("killed, boundaries", "after lower", "then the same results", True)
    bad = FaultTrial("bad tool", "make hangs", "NOT CLEAR", False)
    found = outcome([good, good, bad])
    assert not found.holds
    assert found.headline.startswith("2 of 2 kills survived") and "0 of 1 other faults" in found.headline
    assert any("make hangs" in note for note in found.notes)


def test_kills_are_the_same_in_every_run():
    usual = {"step_lower": 1.0, "step_verify": 10.0}
    assert in_mid_step(usual, 1) == in_mid_step(usual, 1) != in_mid_step(usual, 2)
    assert all(0 < moment.seconds < usual[moment.step] for moment in in_mid_step(usual, 3))
    assert [moment.step for moment in boundaries(list(usual))] == list(usual)


@pytest.fixture
def builds(tmp_path) -> tuple[Path, Path]:
    """The results of two builds, equal but for how they went."""
    folders = []
    for name, status, seconds in (("one", "done", 1.5), ("other", "kept", 0.2)):
        folder = tmp_path / name
        (folder / "rtl").mkdir(parents=True)
        (folder / "report").mkdir()
        (folder / "rtl" / "top.sv").write_text("module top; endmodule")
        report = {"status": "built", "steps": [{"name": "step_lower", "status": status, "seconds": seconds}]}
        (folder / "report" / "build.json").write_text(json.dumps(report))
        (folder / "report" / "index.html").write_text(f"<p>256 words</p><p>in {seconds} s</p>")
        folders.append(folder)
    return folders[0], folders[1]


def test_builds_that_only_took_another_time_are_the_same(builds):
    assert differences(*builds) == []


@pytest.mark.parametrize("damage", [change, empty, truncate])
@pytest.mark.parametrize("name", ["rtl/top.sv", "report/index.html"])
def test_a_file_that_differs_is_named(builds, damage, name):
    damage(builds[1] / name)
    assert differences(*builds) == [name]


def test_other_figures_and_other_files_are_named(builds):
    report = builds[1] / "report" / "build.json"
    report.write_text(report.read_text().replace("built", "failed"))
    (builds[1] / "rtl" / "more.sv").write_text("")
    assert differences(*builds) == ["report/build.json", "rtl/more.sv"]


def test_what_was_left_behind_is_found(builds):
    (builds[0] / "rtl" / ".top.sv.k3j2.part").write_text("")
    (builds[0] / "scratch-12").mkdir()
    assert left_behind(builds[0]) == ["rtl/.top.sv.k3j2.part", "scratch-12"]


def test_a_refusal_may_quote_a_compilers_errors_but_is_one_message():
    assert Ended(
        2, "error: make exited with status 1; its last output:\nx.cpp:1: fatal error: No space left on device"
    ).clear
    assert not Ended(2, "error: a\nerror: b").clear
    assert not Ended(1, "error: a").clear
    assert not Ended(2, "error: a\nTraceback (most recent call last):").clear
