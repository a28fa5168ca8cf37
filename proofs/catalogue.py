# SPDX-License-Identifier: BSD-3-Clause
"""Everything that is proved: the operators' own lists, those of the shells and of what works with the memory of a board."""

from __future__ import annotations

from hw_flows.operators import folders
from hw_flows.operators.proof import Bench
from hw_flows.operators.shared import proof as shared
from proofs import shells, stream_memory, weight_memory


def operator_benches() -> tuple[Bench, ...]:
    """Of every operator that has a `proof.py`, and of what they share."""
    found = [bench for folder in folders() if folder.has("proof") for bench in folder.load("proof").BENCHES]
    return (*found, *shared.BENCHES)


def all_benches() -> tuple[Bench, ...]:
    return (*operator_benches(), *shells.ALL, *weight_memory.ALL, *stream_memory.ALL)
