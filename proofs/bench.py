# SPDX-License-Identifier: BSD-3-Clause
"""What is proved about one module: the bench, the parameters, and the broken copies that must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Parameters = Mapping[str, int | str]

# The property of a broken copy that the check of combinational paths must find.
STRUCTURE = "no combinational path"


@dataclass(frozen=True)
class Mutant:
    """A copy of the design with one deliberate error; the proof of `property` alone must find it.

    `old` occurs exactly once in `file` (a name of a source of the bench) and becomes `new`. `property` is the last part of
    the assertion's name, or several parts. `parameters` replace those of the bench's first set.
    """

    property: str
    file: str
    old: str
    new: str
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """One module under proof.

    `sources`: glob patterns below hw_flows. `sets`: parameters of each proof, the first one also in the quick run.
    `bound`: None proves for all times, else only that many cycles after power-up. `depth`: cycles within which every
    cover must be reached. `paths`: for each output that depends on inputs without a register, those inputs, data aside;
    anything else is an error. `memories`: files for $readmemh. `induction`: the bench states invariants that close
    induction over that many cycles; without it IC3 (PDR) finds its own. `seconds` is the limit of each run. `module`: the
    bench is that of this module, where the name differs. `heavy`: not in a quick run. `covered`: how many sets, from the
    first on, have their covers reached; the others are larger ones of the same bench, whose covers lie too deep.
    `search`: the errors of broken copies are looked for within that many cycles, where IC3 would be slow to come to them.
    """

    name: str
    sources: tuple[str, ...]
    sets: tuple[Parameters, ...]
    mutants: tuple[Mutant, ...]
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bound: int | None = None
    depth: int = 30
    seconds: int = 600
    induction: int | None = None
    memories: Mapping[str, str] = field(default_factory=dict)
    module: str = ""
    heavy: bool = False
    covered: int | None = None
    search: int | None = None

    @property
    def top(self) -> str:
        return f"{self.module or self.name}_bench"
