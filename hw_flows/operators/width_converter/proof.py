# SPDX-License-Identifier: BSD-3-Clause
"""Width converter: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

#: Parameters of broken copies where the first set does not show the error.
WIDEN = {"IN_WORD_BITS": 2, "OUT_WORD_BITS": 4, "FRAME_BITS": 4}
NARROW = {"IN_WORD_BITS": 4, "OUT_WORD_BITS": 2, "FRAME_BITS": 4}

WIDTH_CONVERTER = Bench(
    "width_converter",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"IN_WORD_BITS": 2, "OUT_WORD_BITS": 3, "FRAME_BITS": 6},
        {"IN_WORD_BITS": 2, "OUT_WORD_BITS": 4, "FRAME_BITS": 4},
        {"IN_WORD_BITS": 4, "OUT_WORD_BITS": 2, "FRAME_BITS": 4},
        {"IN_WORD_BITS": 3, "OUT_WORD_BITS": 3, "FRAME_BITS": 3},
        {"IN_WORD_BITS": 3, "OUT_WORD_BITS": 2, "FRAME_BITS": 6},
        {"IN_WORD_BITS": 4, "OUT_WORD_BITS": 6, "FRAME_BITS": 12},
        {"IN_WORD_BITS": 6, "OUT_WORD_BITS": 4, "FRAME_BITS": 12},
        {"IN_WORD_BITS": 5, "OUT_WORD_BITS": 3, "FRAME_BITS": 15},
        {"IN_WORD_BITS": 1, "OUT_WORD_BITS": 7, "FRAME_BITS": 7},
        {"IN_WORD_BITS": 9, "OUT_WORD_BITS": 3, "FRAME_BITS": 9},
    ),
    (
        Mutant("order", "qu_regroup.sv", "ring[read_place*OUT_WORD_BITS", "ring[write_place*OUT_WORD_BITS"),
        Mutant(
            "order",
            "qu_widen.sv",
            "{s_axis_tdata, m_axis_tdata[IN_WORD_BITS*RATIO-1:IN_WORD_BITS]}",
            "{m_axis_tdata[IN_WORD_BITS*RATIO-IN_WORD_BITS-1:0], s_axis_tdata}",
            WIDEN,
        ),
        Mutant("order", "qu_narrow.sv", "word[part*OUT_WORD_BITS", "word[(RATIO-1-part)*OUT_WORD_BITS", NARROW),
        Mutant(
            "valid_stays", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", ">= LEVEL_BITS'(OUT_UNITS) && !s_axis_tvalid;"
        ),
        Mutant(
            "data_stays",
            "qu_regroup.sv",
            "<= LEVEL_BITS'(RING_UNITS - IN_UNITS)",
            "<= LEVEL_BITS'(RING_UNITS - IN_UNITS + 1)",
        ),
        Mutant("data_stays", "qu_widen.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;", WIDEN),
        Mutant("frames_bounded", "qu_narrow.sv", "last && m_axis_tready", "m_axis_tready", NARROW),
        Mutant("frames_bounded", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", "!= '0;"),
        Mutant("prompt.comes", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", "> LEVEL_BITS'(OUT_UNITS);"),
        Mutant(
            "accepts.comes", "qu_regroup.sv", "<= LEVEL_BITS'(RING_UNITS - IN_UNITS)", "< LEVEL_BITS'(OUT_UNITS - 1)"
        ),
    ),
    # Only of those that keep no word, or one word, in a register.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

BENCHES = (WIDTH_CONVERTER,)
