# SPDX-License-Identifier: BSD-3-Clause
"""Add: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant

_ADVANCE = "= !m_axis_tvalid || m_axis_tready;"

ADD = Bench(
    "add",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"BITS_0": 2, "SIGNED_0": 1, "FACTOR_0": 3, "BITS_1": 2, "FACTOR_1": 2, "OUT_BITS": 4},
        {"BITS_0": 2, "BITS_1": 2, "OUT_BITS": 3, "LANES": 2},
        {"BITS_0": 3, "SIGNED_0": 1, "BITS_1": 1, "SIGNED_1": 0, "FACTOR_1": -5, "OUT_BITS": 5},
        {"BITS_0": 7, "SIGNED_0": 1, "FACTOR_0": 11, "BITS_1": 2, "SIGNED_1": 1, "FACTOR_1": 64, "OUT_BITS": 12},
    ),
    (
        Mutant("value", "qu_add.sv", "product_0 + product_1", "product_0 - product_1"),
        Mutant("value", "qu_times_constant.sv", "v >= ENTRIES / 2", "v > ENTRIES / 2"),
        Mutant("value", "qu_times_constant.sv", "OUT_BITS'(element_i) << $clog2(FACTOR)", "OUT_BITS'(element_i)"),
        Mutant("valid_stays", "qu_add.sv", "else if (advance) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant("data_stays", "qu_add.sv", "if (advance) m_axis_tdata", "m_axis_tdata"),
        Mutant("frames_bounded", "qu_add.sv", _ADVANCE, "= 1'b1;"),
        Mutant("together", "qu_add.sv", "= advance && s0_axis_tvalid;", "= advance;"),
        Mutant("prompt.comes", "qu_add.sv", "<= s0_axis_tvalid && s1_axis_tvalid;", "<= 1'b0;"),
        Mutant("accepts.comes", "qu_add.sv", _ADVANCE, "= !m_axis_tvalid;"),
    ),
    paths={
        "s0_axis_tready": ("m_axis_tready", "s1_axis_tvalid"),
        "s1_axis_tready": ("m_axis_tready", "s0_axis_tvalid"),
    },
)

BENCHES = (ADD,)
