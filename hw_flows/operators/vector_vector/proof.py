# SPDX-License-Identifier: BSD-3-Clause
"""Vector-vector unit: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.matrix_vector.proof import MATRIX_VECTOR
from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

_PRODUCTS = tuple(
    MATRIX_VECTOR.folder / f"qu_{name}.sv" for name in ("booth_chain", "adder_tree", "dot_product", "weights")
)

VECTOR_VECTOR = Bench(
    "vector_vector",
    Path(__file__).parent,
    ("qu_vector_vector.sv", *_PRODUCTS, *SHARED),
    (
        {"PE": 1, "SIMD": 1},
        {"PE": 2, "SIMD": 1},
        {"PE": 2, "SIMD": 2},
        {"PE": 1, "SIMD": 1, "BLOCK_WEIGHTS": 1, "BLOCK_SUMS": 1},
        {"GROUP": 2},
    ),
    (
        Mutant("product", "qu_vector_vector.sv", "else if (next && fold_last) tap_first", "else if (next) tap_first"),
        Mutant("product", "qu_vector_vector.sv", ".read_address_i (next_fold),", ".read_address_i (fold),"),
        Mutant("product", "qu_vector_vector.sv", "= biases[fold];", "= '0;"),
        Mutant(
            "product",
            "qu_vector_vector.sv",
            "data[(s*PE+p/GROUP_OUT)",
            "data[(p/GROUP_OUT*SIMD+s)",
            {"PE": 2, "SIMD": 2},
        ),
        Mutant(
            "product", "qu_vector_vector.sv", "weight_word[p*FACTORS", "weight_word[(SUMS-1-p)*FACTORS", {"GROUP": 2}
        ),
        Mutant("valid_stays", "qu_vector_vector.sv", "else if (advance) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant(
            "data_stays",
            "qu_vector_vector.sv",
            "if (advance && valid[ADD+1]) m_axis_tdata",
            "if (valid[ADD+1]) m_axis_tdata",
        ),
        Mutant("frames_bounded", "qu_vector_vector.sv", "<= valid[ADD+1] && last;", "<= valid[ADD+1];"),
        Mutant("prompt.comes", "qu_vector_vector.sv", "<= valid[ADD+1] && last;", "<= valid[ADD+1] && last && first;"),
        Mutant(
            "accepts.comes",
            "qu_vector_vector.sv",
            "wire advance = !m_axis_tvalid || m_axis_tready;",
            "wire advance = !m_axis_tvalid;",
        ),
    ),
    paths=FOLLOWS,
    memories={
        "proof_1_1_1_weights.mem": "1\n2\n3\n1\n",
        "proof_1_1_1_biases.mem": "f\nf\n",
        "proof_1_2_1_weights.mem": "9\n7\n",
        "proof_1_2_1_biases.mem": "ff\n",
        "proof_1_2_2_weights.mem": "6d\n",
        "proof_1_2_2_biases.mem": "ff\n",
        "proof_2_1_1_weights.mem": "6d\n",
        "proof_2_1_1_biases.mem": "ff\n",
    },
)

BENCHES = (VECTOR_VECTOR,)
