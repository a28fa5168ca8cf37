# SPDX-License-Identifier: BSD-3-Clause
"""Thresholding: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant

# For each stage of the search its thresholds, groups one after the other; a set highest bit is none. See the bench.
THRESHOLDS = {
    "proof_1_thresholds_0_0.mem": "0\n",
    "proof_1_thresholds_0_1.mem": "6\n3\n",
    "proof_2_thresholds_0_0.mem": "0\n1\n",
    "proof_2_thresholds_0_1.mem": "6\n3\n5\n8\n",
}

THRESHOLDING = Bench(
    "thresholding",
    Path(__file__).parent,
    ("qu_*.sv",),
    (
        {"FOLD": 2, "WITHIN_STAGES": 1},
        {"FOLD": 1, "WITHIN_STAGES": 2},
        {"FOLD": 2, "WITHIN_STAGES": 0, "BLOCK_STAGES": 1},
    ),
    (
        Mutant("order", "qu_thresholding.sv", "if (s_axis_tvalid && advance) group", "if (advance) group"),
        Mutant("order", "qu_threshold_stage.sv", "= not_less && !threshold[IN_BITS];", "= not_less;"),
        Mutant("valid_stays", "qu_thresholding.sv", "else if (advance) valid", "else valid"),
        Mutant("data_stays", "qu_thresholding.sv", ".advance_i(advance),", ".advance_i(1'b1),"),
        Mutant("frames_bounded", "qu_thresholding.sv", "= advance;", "= 1'b1;"),
        Mutant("prompt.comes", "qu_thresholding.sv", "= 2 * STEP_BITS - WITHIN_STAGES;", "= 2 * STEP_BITS + 3;"),
        Mutant("accepts.comes", "qu_thresholding.sv", "= advance;", "= advance && !valid[0];"),
    ),
    paths=FOLLOWS,
    memories=THRESHOLDS,
)

BENCHES = (THRESHOLDING,)
