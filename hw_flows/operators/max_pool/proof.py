# SPDX-License-Identifier: BSD-3-Clause
"""Max pool: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

MAX_POOL = Bench(
    "max_pool",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"WIDTH": 4, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 1, "ELEMENT_BITS": 2},
        {"WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 1, "ELEMENT_BITS": 2, "IS_SIGNED": 1},
        {"WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 2, "ELEMENT_BITS": 2},
        {"WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 2, "FOLD": 3, "ELEMENT_BITS": 1, "BLOCK_RAM": 1},
        {"WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 1, "FOLD": 1, "ELEMENT_BITS": 2},
        {"WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 3, "FOLD": 1, "ELEMENT_BITS": 2, "LANES": 2},
        {"WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 1, "FOLD": 2, "ELEMENT_BITS": 2},
    ),
    (
        Mutant("maximum", "qu_max_pool.sv", "= (first || greater) ?", "= greater ?"),
        Mutant("maximum", "qu_max_pool.sv", "assign so_far = chained ? previous : stored;", "assign so_far = stored;"),
        Mutant("valid_stays", "qu_max_pool.sv", "else if (enable) valid <=", "else valid <="),
        Mutant(
            "data_stays", "qu_max_pool.sv", "accept        = enable && s_axis_tvalid", "accept        = s_axis_tvalid"
        ),
        Mutant("frames_bounded", "qu_max_pool.sv", "column_last && row_last;", "column_last;"),
        Mutant("prompt.comes", "qu_max_pool.sv", "column_last && row_last;", "column_last && row_last && window_last;"),
        Mutant(
            "accepts.comes",
            "qu_max_pool.sv",
            "assign s_axis_tready = enable;",
            "assign s_axis_tready = enable && row_first;",
        ),
    ),
    paths=FOLLOWS,
)

BENCHES = (MAX_POOL,)
