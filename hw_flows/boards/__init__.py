# SPDX-License-Identifier: BSD-3-Clause
"""The boards that a build can be for: one YAML file each with part, shell, clocks and flows.

`load_board` takes the name of a board here or the path of a file like these, wherever it lies. Every field is explained in
board.py.
"""

from hw_flows.boards.board import NO_SHELL, Board, Pin, Pins, Serial
from hw_flows.boards.files import OWN_BOARDS, available_boards, board_of_build, is_file_name, load_board

__all__ = [
    "NO_SHELL",
    "OWN_BOARDS",
    "Board",
    "Pin",
    "Pins",
    "Serial",
    "available_boards",
    "board_of_build",
    "is_file_name",
    "load_board",
]
