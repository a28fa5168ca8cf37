# SPDX-License-Identifier: BSD-3-Clause
"""Block matrix-vector unit: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.block_matrix_vector.rtl import OpenBlockMVAU_rtl
from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

_HERE = Path(__file__).parent

BLOCK_MATRIX_VECTOR = Bench(
    "block_matrix_vector",
    _HERE,
    OpenBlockMVAU_rtl.sources,
    (
        {"HEIGHT": 1, "GROUPS": 1, "BUFFER_ROWS": 1, "FRAMES": 3},
        {"HEIGHT": 1, "GROUPS": 2, "BUFFER_ROWS": 1, "FRAMES": 3},
        {"HEIGHT": 2, "GROUPS": 1, "BUFFER_ROWS": 1, "FRAMES": 3, "OUT_BLOCKS": 2},
    ),
    (Mutant("product", "qu_block_thresholds.sv", "bank[0] <= !bank[0]", "bank[0] <= bank[0]"),),
    heavy=True,
)

BLOCK_WRITER = Bench(
    "block_writer",
    _HERE,
    ("qu_block_writer.sv", *SHARED),
    (
        {"HEIGHT": 2, "ROWS": 1},
        {"HEIGHT": 2, "ROWS": 1, "BLOCKS": 2},
        {"GROUPS": 1, "HEIGHT": 1, "ROWS": 1, "WIDTH": 3},
        {"HEIGHT": 3, "ROWS": 2},
    ),
    (
        Mutant("order", "qu_block_writer.sv", "write_address + BITS'(GROUPS)", "write_address + BITS'(1)"),
        Mutant("order", "qu_block_writer.sv", "begun != 2'(BLOCKS);", "1'b1;"),
    ),
    covered=3,
)

BLOCK_READER = Bench(
    "block_reader",
    _HERE,
    ("qu_block_reader.sv", *SHARED),
    (
        {},
        {"KERNEL_W": 3, "COLUMNS": 3, "HEIGHT": 1},
        {"KERNEL_H": 3, "BUFFER_ROWS": 3},
        {"FOLD": 2, "GROUPS": 2, "HEIGHT": 1},
        {"KERNEL_W": 3, "HEIGHT": 1, "BUFFER_ROWS": 1},
    ),
    (Mutant("order", "qu_block_reader.sv", "STEP_GROUP + LAST_ROWS * ROW_WORDS", "STEP_GROUP + HEIGHT * ROW_WORDS"),),
    heavy=True,
)

BENCHES = (BLOCK_MATRIX_VECTOR, BLOCK_READER, BLOCK_WRITER)
