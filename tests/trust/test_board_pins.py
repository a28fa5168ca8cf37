# SPDX-License-Identifier: BSD-3-Clause
"""Pins are compared with LiteX-Boards where it is installed; here a stand-in for one of its boards."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from hw_flows.boards import Pin, load_board
from hw_flows.machine.errors import UserError
from trust.board_pins import Known, differences


class Pins:
    def __init__(self, *identifiers: str) -> None:
        self.identifiers = list(identifiers)


class IOStandard:
    def __init__(self, name: str) -> None:
        self.name = name


class Subsignal:
    def __init__(self, name: str, *constraints: object) -> None:
        self.name, self.constraints = name, constraints


KNOWN = Known("mine", ("_io",), "clk25", "user_led_n", "cpu_reset_n", connectors="_connectors")


@pytest.fixture
def litex(monkeypatch):
    platform = ModuleType("litex_boards.platforms.mine")
    standard = IOStandard("LVCMOS33")
    platform._connectors = [("pmod", "- H18 J17")]
    platform._io = [
        ("clk25", 0, Pins("P3"), standard),
        ("user_led_n", 0, Pins("L2"), standard),
        ("cpu_reset_n", 0, Pins("K18"), standard),
        ("serial", 0, Subsignal("tx", Pins("pmod:2")), Subsignal("rx", Pins("pmod:1")), standard),
    ]
    for name in ("litex_boards", "litex_boards.platforms"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "litex_boards.platforms.mine", platform)


@pytest.mark.usefixtures("litex")
def test_the_same_pins_are_no_difference_and_another_one_is_named():
    board = load_board("colorlight-i9")
    assert differences(board, KNOWN) == []
    swapped = board.pins.model_copy(update={"rxd": Pin(site="J17"), "reset": Pin(site="K18", standard="LVCMOS25")})
    assert differences(board.model_copy(update={"pins": swapped}), KNOWN) == [
        "colorlight-i9: rxd is J17 LVCMOS33, LiteX-Boards has H18 LVCMOS33",
        "colorlight-i9: reset is K18 LVCMOS25, LiteX-Boards has K18 LVCMOS33",
    ]


def test_without_litex_boards_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "litex_boards", None)
    with pytest.raises(UserError, match="LiteX-Boards is missing"):
        differences(load_board("colorlight-i9"), KNOWN)
