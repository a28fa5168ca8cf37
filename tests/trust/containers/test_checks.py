# SPDX-License-Identifier: BSD-3-Clause
"""What a command inside an image has to answer."""

from __future__ import annotations

import json

import pytest

from hw_flows.docker.images import OPEN, VENDOR
from hw_flows.doctor import render
from hw_flows.flows import all_flows
from hw_flows.machine.findings import Finding
from quantunet_lab.experiment.config import read_experiment_config
from trust.containers.checks import (
    checks_of,
    commands,
    judge_doctor,
    judge_page,
    judge_place,
    judge_report,
    write_experiment,
)

WELL, ILL = [Finding("a tool", True, "1.0")], [Finding("a tool", False, "absent", "install it")]


@pytest.mark.parametrize("open_tools, wrong", [(WELL, None), (ILL, "needs a tool")])
def test_the_doctor_must_find_every_flow_of_the_image_ready(open_tools, wrong):
    said = render(WELL, [(flow, open_tools if flow.name == "open" else ILL) for flow in all_flows()])
    found = judge_doctor(said, {"none": 1, "open": 2})
    assert found is None if wrong is None else wrong in found
    assert judge_doctor(said, {"none": 1}) is None
    assert "not named" in judge_doctor(said, {"other": 1})


def test_a_container_with_a_network_or_of_another_user_is_noticed():
    assert judge_place('noise\n[4711, ["lo"]]\n', 4711) is None
    assert "eth0" in judge_place('[4711, ["lo", "eth0"]]', 4711)
    assert "user 0" in judge_place('[0, ["lo"]]', 4711)
    assert judge_place('[0, ["lo"]]', -1) is None


def test_a_build_must_be_whole_and_bit_exact_and_have_its_page(tmp_path):
    report = tmp_path / "report"
    report.mkdir()

    def write(status, exact):
        (report / "build.json").write_text(json.dumps({"status": status}))
        (report / "verification.json").write_text(json.dumps({"bit_exact": exact}))

    write("built", True)
    assert judge_report(tmp_path) == "there is no report page"
    (report / "index.html").touch()
    assert judge_report(tmp_path) is None
    write("partial", True)
    assert "partial" in judge_report(tmp_path)
    write("built", False)
    assert "not bit-exact" in judge_report(tmp_path)


def test_an_experiment_ends_with_its_page(tmp_path):
    page = tmp_path / "index.html"
    assert "no page" in judge_page(f"done\n{page}\n")
    page.touch()
    assert judge_page(f"done\n{page}\n") is None


def test_the_small_experiment_is_one(tmp_path):
    write_experiment(tmp_path)
    config = read_experiment_config(tmp_path / "experiment.yaml", {})
    assert len(config.variants) == 2 and config.training("fixed-4", 0).model.bits == 4


def test_every_command_is_started_and_the_vendors_image_imports_finns_builder(tmp_path):
    checks = {stage: checks_of(stage, tmp_path, 4711) for stage in (OPEN, VENDOR)}
    assert {"qu-build", "qu-eval", "qu-experiment"} <= set(commands())
    for found in checks.values():
        started = " ".join(word for check in found for word in check.command)
        assert all(command in started for command in commands())
    (extra,) = {check.name for check in checks[VENDOR]} - {check.name for check in checks[OPEN]}
    assert "FINN" in extra
