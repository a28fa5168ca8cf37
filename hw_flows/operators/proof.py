# SPDX-License-Identifier: BSD-3-Clause
"""What is proved about one module: the bench, the parameters, and the broken copies that must fail.

An operator's `proof.py` has a tuple `BENCHES` of these, and `<bench>_bench.sv` beside it; `make proofs` runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Parameters = Mapping[str, int | str]

#: Operators whose ready in follows ready out in the same cycle.
FOLLOWS = {"s_axis_tready": ("m_axis_tready",)}
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
    """One module under proof."""

    name: str
    folder: Path
    """Where its sources lie, and `<name>_bench.sv`."""
    sources: tuple[str | Path, ...]
    """Glob patterns below `folder`, or files."""
    sets: tuple[Parameters, ...]
    """Parameters of each proof; the first set is also in the quick run."""
    mutants: tuple[Mutant, ...]
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each output that depends on inputs without a register, those inputs, data aside; anything else is an error."""
    bound: int | None = None
    """None: proved for all times; else for that many cycles after power-up."""
    depth: int = 30
    """Cycles within which every cover must be reached."""
    seconds: int = 600
    """Limit of each run."""
    induction: int | None = None
    """The bench states invariants that close induction over that many cycles; without it IC3 (PDR) finds its own."""
    memories: Mapping[str, str] = field(default_factory=dict)
    """Files for $readmemh: name -> content."""
    module: str = ""
    """The bench is `<module>_bench.sv`, where that is not the name."""
    heavy: bool = False
    """Not in a quick run."""
    covered: int | None = None
    """Covers are checked for the first so many sets only; the others are larger ones, in which they lie too deep."""
    search: int | None = None
    """Errors of broken copies are looked for within that many cycles, where IC3 would be slow to come to them."""

    @property
    def top(self) -> str:
        return f"{self.module or self.name}_bench"
