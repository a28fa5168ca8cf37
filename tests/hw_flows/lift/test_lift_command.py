# SPDX-License-Identifier: BSD-3-Clause
"""qu-lift on the command line: what it refuses."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from hw_flows.cli import lift_command
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route import debian_tools
from trust.hostile_input.kinds.bitstreams import bit_file

PART = "xc7z020clg400-1"


def test_a_file_that_there_is_not(tmp_path):
    result = CliRunner().invoke(lift_command, [str(tmp_path / "none.bit"), "--part", PART])
    assert result.exit_code == 2 and "cannot be read" in result.output


@pytest.mark.parametrize("content", [b"", b"\0" * 3000, bit_file()[:-1], bit_file(claimed=2**32 - 1)])
def test_a_file_that_is_no_bitstream(tmp_path, content):
    (tmp_path / "wrong.bit").write_bytes(content)
    result = CliRunner().invoke(lift_command, [str(tmp_path / "wrong.bit"), "--part", PART])
    assert result.exit_code == 2 and "is no .bit file, or is cut off" in result.output


@pytest.mark.parametrize("part", ["", "xc7a35t", "../xc7z020clg400-1", "xc7z020clg400-1/.."])
def test_a_name_that_is_no_part(tmp_path, part):
    (tmp_path / "file.bit").write_bytes(bit_file())
    result = CliRunner().invoke(lift_command, [str(tmp_path / "file.bit"), "--part", part])
    assert result.exit_code == 2 and "no ordering code" in result.output


@pytest.mark.parametrize("content", ["", "1", "{}", '{"modules": {"top": {"cells": {"lut": {}}}}}'])
def test_a_netlist_that_is_none(tmp_path, content):
    (tmp_path / "file.bit").write_bytes(bit_file())
    (tmp_path / "routed.json").write_text(content)
    command = [str(tmp_path / "file.bit"), "--part", PART, "--routed", str(tmp_path / "routed.json")]
    result = CliRunner().invoke(lift_command, command)
    assert result.exit_code == 2 and "no netlist of a routed design" in result.output


def test_bits_that_are_not_understood_fail_a_check(tmp_path, monkeypatch):
    def lift_to_file(*_):
        raise CheckFailed("3 bits are set that the database does not explain", "frame 0x00000419", "report it")

    monkeypatch.setattr("hw_flows.lift.report.lift_to_file", lift_to_file)
    result = CliRunner().invoke(lift_command, [str(tmp_path / "file.bit"), "--part", PART])
    assert result.exit_code == 1 and "does not explain" in result.output and "frame 0x00000419" in result.output


@pytest.mark.skipif(debian_tools.find_tools() is None, reason=f"needs {debian_tools.COMMAND}")
@pytest.mark.parametrize(("part", "message"), [(PART, "no bitstream for"), ("xc7z035clg400-1", "knows no part")])
def test_words_that_configure_nothing_and_a_part_that_is_not_known(tmp_path, part, message):
    bitstream = tmp_path / "wrong.bit"
    bitstream.write_bytes(bit_file())
    result = CliRunner().invoke(lift_command, [str(bitstream), "--part", part])
    assert result.exit_code == 2 and message in result.output
    assert not (tmp_path / "wrong.lifted.json").exists()
