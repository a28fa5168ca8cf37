# SPDX-License-Identifier: BSD-3-Clause
"""Mutation testing of the operators' SystemVerilog: how many small faults the tests of the operators catch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trust.part import Evidence, EvidenceResult, Say

if TYPE_CHECKING:
    from trust.mutation.campaign import Judged

OPERATORS = Path("hw_flows/operators")
#: Mutants of each source; where it has fewer, all of them.
PER_SOURCE = 20
SAMPLE = ("fork/qu_fork_stream.sv", "padding/qu_padding.sv")
SAMPLE_PER_SOURCE = 4
SHARE = 0.95
COLUMNS = ("source", "mutants", "tried", "caught", "equal, proved", "missed", "caught by")


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Try a fixed choice of mutants of every source; as a sample a few of two sources."""
    from hw_flows.finn_environment import prepare_finn
    from trust.mutation.campaign import Campaign
    from trust.mutation.mutants import mutants_of
    from trust.mutation.mutants import sample as chosen_of

    prepare_finn(work / "finn")
    campaign = Campaign(work)
    files = [OPERATORS / name for name in SAMPLE] if sample else sorted(OPERATORS.glob("*/*.sv"))
    judged: dict[str, list[Judged]] = {}
    possible: dict[str, int] = {}
    for file in files:
        name = f"{file.parent.name}/{file.name}"
        every = mutants_of(file.resolve())
        possible[name] = len(every)
        judged[name] = []
        for mutant in chosen_of(every, SAMPLE_PER_SOURCE if sample else PER_SOURCE):
            judged[name].append(campaign.judge(mutant))
        say(f"{name}: {dict(Counter(j.by for j in judged[name]))}")
    return outcome(judged, possible)


def outcome(judged: dict[str, list[Judged]], possible: dict[str, int]) -> EvidenceResult:
    """One row a source; every mutant that was missed is in the notes.

    `judged`: the mutants tried, by source; `possible`: how many mutants each source has.
    """
    every = [j for some in judged.values() for j in some]
    counted = [j for j in every if j.counts]
    caught = [j for j in counted if j.caught]
    missed = [j for j in counted if not j.caught]
    equal = [j for j in every if j.by == "equivalent"]
    unusable = len(every) - len(counted) - len(equal)
    share = len(caught) / max(1, len(counted))
    by = Counter(j.by for j in caught)
    in_simulation = len(caught) - by["lint"] - by["text"] - by["compiler"] - by["check"]
    headline = (
        f"{len(caught)} of {len(counted)} mutants of the operators' {len(judged)} sources caught ({100 * share:.1f} %), "
        f"{in_simulation} of them in simulation"
    )
    notes = [f"Missed: {j.mutant.file.parent.name}/{j.mutant} ({j.words})" for j in missed]
    notes += [
        f"Tried: {len(every):,} of {sum(possible.values()):,} mutants, at most {max(map(len, judged.values()))} of each source, chosen "
        "by a hash of the changed line. A mutant changes one operator, constant or condition; comments, attributes, module "
        "headers, checks of parameters and unused nets are left alone.",
        f"Caught by: {_counts(by)}. A mutant is caught by a word that differs, a broken stream rule, a first or last word in "
        "another cycle than the operator's timing model says, a standstill, a check in the source, or lint, at the parameters and "
        "inputs of the operators' tests.",
        f"Not counted: {len(equal)} mutants that equal the original ({sum(j.words == 'proved' for j in equal)} proved by Yosys and "
        "ABC to agree in every cycle after any reset, at every tested configuration and 16 random ones that no test has; the rest "
        f"is the same design in all of these after elaboration), and {unusable} that no configuration compiles with. What is not "
        "proved counts as missed.",
    ]
    figures: dict[str, int | float | str] = {
        "possible": sum(possible.values()),
        "tried": len(every),
        "counted": len(counted),
        "caught": len(caught),
        "caught_in_simulation": in_simulation,
        "missed": len(missed),
        "equivalent": len(equal),
        "unusable": unusable,
        "share": round(share, 4),
    }
    rows = tuple(_row(name, some, possible[name]) for name, some in judged.items())
    return EvidenceResult(share >= SHARE, headline, COLUMNS, rows, tuple(notes), figures)


def _row(name: str, judged: Sequence[Judged], possible: int) -> tuple[str, ...]:
    caught = Counter(j.by for j in judged if j.caught)
    counts = Counter(j.by for j in judged)
    numbers = (possible, len(judged), caught.total(), counts["equivalent"], counts["missed"])
    return (name, *map(str, numbers), _counts(caught))


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


PART = Evidence(
    "mutation",
    "Mutation of the operators",
    f"The tests of the operators catch at least {100 * SHARE:.0f} % of small faults in their SystemVerilog.",
    run,
)
