# SPDX-License-Identifier: BSD-3-Clause
"""Sliding window: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

#: Parameters of broken copies where the first set does not show the error.
STRIDED = {"HEIGHT": 3, "WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 1, "DEPTH": 2, "STRIDE_H": 2, "STRIDE_W": 2}
DILATED = {"HEIGHT": 1, "WIDTH": 4, "KERNEL_H": 1, "KERNEL_W": 2, "DILATION_W": 2, "DEPTH": 4}
PARALLEL = {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6, "PARALLEL": 1}

SLIDING_WINDOW = Bench(
    "sliding_window",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"HEIGHT": 2, "WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 1, "DEPTH": 4},
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6},
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6, "PARALLEL": 1},
        STRIDED,
        {"HEIGHT": 1, "WIDTH": 5, "KERNEL_H": 1, "KERNEL_W": 2, "DEPTH": 3, "STRIDE_W": 3, "PARALLEL": 1},
        DILATED,
    ),
    (
        Mutant(
            "order",
            "qu_window_reader.sv",
            "((DILATION_H * WIDTH - REACH_W) * FOLD + 1) % DEPTH",
            "((DILATION_H * WIDTH - REACH_W) * FOLD) % DEPTH",
        ),
        Mutant("order", "qu_window_reader.sv", "((DILATION_W - 1) * FOLD + 1)", "(DILATION_W * FOLD + 1)", DILATED),
        Mutant("order", "qu_window_reader.sv", "= DEPTH - SPAN;", "= DEPTH - SPAN + 1;"),
        Mutant("order", "qu_window_reader.sv", "(FREED > SLACK ? FREED", "(NEXT_FRAME > SLACK ? NEXT_FRAME", STRIDED),
        Mutant(
            "order",
            "qu_column_window.sv",
            "columns[(w*KERNEL_H+h)*WORD_BITS",
            "columns[(h*KERNEL_W+w)*WORD_BITS",
            PARALLEL,
        ),
        Mutant("valid_stays", "qu_window_reader.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_window_reader.sv", "= enable && !level", "= !level"),
        Mutant(
            "prompt.comes", "qu_column_window.sv", "= !column_last || !m_axis_tvalid ||", "= !column_last ||", PARALLEL
        ),
        Mutant("data_stays", "qu_column_window.sv", "if (shift) columns <= {", "if (take) columns <= {", PARALLEL),
        Mutant(
            "valid_stays",
            "qu_column_window.sv",
            "= !column_last || !m_axis_tvalid || m_axis_tready;",
            "= 1'b1;",
            PARALLEL,
        ),
        Mutant("frames_bounded", "qu_window_reader.sv", "else freed = -LEVEL_BITS'(NEXT_FRAME);", "else freed = '0;"),
        Mutant(
            "prompt.comes",
            "qu_window_reader.sv",
            "LEVEL_EMPTY = -LEVEL_BITS'(SPAN)",
            "LEVEL_EMPTY = -LEVEL_BITS'(SPAN + 1)",
        ),
        Mutant(
            "accepts.comes",
            "qu_window_reader.sv",
            "= level != LEVEL_FULL;",
            "= level != LEVEL_FULL && level != '0 - 1'b1;",
        ),
    ),
    paths=FOLLOWS,
    heavy=True,
)

WINDOW_READER = Bench(
    "window_reader",
    Path(__file__).parent,
    SLIDING_WINDOW.sources,
    (
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6},
        {"HEIGHT": 3, "WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 1, "DEPTH": 4, "STRIDE_H": 2, "STRIDE_W": 2},
        {"HEIGHT": 2, "WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 2, "DEPTH": 5, "FOLD": 2, "WORD_BITS": 4},
        {"HEIGHT": 5, "WIDTH": 6, "KERNEL_H": 3, "KERNEL_W": 2, "DEPTH": 32, "FOLD": 2, "STRIDE_H": 2, "STRIDE_W": 2},
        {"HEIGHT": 10, "WIDTH": 12, "KERNEL_H": 3, "KERNEL_W": 3, "DEPTH": 32, "WORD_BITS": 4, "BLOCK_RAM": 1},
        {
            "HEIGHT": 6,
            "WIDTH": 8,
            "KERNEL_H": 3,
            "KERNEL_W": 3,
            "DEPTH": 96,
            "FOLD": 2,
            "DILATION_H": 2,
            "DILATION_W": 3,
        },
    ),
    (
        Mutant("order", "qu_window_reader.sv", "(NEXT_FRAME + BACK)", "(NEXT_FRAME + BACK + 1)"),
        Mutant("counted", "qu_window_reader.sv", "+ LEVEL_BITS'(write)", "+ LEVEL_BITS'(s_axis_tvalid)"),
        Mutant("reads_on", "qu_window_reader.sv", "= enable && !level", "= enable && s_axis_tready && !level"),
        Mutant("kept", "qu_window_reader.sv", ".write_address_i(write_address),", ".write_address_i(read_address),"),
    ),
    paths=FOLLOWS,
    induction=2,
    covered=3,
    depth=40,
)

BENCHES = (SLIDING_WINDOW, WINDOW_READER)
