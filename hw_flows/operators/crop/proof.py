# SPDX-License-Identifier: BSD-3-Clause
"""Crop: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

CROP = Bench(
    "crop",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"HEIGHT": 3, "WIDTH": 3},
        {"HEIGHT": 2, "WIDTH": 3, "CROP_TOP": 0, "CROP_LEFT": 1, "CROP_BOTTOM": 1, "CROP_RIGHT": 0, "WORD_BITS": 2},
        {"HEIGHT": 3, "WIDTH": 2, "CROP_TOP": 2, "CROP_LEFT": 0, "CROP_BOTTOM": 0, "CROP_RIGHT": 1},
        {"HEIGHT": 1, "WIDTH": 3, "CROP_TOP": 0, "CROP_LEFT": 0, "CROP_BOTTOM": 0, "CROP_RIGHT": 1, "FOLD": 2},
        {"HEIGHT": 2, "WIDTH": 2, "CROP_TOP": 0, "CROP_LEFT": 0, "CROP_BOTTOM": 0, "CROP_RIGHT": 0},
    ),
    (
        Mutant("order", "qu_crop.sv", "m_axis_tdata <= s_axis_tdata", "m_axis_tdata <= ~s_axis_tdata"),
        Mutant("order", "qu_crop.sv", "(WIDTH - CROP_RIGHT) * FOLD - 1", "(WIDTH - CROP_RIGHT) * FOLD"),
        Mutant("order", "qu_crop.sv", "Y_BITS'(HEIGHT - CROP_BOTTOM - 1)", "Y_BITS'(HEIGHT - CROP_BOTTOM)"),
        Mutant(
            "valid_stays",
            "qu_crop.sv",
            "else if (enable) m_axis_tvalid <= s_axis_tvalid && kept;",
            "else m_axis_tvalid <= s_axis_tvalid && kept;",
        ),
        Mutant("data_stays", "qu_crop.sv", "if (enable && kept)", "if (kept)"),
        Mutant("prompt.comes", "qu_crop.sv", "<= s_axis_tvalid && kept;", "<= s_axis_tvalid && kept && x == '0;"),
        Mutant("accepts.comes", "qu_crop.sv", "= enable || !kept;", "= enable && kept;"),
    ),
    paths=FOLLOWS,
)

BENCHES = (CROP,)
