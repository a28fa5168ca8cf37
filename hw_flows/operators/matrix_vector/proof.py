# SPDX-License-Identifier: BSD-3-Clause
"""Matrix vector: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

MATRIX_VECTOR = Bench(
    "matrix_vector",
    Path(__file__).parent,
    ("qu_*.sv", *SHARED),
    (
        {"SIMD": 1, "PE": 1},
        {"SIMD": 1, "PE": 2},
        {"SIMD": 2, "PE": 1},
        {"SIMD": 1, "PE": 1, "BLOCK_BUFFER": 1, "BLOCK_WEIGHTS": 1},
    ),
    (
        Mutant(
            "product",
            "qu_matrix_vector.sv",
            "if (advance && valid[FETCH+ADD]) first <= ends",
            "if (advance) first <= ends",
        ),
        Mutant("product", "qu_replay_buffer.sv", ".read_address_i(read_word),", ".read_address_i(word),"),
        Mutant("valid_stays", "qu_matrix_vector.sv", "else if (advance) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant(
            "data_stays",
            "qu_matrix_vector.sv",
            "if (advance && valid[FETCH+ADD]) accumulator",
            "if (valid[FETCH+ADD]) accumulator",
        ),
        Mutant("frames_bounded", "qu_matrix_vector.sv", "= ready && advance;", "= advance;"),
        Mutant(
            "prompt.comes",
            "qu_matrix_vector.sv",
            "m_axis_tvalid <= valid[FETCH+ADD] && ends[FETCH+ADD];",
            "m_axis_tvalid <= valid[FETCH+ADD] && ends[FETCH+ADD] && first;",
        ),
        Mutant("accepts.comes", "qu_replay_buffer.sv", "ready_o = arriving;", "ready_o = arriving && !step_o;"),
    ),
    paths=FOLLOWS,
    memories={
        "proof_1_1_weights.mem": "1\n3\n2\n1\n",
        "proof_1_2_weights.mem": "9\n7\n",
        "proof_2_1_weights.mem": "d\n6\n",
    },
    heavy=True,
)

BENCHES = (MATRIX_VECTOR,)
