# SPDX-License-Identifier: BSD-3-Clause
"""Formal proofs of the stream modules, with SymbiYosys; see the package `proofs`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from proofs import table
from proofs.catalogue import all_benches
from proofs.run import Caught, Proof, holds, run_all, settings
from proofs.scope import WITHOUT_PROOF
from trust.part import Evidence, EvidenceResult, Say

SAMPLE = ("fork", "fifo_deep", "loop_counter")
COLUMNS = ("module", "parameters", "proofs", "properties", "proved", "broken copies caught")


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """All proofs and broken copies; as a sample the first of each, of a few modules. Writes proofs.json and proofs.md."""
    benches = [b for b in all_benches() if not sample or b.name in SAMPLE]
    proofs, mutants = run_all(benches, work, len(os.sched_getaffinity(0)), sample, say)
    table.write(work, proofs, mutants)
    return outcome(proofs, mutants)


def outcome(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> EvidenceResult:
    """One row for each module; what does not hold and what is not caught is in the notes."""
    held = [proof for proof in proofs if not proof.problems]
    names = list(dict.fromkeys(proof.name for proof in proofs))
    bounded = [proof for proof in held if proof.bound is not None]
    deep = sum(proof.covers is None for proof in held)
    caught = sum(mutant.caught for mutant in mutants)
    properties = sum(len(proof.properties) for proof in held)
    figures: dict[str, int | float | str] = {
        "modules": len(names),
        "proofs": len(proofs),
        "proofs_held": len(held),
        "unbounded": len(held) - len(bounded),
        "properties_proved": properties,
        "broken_copies": len(mutants),
        "broken_copies_caught": caught,
    }
    headline = (
        f"{len(held)} of {len(proofs)} proofs of {len(names)} stream modules hold with {properties:,} properties, "
        f"{len(held) - len(bounded)} of them for all times; {caught} of {len(mutants)} broken copies caught"
    )
    rows = tuple(_row([p for p in proofs if p.name == name], [m for m in mutants if m.name == name]) for name in names)
    problems = [f"Does not hold: {proof}" for proof in proofs if proof.problems]
    problems += [f"Not caught: {mutant} in {mutant.mutant.file}" for mutant in mutants if not mutant.caught]
    notes = (
        *problems,
        *(f"{p.name} {settings(p.parameters)} is proved for the first {p.bound} cycles only" for p in bounded),
        "A proof holds for its own parameters. The columns have the least and the greatest; builds/trust/proofs/proofs.md "
        "has each proof.",
        "Taken for granted: a reset in the first cycle and an input that keeps the rules of a stream. Registers and memories "
        "hold anything before, and reset may come again at any time.",
        "For each property the solver also reaches a cycle in which it says something"
        + (f", but for {deep} larger sizes of a bench where it did at smaller ones." if deep else "."),
        f"Without proof: {', '.join(Path(name).stem for name in WITHOUT_PROOF)}; proofs/scope.py has the reasons.",
    )
    return EvidenceResult(holds(proofs, mutants), headline, COLUMNS, rows, notes, figures)


def _row(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> tuple[str, ...]:
    held = [proof for proof in proofs if not proof.problems]
    return (
        proofs[0].name,
        _range(proofs),
        f"{len(held)} of {len(proofs)}",
        str(sum(len(proof.properties) for proof in held)),
        "; ".join(dict.fromkeys(_extent(proof) for proof in proofs)),
        f"{sum(mutant.caught for mutant in mutants)} of {len(mutants)}",
    )


def _extent(proof: Proof) -> str:
    if proof.problems:
        return "NOT PROVED"
    return f"for all times, {proof.method}" if proof.bound is None else f"{proof.bound} cycles"


def _range(proofs: Sequence[Proof]) -> str:
    """Least and greatest value of each parameter, where a proof gives one."""
    values: dict[str, list[int]] = {}
    for proof in proofs:
        for name, value in proof.parameters.items():
            values.setdefault(name, []).append(int(value))
    return ", ".join(
        f"{name} {min(found)}" if min(found) == max(found) else f"{name} {min(found)} to {max(found)}"
        for name, found in values.items()
    )


PART = Evidence(
    "proofs",
    "Formal proofs",
    "No stream module loses, repeats, invents or reorders a word, changes what it offers, or stops; proved, not tried.",
    run,
)
