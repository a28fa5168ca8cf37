# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.boards import available_boards, load_board
from hw_flows.machine.errors import UserError


def test_every_board_loads_and_carries_its_own_name():
    assert {"pynq-z1", "pynq-z2", "ulx3s-85f"} <= set(available_boards())
    for name in available_boards():
        board = load_board(name)
        assert board.name == name
        assert board.flows[0] == "none"
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
    with pytest.raises(UserError, match="pynq-z1, pynq-z2, ulx3s-85f") as caught:
        load_board(name)
    assert repr(name) in caught.value.what
