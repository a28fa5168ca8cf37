# SPDX-License-Identifier: BSD-3-Clause
"""The trial of the wheel, on a machine whose commands are stand-ins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hw_flows.machine.tools import ToolError
from tests.hw_flows.mock_tools import mock_tool
from trust.wheel.checks import helps, printed_command, says_what_is_missing, unknown_name
from trust.wheel.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a Python, and a `qu-build` that asks for a package until it is there."""
    machine = Machine(tmp_path)
    machine.work.mkdir()
    machine.python.parent.mkdir(parents=True)
    machine.python.symlink_to(sys.executable)
    script = """\
case "$*" in
  *--help*) echo "Usage: qu-build [OPTIONS]";;
  *unknown*) echo "error: no such file, one of: demo, train_demo, experiment_icbm152"; exit 2;;
  *) [ -e brought ] || { echo 'error: finn-plus is missing'; echo '  to do: `touch brought`'; exit 2; };;
esac
"""
    for name in ("qu-build", "qu-train", "qu-experiment"):
        mock_tool(machine.python.parent, name, script.replace("Usage: qu-build", f"Usage: {name}"))
    return machine


def test_the_printed_command_is_followed_to_the_letter(machine: Machine) -> None:
    assert says_what_is_missing(machine) is None
    assert (machine.work / "brought").exists()


def test_a_traceback_is_no_message(machine: Machine) -> None:
    mock_tool(machine.python.parent, "qu-build", "echo 'Traceback'; echo 'error: `true`'; exit 2")
    assert "Traceback" in (says_what_is_missing(machine) or "")


def test_another_exit_status_is_a_failure(machine: Machine) -> None:
    mock_tool(machine.python.parent, "qu-build", "exit 1")
    with pytest.raises(ToolError):
        says_what_is_missing(machine)


def test_a_message_with_no_command_or_two_has_none_to_follow() -> None:
    assert printed_command("to do: `pip install x`") == "pip install x"
    assert printed_command("to do: install x") is None
    assert printed_command("to do: `a` or `b`") is None


def test_help_and_unknown_names(machine: Machine) -> None:
    assert helps(machine) is None and unknown_name(machine) is None
    mock_tool(machine.python.parent, "qu-build", "echo broken; exit 2")
    assert "qu-build" in (unknown_name(machine) or "")
