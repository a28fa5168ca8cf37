# SPDX-License-Identifier: BSD-3-Clause
"""Absolute value: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

ABSOLUTE_VALUE = Bench(
    "absolute_value",
    Path(__file__).parent,
    ("qu_*.sv",),
    ({"ELEMENT_BITS": 3, "LANES": 2}, {"ELEMENT_BITS": 2, "LANES": 1}),
    (
        Mutant("value", "qu_absolute_value.sv", " + ELEMENT_BITS'(negative);", ";"),
        Mutant("valid_stays", "qu_absolute_value.sv", "else if (s_axis_tready) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant("data_stays", "qu_absolute_value.sv", "if (s_axis_tready) m_axis_tdata", "m_axis_tdata"),
        Mutant("frames_bounded", "qu_absolute_value.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;"),
        Mutant(
            "accepts.comes",
            "qu_absolute_value.sv",
            "= !m_axis_tvalid || m_axis_tready;",
            "= !m_axis_tvalid && m_axis_tready;",
        ),
    ),
    paths=FOLLOWS,
)

BENCHES = (ABSOLUTE_VALUE,)
