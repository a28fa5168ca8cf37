# SPDX-License-Identifier: BSD-3-Clause
"""Fifo: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import STRUCTURE, Bench, Mutant

FIFO = Bench(
    "fifo",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"STYLE": 0, "DEPTH": 4, "WORD_BITS": 2},
        {"STYLE": 1, "DEPTH": 4, "WORD_BITS": 2},
        {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2},
        {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2, "SCATTERED": 1},
        {"STYLE": 0, "DEPTH": 1, "WORD_BITS": 1},
        {"STYLE": 0, "DEPTH": 2, "WORD_BITS": 3},
        {"STYLE": 0, "DEPTH": 5, "WORD_BITS": 1},
        {"STYLE": 0, "DEPTH": 8, "WORD_BITS": 1},
        {"STYLE": 1, "DEPTH": 1, "WORD_BITS": 1},
        {"STYLE": 1, "DEPTH": 5, "WORD_BITS": 1},
        {"STYLE": 1, "DEPTH": 8, "WORD_BITS": 1},
        {"STYLE": 2, "DEPTH": 3, "WORD_BITS": 2},
        {"STYLE": 2, "DEPTH": 6, "WORD_BITS": 1},
        {"STYLE": 2, "DEPTH": 9, "WORD_BITS": 1},
        {"STYLE": 2, "DEPTH": 7, "WORD_BITS": 1, "SCATTERED": 1},
    ),
    (
        Mutant("order", "qu_fifo_shift.sv", "words[oldest[ADDRESS_BITS-1:0]+:1]", "words[DEPTH-1]"),
        Mutant("capacity", "qu_fifo_shift.sv", "(DEPTH - 1);", "(DEPTH - 2);"),
        Mutant(STRUCTURE, "qu_fifo_shift.sv", "!oldest[ADDRESS_BITS];", "!oldest[ADDRESS_BITS] && m_axis_tready;"),
        Mutant("valid_stays", "qu_fifo_shift.sv", "!oldest[ADDRESS_BITS];", "!oldest[ADDRESS_BITS] && !s_axis_tvalid;"),
        Mutant("data_stays", "qu_fifo_shift.sv", "if (push) words", "if (s_axis_tvalid) words"),
        Mutant("frames_bounded", "qu_fifo_shift.sv", "if (push != pop) oldest", "if (push || pop) oldest"),
        Mutant("nothing_invented", "qu_fifo_shift.sv", "if (rst_i) oldest <= '1;", "if (rst_i) oldest <= '0;"),
        Mutant(
            "prompt.comes",
            "qu_fifo_block.sv",
            "count > COUNT_BITS'(1) : count != '0;",
            "count > COUNT_BITS'(1) : count > COUNT_BITS'(1);",
            {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2},
        ),
        Mutant(
            "order",
            "qu_fifo_block.sv",
            "count > COUNT_BITS'(1) :",
            "count != '0 :",
            {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2},
        ),
        Mutant(
            "order", "qu_fifo_block.sv", ".step_i(read),", ".step_i(pop),", {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2}
        ),
        Mutant(
            "order",
            "qu_fifo_distributed.sv",
            ".step_i(pop),",
            ".step_i(m_axis_tready),",
            {"STYLE": 1, "DEPTH": 4, "WORD_BITS": 2},
        ),
        Mutant(
            "order",
            "qu_address_counter.sv",
            "~^(address_o",
            "^(address_o",
            {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2, "SCATTERED": 1},
        ),
    ),
)

FIFO_DEEP = Bench(
    "fifo_deep",
    Path(__file__).parent,
    FIFO.sources,
    (
        {"STYLE": 1, "DEPTH": 64, "WORD_BITS": 8},
        {"STYLE": 2, "DEPTH": 1024, "WORD_BITS": 32},
        {"STYLE": 0, "DEPTH": 32, "WORD_BITS": 8},
        {"STYLE": 2, "DEPTH": 700, "WORD_BITS": 5},
        {"STYLE": 1, "DEPTH": 100, "WORD_BITS": 16},
        {"STYLE": 0, "DEPTH": 17, "WORD_BITS": 4},
    ),
    (
        Mutant(
            "place",
            "qu_fifo_block.sv",
            ".step_i(push),",
            ".step_i(s_axis_tvalid),",
            {"STYLE": 2, "DEPTH": 4, "WORD_BITS": 2},
        ),
    ),
    induction=4,
)

BENCHES = (FIFO, FIFO_DEEP)
