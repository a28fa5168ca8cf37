# SPDX-License-Identifier: BSD-3-Clause
"""Fork: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, STRUCTURE, Bench, Mutant

FORK = Bench(
    "fork",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"OUTPUTS": 2, "WORD_BITS": 2},
        {"OUTPUTS": 1, "WORD_BITS": 1},
        {"OUTPUTS": 3, "WORD_BITS": 2},
        {"OUTPUTS": 5, "WORD_BITS": 1},
    ),
    (
        Mutant(
            "order",
            "qu_fork_stream.sv",
            "done <= done | (m_axis_tready & m_axis_tvalid)",
            "done <= m_axis_tready & m_axis_tvalid",
        ),
        Mutant(STRUCTURE, "qu_fork_stream.sv", "& ~done;", "& ~done & m_axis_tready;"),
        Mutant("valid_stays", "qu_fork_stream.sv", "& ~done;", "& ~done & ~{OUTPUTS{m_axis_tready[OUTPUTS-1]}};"),
        Mutant(
            "data_stays",
            "qu_fork_stream.sv",
            "{OUTPUTS{s_axis_tdata}}",
            "{OUTPUTS{s_axis_tdata ^ {WORD_BITS{m_axis_tready[0]}}}}",
        ),
        Mutant("frames_bounded", "qu_fork_stream.sv", "&(m_axis_tready | done)", "|(m_axis_tready | done)"),
        Mutant("no_debt", "qu_fork_stream.sv", "&(m_axis_tready | done)", "|(m_axis_tready | done)"),
        Mutant("prompt.comes", "qu_fork_stream.sv", "if (rst_i || s_axis_tready) done", "if (rst_i) done"),
        Mutant("accepts.comes", "qu_fork_stream.sv", "= &(m_axis_tready | done);", "= &done;"),
    ),
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

BENCHES = (FORK,)
