# SPDX-License-Identifier: BSD-3-Clause
"""A board of the user's own: one YAML file anywhere, with the same fields and the same messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.boards import OWN_BOARDS, board_of_build, load_board
from hw_flows.config import load_config
from hw_flows.machine.errors import UserError

MINE = """\
name: mine
title: A board of mine
part: xc7z020clg484-2
family: xc7
shell: zynq7
clock_mhz: 80
oscillator_mhz: 100
ps_clock_mhz: 1000
flows: [none, open]
"""


def written(folder: Path, text: str = MINE, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_is_a_board_with_what_its_device_has(tmp_path):
    board = load_board(str(written(tmp_path)))
    assert (board.name, board.clock_mhz, board.budget.LUT) == ("mine", 80, 53200)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("family: xc7", "family: ice40", "family: Value error, there is no device family 'ice40'"),
        ("xc7z020clg484-2", "xc9z000", "budget: Value error, family xc7 has no device 'xc9z000'"),
        ("shell: zynq7", "shell: ecp5_uart", "shell: Value error, family xc7 has no shell 'ecp5_uart'"),
        ("[none, open]", "[none, quartus]", "flows.1: Value error, there is no flow 'quartus'"),
        ("clock_mhz: 80", "clock_mhz: 0", "clock_mhz: Input should be greater than 0"),
        ("title: A board of mine", "titel: A board", "titel: Extra inputs are not permitted"),
        ("name: mine", "name: ../mine", "name: String should match pattern"),
        (
            "[none, open]",
            "[none]\ndram_mb_s: 1000",
            "dram_ports: Value error, dram_mb_s and dram_ports belong together",
        ),
        ("[none, open]", "[none]\ndram_ports: 2", "dram_ports: Value error, dram_mb_s and dram_ports belong together"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(tmp_path, old, new, told):
    path = written(tmp_path, MINE.replace(old, new))
    with pytest.raises(UserError) as caught:
        load_board(str(path))
    assert told in caught.value.what and caught.value.where == str(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [("- a\n- b\n", "not a mapping"), ("a: [\n", "not YAML"), ("x: !!python/name:os.system\n", "not YAML")],
)
def test_what_is_no_board_is_told(tmp_path, text, told):
    with pytest.raises(UserError, match=told):
        load_board(str(written(tmp_path, text)))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        load_board(str(tmp_path / "mine.yaml"))


def test_a_device_that_no_table_has_comes_with_its_budget(tmp_path):
    text = MINE.replace("xc7z020clg484-2", "xc7z045ffg900-2")
    text += "budget: {LUT: 218600, FF: 437200, LUTRAM: 70400, BRAM36: 545, DSP: 900}\n"
    assert load_board(str(written(tmp_path, text))).budget.DSP == 900


def test_in_a_configuration_the_file_lies_beside_it(tmp_path):
    written(tmp_path)
    configuration = written(tmp_path, "board: mine.yaml\n", "build.yaml")
    cfg = load_config(configuration, {})
    assert cfg.board == str(tmp_path / "mine.yaml") and cfg.output_dir == Path("builds/mine")


def test_a_build_keeps_the_board_it_was_for(tmp_path):
    (tmp_path / OWN_BOARDS).mkdir()
    written(tmp_path / OWN_BOARDS)
    assert board_of_build(tmp_path, "mine").title == "A board of mine"
    assert board_of_build(tmp_path, "pynq-z2") == load_board("pynq-z2")
