# SPDX-License-Identifier: BSD-3-Clause
"""Padding by the image's own pixels: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

#: Parameters of broken copies where the first set does not show the error.
REPEATED = {"HEIGHT": 2, "WIDTH": 1, "PAD_LEFT": 1, "PAD_RIGHT": 0, "REFLECT": 0}
FOLDED = {"HEIGHT": 1, "WIDTH": 2, "PAD_TOP": 0, "PAD_BOTTOM": 0, "FOLD": 2}
IN_ORDER = {"HEIGHT": 1, "WIDTH": 2, "PAD_TOP": 0, "PAD_LEFT": 0, "PAD_BOTTOM": 0}

EDGE_PADDING = Bench(
    "edge_padding",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"HEIGHT": 2, "WIDTH": 1, "PAD_LEFT": 0, "PAD_RIGHT": 0},
        REPEATED,
        FOLDED,
        {"HEIGHT": 3, "WIDTH": 1, "PAD_TOP": 2, "PAD_LEFT": 0, "PAD_BOTTOM": 1, "PAD_RIGHT": 0, "BLOCK_RAM": 1},
        {"HEIGHT": 1, "WIDTH": 1, "PAD_TOP": 1, "PAD_LEFT": 0, "PAD_BOTTOM": 1, "PAD_RIGHT": 2, "REFLECT": 0},
    ),
    (
        Mutant(
            "order",
            "qu_edge_padding.sv",
            "else if (y_inside) row_start <= on(row_start, 1);",
            "else if (y_inside) row_start <= on(row_start, 2);",
        ),
        Mutant(
            "order",
            "qu_edge_padding.sv",
            "else if (REFLECT != 0) row_start",
            "else if (REFLECT == 0) row_start",
            REPEATED,
        ),
        Mutant("order", "qu_edge_padding.sv", "WORD_INDEX_BITS'(2 * FOLD - 1)", "WORD_INDEX_BITS'(2 * FOLD)", FOLDED),
        Mutant("order", "qu_edge_padding.sv", "write_column > column", "write_column >= column"),
        Mutant("order", "qu_edge_padding.sv", "AHEAD_BITS'(MIRROR_BOTTOM + 1) :", "AHEAD_BITS'(MIRROR_BOTTOM + 2) :"),
        Mutant("valid_stays", "qu_edge_padding.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_edge_padding.sv", "= enable && (ahead", "= (ahead"),
        Mutant("prompt.comes", "qu_edge_padding.sv", "(ahead == offset && write_column > column)", "1'b0", IN_ORDER),
        Mutant("accepts.comes", "qu_edge_padding.sv", "ahead != AHEAD_BITS'(ROWS);", "ahead < AHEAD_BITS'(ROWS - 3);"),
    ),
    heavy=True,
)

BENCHES = (EDGE_PADDING,)
