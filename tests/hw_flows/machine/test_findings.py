# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from importlib import metadata

from hw_flows.machine.findings import find_package, find_program
from quantunet_common.installation import how_to_install
from tests.hw_flows.mock_tools import mock_tool


def test_absent_and_outdated_packages_are_told_apart():
    absent = find_package("no-such-package==1.0")
    assert not absent.ok and absent.detail == "not installed; no-such-package==1.0 is needed"
    assert absent.fix == how_to_install("no-such-package")
    outdated = find_package("numpy<1")
    assert not outdated.ok and outdated.detail == f"{metadata.version('numpy')} is installed, numpy<1 is needed"
    assert find_package("numpy>=1").ok


def test_a_program_that_does_not_run_is_not_taken_for_installed(bare_path):
    mock_tool(bare_path, "g++", "echo 'cannot find libstdc++' >&2; exit 1")
    mock_tool(bare_path, "make", "echo 'GNU Make 9.9'")
    broken, works = find_program("g++", "", ("--version",)), find_program("make", "", ("--version",))
    assert not broken.ok and "cannot find libstdc++" in broken.detail
    assert works.ok and works.detail == "GNU Make 9.9"
    assert find_program("make", "").detail == str(bare_path / "make")
    assert find_program("perl", "apt install perl").detail == "not on PATH"
