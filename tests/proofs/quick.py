# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of all benches share: the first set of parameters holds, the first broken copy is caught."""

from __future__ import annotations

from pathlib import Path

from proofs.bench import Bench
from proofs.run import run_mutant, run_proof


def check(bench: Bench, folder: Path) -> None:
    proof = run_proof(bench, bench.sets[0], folder / "proof")
    assert proof.problems == ()
    assert len(proof.properties) >= 1
    assert run_mutant(bench, bench.mutants[0], folder / "mutant").caught
