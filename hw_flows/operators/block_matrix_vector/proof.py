# SPDX-License-Identifier: BSD-3-Clause
"""Block matrix-vector unit: what is proved of its reader and writer for all times, and of all of it for some frames."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

_HERE = Path(__file__).parent
_PRODUCTS = ("booth_chain", "adder_tree", "dot_product", "multipliers")

#: Parameters of broken copies where the first set does not show the error.
TWO_GROUPS = {"HEIGHT": 1, "GROUPS": 2, "BUFFER_ROWS": 1, "FRAMES": 3}
TWO_BLOCKS = {"HEIGHT": 2, "GROUPS": 1, "BUFFER_ROWS": 1, "FRAMES": 3}
LONG_PASSES = {"HEIGHT": 2, "ROWS": 2, "GROUPS": 2, "BUFFER_ROWS": 2, "FRAMES": 3}

#: Products in DSP slices: those in LUTs differ in the arithmetic only, which simulation compares with the golden model.
BLOCK_MATRIX_VECTOR = Bench(
    "block_matrix_vector",
    _HERE,
    (
        "qu_block_*.sv",
        *(_HERE.parent / "matrix_vector" / f"qu_{name}.sv" for name in _PRODUCTS),
        _HERE.parent / "thresholding" / "qu_not_less.sv",
        *SHARED,
    ),
    (
        {"HEIGHT": 1, "GROUPS": 1, "BUFFER_ROWS": 1, "FRAMES": 3, "PROMPT": 24},
        TWO_GROUPS,
        TWO_BLOCKS,
        {**TWO_BLOCKS, "OUT_BLOCKS": 2},
        {"HEIGHT": 1, "GROUPS": 1, "BUFFER_ROWS": 1, "FRAMES": 3, "FOLD": 2},
    ),
    (
        Mutant("product", "qu_block_thresholds.sv", "bank[0] <= !bank[0]", "bank[0] <= bank[0]", TWO_GROUPS),
        Mutant("product", "qu_block_weights.sv", "else if (group_taken) bank", "else if (take) bank", TWO_GROUPS),
        Mutant("product", "qu_block_weights.sv", "if (swap_i) weights_o", "if (claim_i) weights_o", LONG_PASSES),
        Mutant("product", "qu_block_weights.sv", "&& !(is_row && groups == 2'd2);", ";", TWO_GROUPS),
        Mutant(
            "product",
            "qu_block_sums.sv",
            "{valid_i, valid && final_pass}",
            "{valid_i, valid}",
            {"FOLD": 2, "GROUPS": 1},
        ),
        Mutant("product", "qu_block_weights.sv", "if (swap_i) {full, claimed}", "if (claim_i) {full, claimed}"),
        Mutant("prompt.comes", "qu_block_weights.sv", "if (last && !is_row) full <= 1'b1;", ""),
    ),
    bound=32,
    search=44,
    depth=60,
    heavy=True,
)

READER = ("qu_block_reader.sv", *SHARED)
COLUMNS = {"KERNEL_W": 3, "COLUMNS": 3, "HEIGHT": 1}

BLOCK_READER = Bench(
    "block_reader",
    _HERE,
    READER,
    ({}, COLUMNS),
    (
        Mutant("order", "qu_block_reader.sv", "STEP_GROUP + LAST_ROWS * ROW_WORDS", "STEP_GROUP + HEIGHT * ROW_WORDS"),
        Mutant("order", "qu_block_reader.sv", "pass_last && !block_done", "pass_last"),
        Mutant("zero", "qu_block_reader.sv", "BESIDE - k && y", "BESIDE - k - 1 && y", COLUMNS),
        Mutant("claims", "qu_block_reader.sv", "&& (room_i ||", "|| (room_i ||"),
    ),
    heavy=True,
)

#: Windows of several rows: too many states for a proof for all times.
BLOCK_READER_ROWS = Bench(
    "block_reader_rows",
    _HERE,
    READER,
    (
        {"KERNEL_H": 3, "BUFFER_ROWS": 3},
        {"FOLD": 2, "GROUPS": 2, "HEIGHT": 1},
        {"KERNEL_W": 3, "HEIGHT": 1, "BUFFER_ROWS": 1},
    ),
    (
        Mutant("order", "qu_block_reader.sv", "LEVEL_BITS'(BUFFER_ROWS - KEEP)", "LEVEL_BITS'(BUFFER_ROWS)"),
        Mutant("order", "qu_block_reader.sv", "32'(level) >= NEED ||", "32'(level) >= ROWS ||"),
        Mutant("flags", "qu_block_reader.sv", "word_first <= word_last;", "word_first <= run_last;"),
    ),
    module="block_reader",
    bound=28,
    depth=60,
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
        Mutant(
            "order",
            "qu_block_writer.sv",
            "write_second ^ group_last",
            "write_second",
            {"HEIGHT": 2, "ROWS": 1, "BLOCKS": 2},
        ),
        Mutant("valid_stays", "qu_block_writer.sv", "if (enable) m_axis_tvalid", "m_axis_tvalid"),
        Mutant("data_stays", "qu_block_writer.sv", "= enable && complete", "= complete"),
        Mutant(
            "accepts.comes",
            "qu_block_writer.sv",
            "complete <= complete + 2'(block_written)",
            "complete <= 2'(block_written)",
        ),
        Mutant("frames_bounded", "qu_block_writer.sv", "LAST_WORDS - 1)", "LAST_WORDS)", {"HEIGHT": 2, "ROWS": 1}),
    ),
    covered=3,
    heavy=True,
)

BENCHES = (BLOCK_MATRIX_VECTOR, BLOCK_READER, BLOCK_READER_ROWS, BLOCK_WRITER)
