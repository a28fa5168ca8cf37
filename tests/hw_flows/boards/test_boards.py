# SPDX-License-Identifier: BSD-3-Clause
from pathlib import Path

import pytest

from hw_flows import boards
from hw_flows.boards import available_boards, load_board
from hw_flows.flows import find_flow, flows_of
from hw_flows.machine.errors import UserError
from hw_flows.place_route.nextpnr_ecp5 import device_options
from hw_flows.shells.ecp5_uart import serial_speed
from hw_flows.shells.ecp5_uart.pll import pll_for


def test_every_board_loads_and_carries_its_own_name():
    assert {"pynq-z1", "pynq-z2", "ulx3s-85f"} <= set(available_boards())
    for name in available_boards():
        board = load_board(name)
        assert board.name == name
        assert board.tried, "what was and what was not tried stands in the file"
        assert board.budget.LUTRAM < board.budget.LUT


def test_the_zynq_boards_have_the_budget_of_the_xc7z020():
    for name in ("pynq-z1", "pynq-z2"):
        board = load_board(name)
        assert board.part == "xc7z020clg400-1"
        assert board.budget.model_dump() == {"LUT": 53200, "FF": 106400, "LUTRAM": 17400, "BRAM36": 140, "DSP": 220}


def test_finns_spelling_of_a_board_is_understood():
    assert load_board("Pynq-Z2") == load_board("pynq-z2")


def test_other_names_of_a_board_are_understood():
    assert load_board("ulx3s") == load_board("ULX3S-85F")


@pytest.mark.parametrize("name", ["pynq-z9", "", "../pynq-z2", "pynq-z2.yaml"])
def test_an_unknown_board_is_answered_with_the_list_of_boards(name):
    with pytest.raises(UserError, match=r"pynq-z1, pynq-z2, .*ulx3s-85f") as caught:
        load_board(name)
    assert repr(name) in caught.value.what


def test_a_board_without_open_tools_says_so_in_one_message():
    assert [flow.name for flow in flows_of(load_board("cora-z7-07s"))] == ["vivado"]
    with pytest.raises(UserError, match="no flow 'open' for Digilent Cora Z7-07S"):
        find_flow("open", load_board("cora-z7-07s"))


@pytest.mark.parametrize("name", ["arty-z7-20", "zybo-z7-20", "zedboard", "cora-z7-10"])
def test_zynq_boards_differ_by_their_file_alone(name):
    board = load_board(name)
    assert (board.family, board.shell) == ("xc7", "zynq7")
    assert [flow.name for flow in flows_of(board)] == ["vivado", "open"]


def test_a_zynq_design_may_read_less_than_half_of_what_the_memory_gives():
    peak = {16: 2100, 32: 4264}  # MB/s by bits of the data bus
    bits = dict.fromkeys(("pynq-z1", "pynq-z2", "arty-z7-20", "cora-z7-10", "cora-z7-07s"), 16)
    bits |= dict.fromkeys(("zybo-z7-20", "zedboard"), 32)
    zynq = {name for name in available_boards() if load_board(name).shell == "zynq7"}
    assert bits.keys() == zynq
    for name, width in bits.items():
        board = load_board(name)
        assert board.dram_mb_s is not None and 0.4 * peak[width] < board.dram_mb_s < 0.5 * peak[width]
        assert board.dram_ports == 4
        assert 8 * board.clock_mhz * board.dram_ports > board.dram_mb_s
    for name in set(available_boards()) - zynq:
        assert (load_board(name).dram_mb_s, load_board(name).dram_ports) == (None, 0)


@pytest.mark.parametrize("name", ["orangecrab-85f", "colorlight-i9", "ecp5-evn", "ulx3s-85f"])
def test_ecp5_boards_differ_by_their_file_alone(name):
    board = load_board(name)
    assert [flow.name for flow in flows_of(board)] == ["open"]
    assert device_options(board.part) and board.serial is not None
    pll = pll_for(board.oscillator_mhz, board.clock_mhz)
    assert pll.clock_mhz == pytest.approx(board.clock_mhz)
    assert serial_speed(pll.clock_mhz, board.serial.baud)[0] == board.serial.baud[0]


@pytest.mark.parametrize(
    ("name", "luts", "blocks"), [("kv260", 117120, 64), ("zcu104", 230400, 96), ("ultra96-v2", 70560, 0)]
)
def test_ultrascale_boards_differ_by_their_file_alone(name, luts, blocks):
    board = load_board(name)
    assert [flow.name for flow in flows_of(board)] == ["finn"]
    assert (board.family, board.budget.LUT, board.budget.URAM) == ("xcup", luts, blocks)
    with pytest.raises(UserError, match="there is no open place and route for UltraScale"):
        find_flow("open", board)


def test_the_page_of_the_boards_has_every_board_with_its_flows():
    page = (Path(boards.__file__).parent / "README.md").read_text()
    for name in available_boards():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        flows = sorted(flow.name for flow in flows_of(load_board(name)))
        assert sorted(row.split("|")[4].strip().split(", ")) == (flows or ["none"])
