# SPDX-License-Identifier: BSD-3-Clause
"""Padding: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

PADDING = Bench(
    "padding",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"HEIGHT": 1, "WIDTH": 2, "FOLD": 1},
        {"HEIGHT": 2, "WIDTH": 2, "FOLD": 1, "WORD_BITS": 2},
        {"HEIGHT": 1, "WIDTH": 2, "FOLD": 2},
        {"HEIGHT": 2, "WIDTH": 1, "PAD_TOP": 2, "PAD_LEFT": 0, "PAD_BOTTOM": 0, "PAD_RIGHT": 1},
        {"HEIGHT": 2, "WIDTH": 2, "PAD_TOP": 0, "PAD_LEFT": 2, "PAD_BOTTOM": 1, "PAD_RIGHT": 0},
        {"HEIGHT": 1, "WIDTH": 1, "PAD_TOP": 0, "PAD_LEFT": 0, "PAD_BOTTOM": 0, "PAD_RIGHT": 0},
    ),
    (
        Mutant("order", "qu_padding.sv", "pixel ? s_axis_tdata : '0", "pixel ? ~s_axis_tdata : '0"),
        Mutant("zero", "qu_padding.sv", "pixel ? s_axis_tdata : '0", "s_axis_tdata"),
        Mutant("order", "qu_padding.sv", "else if (x == X_LAST)", "else if (x == X_LAST + 1'b1)"),
        Mutant("valid_stays", "qu_padding.sv", "else if (enable) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant("data_stays", "qu_padding.sv", "= enable && available;", "= available;"),
        Mutant("frames_bounded", "qu_padding.sv", "s_axis_tready = enable && pixel;", "s_axis_tready = enable;"),
        Mutant("prompt.comes", "qu_padding.sv", "s_axis_tvalid || !(pixel || frame_start)", "s_axis_tvalid"),
        Mutant(
            "accepts.comes",
            "qu_padding.sv",
            "s_axis_tready = enable && pixel;",
            "s_axis_tready = enable && pixel && !frame_start && y != '0 && x == '1;",
        ),
    ),
    paths=FOLLOWS,
)

BENCHES = (PADDING,)
