# SPDX-License-Identifier: BSD-3-Clause
"""Which flow a build takes: Vivado if it is there, else the open tools if the board's are, else none; and why."""

from __future__ import annotations

import pytest

from hw_flows import flows
from hw_flows.boards import load_board
from hw_flows.config import BuildConfig
from hw_flows.flow_names import CHOICES, FLOW_NAMES
from hw_flows.flows import all_flows, choose_flow, find_flow, flows_of, image_of
from hw_flows.flows.flow import Flow
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding
from hw_flows.steps import STEP_NAMES, steps_of

MISSING = Finding("the tool", False, "not on PATH", "apt install the-tool")


class FakeFlow(Flow):
    """A flow whose tools are there or not."""

    meaning = "bitstream"
    families = ("xc7",)
    lacks: tuple[Finding, ...] = ()

    def needs(self):
        return [Finding("a viewer", False, "absent", "apt install viewer", optional=True), *self.lacks]

    def make_bitstream(self, job):
        raise AssertionError


@pytest.fixture
def have(monkeypatch):
    """Sets which flows exist: name -> present or missing."""

    def set_flows(**states):
        made = []
        for name, state in states.items():
            flow = FakeFlow(name)
            flow.lacks = (MISSING,) if state == "missing" else ()
            flow.only_on_request = name == "finn"
            made.append(flow)
        monkeypatch.setattr(flows, "all_flows", lambda: tuple(made))

    return set_flows


def config(flow: str, board: str = "pynq-z2") -> BuildConfig:
    return BuildConfig(flow=flow, board=board)


def test_vivado_comes_before_the_open_tools(have):
    have(vivado="present", open="present")
    assert choose_flow(config("auto")).flow == "vivado"


def test_the_open_tools_come_next_and_it_is_said_what_vivado_would_need(have):
    have(vivado="missing", open="present")
    choice = choose_flow(config("auto"))
    assert choice.flow == "open"
    assert "flow vivado would need the tool (apt install the-tool)" in choice.words


def test_without_tools_there_is_no_bitstream_and_it_is_said_what_would_bring_it(have):
    have(vivado="missing", open="missing", finn="present")
    choice = choose_flow(config("auto"))
    assert choice.flow == "none"
    assert choice.words.count("apt install the-tool") == 2
    assert "filelist.f" in choice.words


def test_a_flow_that_is_asked_for_names_what_it_lacks(have):
    have(open="missing")
    with pytest.raises(UserError) as caught:
        choose_flow(config("open"))
    assert "lacks the tool" in caught.value.what
    assert "apt install the-tool" in caught.value.fix


def test_a_flow_that_is_asked_for_is_taken(have):
    have(vivado="present", open="present")
    assert choose_flow(config("open")).flow == "open"
    assert choose_flow(config("none")).flow == "none"


def test_the_open_flow_of_the_ulx3s_is_complete_after_set_up():
    choice = choose_flow(config("auto", "ulx3s"))
    assert choice.flow == "open"
    assert find_flow("open", load_board("ulx3s")).missing() == []


def test_a_board_is_only_offered_flows_of_its_family():
    assert [flow.name for flow in flows_of(load_board("ulx3s"))] == ["open"]
    with pytest.raises(UserError, match="no flow 'vivado' for Radiona ULX3S"):
        choose_flow(config("vivado", "ulx3s"))


def test_every_flow_says_what_it_needs_and_how_to_get_it():
    for flow in all_flows():
        findings = flow.needs()
        assert findings and all(f.fix for f in findings if not f.ok)


def test_the_steps_of_a_bitstream_are_left_out_without_one():
    assert steps_of("vivado") == STEP_NAMES
    assert [n for n in STEP_NAMES if n not in steps_of("none")] == [
        "step_record_activity",
        "step_make_bitstream",
        "step_deploy",
        "step_simulate_routed",
    ]


def test_activity_is_recorded_where_it_is_read_or_asked_for():
    for name, asked, recorded in (
        ("vivado", None, True),
        ("vivado", False, False),
        ("none", True, True),
        ("open", None, False),
    ):
        assert ("step_record_activity" in steps_of(name, asked)) == recorded


def test_every_name_is_there_once_and_has_steps_and_an_image():
    assert ("auto", *FLOW_NAMES) == CHOICES and FLOW_NAMES[0] == "none"
    assert {flow.name for flow in all_flows()} == set(FLOW_NAMES) - {"none"}
    for flow in all_flows():
        assert set(flow.steps) <= set(STEP_NAMES)
    assert (image_of("vivado"), image_of("finn"), image_of("open"), image_of("none")) == (
        "vendor",
        "vendor",
        "open",
        "open",
    )


def test_a_board_without_a_shell_has_no_bitstream_and_it_is_said():
    choice = choose_flow(config("auto", "genesys2"))
    assert choice.flow == "none" and "Digilent Genesys 2 has no other flow" in choice.words


def test_a_board_that_no_open_tool_knows_says_so():
    choice = choose_flow(config("auto", "kv260"))
    assert choice.flow == "none" and "no open place and route for UltraScale+ devices" in choice.words


def test_finns_flow_on_such_a_board_names_what_is_missing():
    with pytest.raises(UserError, match=r"flow finn lacks .*Vivado"):
        choose_flow(config("finn", "kv260"))
