# SPDX-License-Identifier: BSD-3-Clause
"""Upsample: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

UPSAMPLE = Bench(
    "upsample",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"WIDTH": 2, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1},
        {"WIDTH": 2, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 2},
        {"WIDTH": 3, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1, "WORD_BITS": 2, "BLOCK_RAM": 1},
        {"WIDTH": 1, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1},
        {"WIDTH": 3, "SCALE_H": 1, "SCALE_W": 1, "FOLD": 2},
        {"WIDTH": 2, "SCALE_H": 3, "SCALE_W": 1, "FOLD": 1},
        {"WIDTH": 2, "SCALE_H": 1, "SCALE_W": 3, "FOLD": 3},
    ),
    (
        Mutant("order", "qu_upsample.sv", "ADDRESS_BITS'(FOLD - 1);", "ADDRESS_BITS'(FOLD);"),
        Mutant("order", "qu_upsample.sv", "copy_last && !same_address);", "copy_last);"),
        Mutant("order", "qu_upsample.sv", "!(repeat_first && copy_first));", "1'b1);"),
        Mutant("valid_stays", "qu_upsample.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_upsample.sv", "= enable && (ahead", "= (ahead"),
        Mutant("frames_bounded", "qu_upsample.sv", "COUNT(SCALE_H)", "COUNT(SCALE_H + 1)"),
        Mutant("prompt.comes", "qu_upsample.sv", "ahead || !same_address || ", "ahead && !same_address || "),
        Mutant("accepts.comes", "qu_upsample.sv", "= !ahead || (repeat_last", "= !ahead && (repeat_last"),
    ),
)

BENCHES = (UPSAMPLE,)
