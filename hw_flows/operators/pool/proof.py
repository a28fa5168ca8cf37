# SPDX-License-Identifier: BSD-3-Clause
"""Pool: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

#: One axis, whose windows overlap: the bench's own, and two that are open at a time.
ROW = {"WIDTH": 4, "KERNEL_W": 3, "STRIDE_W": 2, "PAD_LEFT": 1, "OUT_WIDTH": 2}
DENSE = {"WIDTH": 3, "KERNEL_W": 3, "STRIDE_W": 1, "PAD_LEFT": 1, "OUT_WIDTH": 3}
FOLDED = {**ROW, "WIDTH": 3, "FOLD": 2}
IMAGE = {
    "HEIGHT": 2,
    "WIDTH": 2,
    "KERNEL_H": 2,
    "KERNEL_W": 2,
    "STRIDE_W": 1,
    "PAD_TOP": 1,
    "PAD_LEFT": 1,
    "OUT_HEIGHT": 2,
    "OUT_WIDTH": 2,
}
TOTAL = {
    **IMAGE,
    "PAD_TOP": 0,
    "PAD_LEFT": 0,
    "OUT_HEIGHT": 1,
    "OUT_WIDTH": 1,
    "SUM": 1,
    "IN_BITS": 1,
    "ROW_SUM_BITS": 2,
    "ROW_BITS": 2,
    "SUM_BITS": 3,
    "OUT_BITS": 3,
}
SUMS = {**DENSE, "SUM": 1, "IN_BITS": 1}
#: Of two and three elements: times 3 and 2.
AVERAGES = {**SUMS, "MULTIPLE_H": 1, "MULTIPLE_W": 6, "ROW_BITS": 3, "SUM_BITS": 3, "OUT_BITS": 3}

POOL = Bench(
    "pool",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        ROW,
        DENSE,
        {**DENSE, "IS_SIGNED": 1},
        FOLDED,
        SUMS,
        AVERAGES,
        {**ROW, "KERNEL_W": 1, "PAD_LEFT": 0},
        {**ROW, "KERNEL_W": 2, "PAD_LEFT": 0},
        IMAGE,
        TOTAL,
        {**TOTAL, "FOLD": 2, "BLOCK_ROW": 1, "BLOCK_RAM": 1},
    ),
    (
        Mutant("pooled", "qu_pool_axis.sv", "= fresh || (greater && !absent) ?", "= greater && !absent ?"),
        Mutant("pooled", "qu_pool_axis.sv", "= fresh || (greater && !absent) ?", "= fresh || greater ?", DENSE),
        Mutant("pooled", "qu_pool_axis.sv", "+ (absent ? '0 : element)", "+ element", SUMS),
        Mutant("pooled", "qu_pool_axis.sv", "(fresh ? '0 : partial) +", "partial +", SUMS),
        Mutant(
            "pooled",
            "qu_pool_axis.sv",
            "{grown[(SLOTS-1)*WORD_BITS-1:0], extended} : grown;",
            "{slots[(SLOTS-1)*WORD_BITS-1:0], extended} : grown;",
            DENSE,
        ),
        Mutant(
            "pooled",
            "qu_pool_axis.sv",
            "phase <= PHASE_BITS'(PAD % STRIDE);\n      else if",
            "phase <= '0;\n      else if",
        ),
        Mutant("pooled", "qu_pool_axis.sv", ".write_address_i(write_address),", ".write_address_i(address),", FOLDED),
        Mutant(
            "pooled", "qu_pool_axis.sv", "if (step) factor <=", "if (next_position) factor <=", {**AVERAGES, "FOLD": 2}
        ),
        Mutant("pooled", "qu_pool_axis.sv", "? window * STRIDE : PAD;", "? window * STRIDE : 0;", AVERAGES),
        Mutant("pooled", "qu_pool_axis.sv", "EARLY = PAD > 0;", "EARLY = 1'b0;"),
        Mutant("pooled", "qu_pool_axis.sv", "(KERNEL - 1) % STRIDE != 0;", "1'b1;"),
        Mutant("valid_stays", "qu_pool_axis.sv", "else if (enable) valid <= step;", "else valid <= step;"),
        Mutant("pooled", "qu_pool_axis.sv", "if (enable && valid) slots <= stored;", "if (valid) slots <= stored;"),
        Mutant(
            "frames_bounded",
            "qu_pool_axis.sv",
            "assign m_axis_tvalid = valid && last;",
            "assign m_axis_tvalid = valid;",
        ),
        Mutant(
            "prompt.comes",
            "qu_pool_axis.sv",
            "= enable && (s_axis_tvalid || beyond);",
            "= enable && s_axis_tvalid;",
            DENSE,
        ),
        Mutant("accepts.comes", "qu_pool_axis.sv", "= enable && !beyond;", "= enable && !beyond && !position_last;"),
    ),
    paths=FOLLOWS,
)

BENCHES = (POOL,)
