# SPDX-License-Identifier: BSD-3-Clause
"""Bilinear upsampling, the places of its pixels and its weighted sums: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

_FOLDER = Path(__file__).parent

RESAMPLE_AXIS = Bench(
    "resample_axis",
    _FOLDER,
    ("qu_resample_axis.sv",),
    (
        {"IN": 3, "OUT": 6, "STEP": 2, "PARTS": 4, "BEFORE": 1},
        {"IN": 2, "OUT": 8, "STEP": 2, "PARTS": 8, "BEFORE": 3},
        {"IN": 4, "OUT": 8, "STEP": 3, "PARTS": 7, "BEFORE": 0},
        {"IN": 3, "OUT": 5, "STEP": 3, "PARTS": 5, "BEFORE": 1},
        {"IN": 3, "OUT": 3, "STEP": 1, "PARTS": 1, "BEFORE": 0},
        {"IN": 1, "OUT": 3, "STEP": 1, "PARTS": 1, "BEFORE": 0},
    ),
    (
        Mutant("place", "qu_resample_axis.sv", "next - PLACE_BITS'(PARTS)", "next - PLACE_BITS'(PARTS - 1)"),
        Mutant("place", "qu_resample_axis.sv", "HELD_FROM - 1)", "HELD_FROM)"),
        Mutant("place", "qu_resample_axis.sv", "held || place < 0 ?", "held ?"),
        Mutant("last", "qu_resample_axis.sv", "INDEX_BITS'(OUT - 1);", "INDEX_BITS'(OUT);"),
    ),
)

BLEND = Bench(
    "blend",
    _FOLDER,
    ("qu_blend.sv",),
    (
        {"IN_BITS": 3, "OUT_BITS": 5, "PARTS": 4},
        {"IN_BITS": 3, "OUT_BITS": 6, "PARTS": 7, "IS_SIGNED": 1},
        {"IN_BITS": 2, "OUT_BITS": 6, "PARTS": 11},
        {"IN_BITS": 2, "OUT_BITS": 2, "PARTS": 1},
        {"IN_BITS": 1, "OUT_BITS": 2, "PARTS": 3},
    ),
    (
        Mutant("sum", "qu_blend.sv", "difference = second - first", "difference = second"),
        Mutant("sum", "qu_blend.sv", "sum_o - (first << i)", "sum_o + (first << i)", {"PARTS": 7, "OUT_BITS": 6}),
    ),
)

#: Parameters of the broken copies: rows and columns in twice the number, too large for a proof in minutes.
BOTH = {"HEIGHT": 2, "OUT_HEIGHT": 4, "WIDTH": 2, "OUT_WIDTH": 4}

BILINEAR = Bench(
    "bilinear",
    _FOLDER,
    ("qu_*.sv", *SHARED),
    (
        {"HEIGHT": 2, "OUT_HEIGHT": 4, "WIDTH": 1, "OUT_WIDTH": 1, "STEP_W": 1, "PARTS_W": 1, "BEFORE_W": 0, "FOLD": 2},
        {
            "HEIGHT": 2,
            "OUT_HEIGHT": 3,
            "STEP_H": 1,
            "PARTS_H": 2,
            "BEFORE_H": 0,
            "WIDTH": 2,
            "OUT_WIDTH": 3,
            "STEP_W": 1,
            "PARTS_W": 2,
            "BEFORE_W": 0,
            "OUT_BITS": 3,
        },
        {
            "HEIGHT": 1,
            "OUT_HEIGHT": 1,
            "STEP_H": 1,
            "PARTS_H": 1,
            "BEFORE_H": 0,
            "WIDTH": 3,
            "OUT_WIDTH": 6,
            "STEP_W": 2,
            "PARTS_W": 5,
            "BEFORE_W": 0,
            "BLOCK_RAM": 1,
        },
    ),
    (
        Mutant("mean", "qu_bilinear.sv", "if (moves_h) read_row", "read_row", BOTH),
        Mutant("mean", "qu_bilinear.sv", "odd_2 ? odd_sums_2[i] : even_2[i]", "even_2[i]", BOTH),
        Mutant("mean", "qu_bilinear.sv", "write_column > needed", "write_column >= needed", BOTH),
        Mutant("mean", "qu_bilinear.sv", "(moves_h && write_column < read_column)", "moves_h", BOTH),
        Mutant("valid_stays", "qu_bilinear.sv", "end else if (enable) begin", "end else begin", BOTH),
        Mutant("data_stays", "qu_bilinear.sv", "    if (enable) begin", "    begin", BOTH),
        Mutant("prompt.comes", "qu_bilinear.sv", "+ COLUMN_BITS'(right)", "+ COLUMN_BITS'(1)", BOTH),
        Mutant("accepts.comes", "qu_bilinear.sv", "= ahead != 2'd2 ||", "= ahead == 2'd0 ||", BOTH),
    ),
    heavy=True,
)

BENCHES = (RESAMPLE_AXIS, BLEND, BILINEAR)
