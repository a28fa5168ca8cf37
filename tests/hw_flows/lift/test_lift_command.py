# SPDX-License-Identifier: BSD-3-Clause
"""qu-lift on the command line: what it refuses."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from hw_flows.cli import lift_command
from hw_flows.place_route import debian_tools

PART = "xc7z020clg400-1"


def test_a_file_that_there_is_not(tmp_path):
    result = CliRunner().invoke(lift_command, [str(tmp_path / "none.bit"), "--part", PART])
    assert result.exit_code == 2 and "there is no such file" in result.output


@pytest.mark.skipif(debian_tools.find_tools() is None, reason=f"needs {debian_tools.COMMAND}")
@pytest.mark.parametrize(("part", "message"), [(PART, "no bitstream for"), ("xc7z035clg400-1", "knows no part")])
def test_a_file_that_is_no_bitstream_and_a_part_that_is_not_known(tmp_path, part, message):
    bitstream = tmp_path / "wrong.bit"
    bitstream.write_bytes(b"\0" * 3000)
    result = CliRunner().invoke(lift_command, [str(bitstream), "--part", part])
    assert result.exit_code == 2 and message in result.output
    assert not (tmp_path / "wrong.lifted.json").exists()
