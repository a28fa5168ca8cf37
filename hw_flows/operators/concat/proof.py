# SPDX-License-Identifier: BSD-3-Clause
"""Concat: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

CONCAT = Bench(
    "concat",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"FOLD_0": 2, "FOLD_1": 1, "BITS_0": 1, "BITS_1": 2, "OUT_BITS": 2},
        {"FOLD_0": 1, "FOLD_1": 1, "BITS_0": 2, "BITS_1": 2, "OUT_BITS": 2},
        {"FOLD_0": 2, "FOLD_1": 3, "BITS_0": 2, "SIGNED_0": 1, "BITS_1": 2, "OUT_BITS": 4, "LANES": 2},
        {"FOLD_0": 4, "FOLD_1": 2, "BITS_0": 1, "BITS_1": 1, "SIGNED_1": 1, "OUT_BITS": 3, "LANES": 2},
    ),
    (
        Mutant("order_0", "qu_concat.sv", "second ? wide_1 : wide_0", "second ? wide_1 : ~wide_0"),
        Mutant("order_1", "qu_concat.sv", "COUNT(FOLD_0)", "COUNT(FOLD_0 + 1)"),
        Mutant(
            "valid_stays",
            "qu_concat.sv",
            "second ? s1_axis_tvalid : s0_axis_tvalid;",
            "second ? s1_axis_tvalid : s0_axis_tvalid && !s1_axis_tvalid;",
        ),
        Mutant("data_stays", "qu_concat.sv", "else if (transfer &&", "else if (m_axis_tvalid &&"),
        Mutant("one_at_a_time", "qu_concat.sv", "= second && m_axis_tready;", "= m_axis_tready;"),
        Mutant(
            "prompt.comes",
            "qu_concat.sv",
            "= second ? s1_axis_tvalid : s0_axis_tvalid;",
            "= s1_axis_tvalid && s0_axis_tvalid;",
        ),
        Mutant(
            "accepts.comes",
            "qu_concat.sv",
            "= second && m_axis_tready;",
            "= second && s0_axis_tvalid && m_axis_tready;",
        ),
        Mutant("frames_bounded", "qu_concat.sv", "= !second && m_axis_tready;", "= 1'b0;"),
    ),
    paths={
        "m_axis_tvalid": ("s0_axis_tvalid", "s1_axis_tvalid"),
        "s0_axis_tready": ("m_axis_tready",),
        "s1_axis_tready": ("m_axis_tready",),
    },
)

BENCHES = (CONCAT,)
