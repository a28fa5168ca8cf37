# SPDX-License-Identifier: BSD-3-Clause
"""The loop counter: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant

LOOP_COUNTER = Bench(
    "loop_counter",
    Path(__file__).parent,
    ("qu_loop_counter.sv",),
    ({"COUNT": 3}, {"COUNT": 1}, {"COUNT": 2}, {"COUNT": 16}),
    (Mutant("last", "qu_loop_counter.sv", "LAST = BITS'(COUNT - 1)", "LAST = BITS'(COUNT)"),),
)

BENCHES = (LOOP_COUNTER,)
