# SPDX-License-Identifier: BSD-3-Clause
"""Width converter: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

#: Parameters of broken copies where the first set does not show the error.
WIDEN = {"IN_WIDTH": 2, "OUT_WIDTH": 4, "FRAME_BITS": 4}
NARROW = {"IN_WIDTH": 4, "OUT_WIDTH": 2, "FRAME_BITS": 4}

WIDTH_CONVERTER = Bench(
    "width_converter",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"IN_WIDTH": 2, "OUT_WIDTH": 3, "FRAME_BITS": 6},
        {"IN_WIDTH": 2, "OUT_WIDTH": 4, "FRAME_BITS": 4},
        {"IN_WIDTH": 4, "OUT_WIDTH": 2, "FRAME_BITS": 4},
        {"IN_WIDTH": 3, "OUT_WIDTH": 3, "FRAME_BITS": 3},
        {"IN_WIDTH": 3, "OUT_WIDTH": 2, "FRAME_BITS": 6},
        {"IN_WIDTH": 4, "OUT_WIDTH": 6, "FRAME_BITS": 12},
        {"IN_WIDTH": 6, "OUT_WIDTH": 4, "FRAME_BITS": 12},
        {"IN_WIDTH": 5, "OUT_WIDTH": 3, "FRAME_BITS": 15},
        {"IN_WIDTH": 1, "OUT_WIDTH": 7, "FRAME_BITS": 7},
        {"IN_WIDTH": 9, "OUT_WIDTH": 3, "FRAME_BITS": 9},
    ),
    (
        Mutant("order", "qu_regroup.sv", "ring[read_place*OUT_WIDTH", "ring[write_place*OUT_WIDTH"),
        Mutant(
            "order",
            "qu_widen.sv",
            "{s_axis_tdata, m_axis_tdata[IN_WIDTH*RATIO-1:IN_WIDTH]}",
            "{m_axis_tdata[IN_WIDTH*RATIO-IN_WIDTH-1:0], s_axis_tdata}",
            WIDEN,
        ),
        Mutant("order", "qu_narrow.sv", "word[part*OUT_WIDTH", "word[(RATIO-1-part)*OUT_WIDTH", NARROW),
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
        Mutant("accepts.comes", "qu_regroup.sv", "<= LEVEL_BITS'(RING_UNITS - IN_UNITS)", "< LEVEL_BITS'(OUT_UNITS - 1)"),
    ),
    # Only of those that keep no word, or one word, in a register.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

BENCHES = (WIDTH_CONVERTER,)
