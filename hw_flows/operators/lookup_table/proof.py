# SPDX-License-Identifier: BSD-3-Clause
"""Lookup table: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

# Results of the arguments from 0 up, see the bench.
TABLES = {"proof_2_table.mem": "1\n3\n0\n1\n", "proof_1_table.mem": "2\n1\n"}

LOOKUP_TABLE = Bench(
    "lookup_table",
    Path(__file__).parent,
    ("qu_*.sv",),
    ({"IN_BITS": 2, "LANES": 2}, {"IN_BITS": 1, "LANES": 1}),
    (
        Mutant(
            "value",
            "qu_lookup_table.sv",
            "results[s_axis_tdata[i*IN_BITS+:IN_BITS]]",
            "results[s_axis_tdata[0+:IN_BITS]]",
        ),
        Mutant("valid_stays", "qu_lookup_table.sv", "else if (s_axis_tready) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant("data_stays", "qu_lookup_table.sv", "if (s_axis_tready) m_axis_tdata", "m_axis_tdata"),
        Mutant("frames_bounded", "qu_lookup_table.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;"),
        Mutant(
            "accepts.comes",
            "qu_lookup_table.sv",
            "= !m_axis_tvalid || m_axis_tready;",
            "= !m_axis_tvalid && m_axis_tready;",
        ),
    ),
    paths=FOLLOWS,
    memories=TABLES,
)

BENCHES = (LOOKUP_TABLE,)
