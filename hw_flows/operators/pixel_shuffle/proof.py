# SPDX-License-Identifier: BSD-3-Clause
"""Pixel shuffle: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

PIXEL_SHUFFLE = Bench(
    "pixel_shuffle",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"WIDTH": 2, "BLOCK_H": 2, "GROUP": 2},
        {"WIDTH": 2, "BLOCK_H": 2, "GROUP": 1, "WORD_BITS": 2},
        {"WIDTH": 3, "BLOCK_H": 2, "GROUP": 1, "BLOCK_RAM": 1},
        {"WIDTH": 1, "BLOCK_H": 2, "GROUP": 2},
        {"WIDTH": 2, "BLOCK_H": 3, "GROUP": 1},
        {"WIDTH": 3, "BLOCK_H": 1, "GROUP": 2},
    ),
    (
        Mutant("order", "qu_pixel_shuffle.sv", "ROW_WORDS - GROUP + 1", "ROW_WORDS - GROUP + 2"),
        Mutant("order", "qu_pixel_shuffle.sv", "write_address < read_address;", "write_address <= read_address;"),
        Mutant(
            "order",
            "qu_pixel_shuffle.sv",
            "read_address < ADDRESS_BITS'(front)",
            "read_address <= ADDRESS_BITS'(front)",
        ),
        Mutant("valid_stays", "qu_pixel_shuffle.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_pixel_shuffle.sv", "= enable && (ahead", "= (ahead"),
        Mutant("frames_bounded", "qu_pixel_shuffle.sv", "= !ahead || write_address < read_address;", "= 1'b1;"),
        Mutant("prompt.comes", "qu_pixel_shuffle.sv", "FRONT_BITS'(GROUP);", "FRONT_BITS'(GROUP - 1);"),
        Mutant("accepts.comes", "qu_pixel_shuffle.sv", "else if (read && read_end) ahead <= 1'b0;", ""),
    ),
    # BLOCK_H = 1 is a wire.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
    heavy=True,
)

BENCHES = (PIXEL_SHUFFLE,)
