# SPDX-License-Identifier: BSD-3-Clause
"""Try mutants one by one: simulation first, then lint and checks of texts; what passes is proved equal or counts as missed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.testing.lint import lint
from trust.mutation.bench import MutantVerdict, MutationBench, benches, cases_by_module, sources_of
from trust.mutation.mutants import SourceMutant, mutants_of
from trust.mutation.probes import probes
from trust.mutation.simulator import QuickCompiler

#: What says that a mutant is wrong, in the order in which it is asked.
MEANS = ("values", "stream rule", "cycles", "hang", "crash", "check", "compiler", "lint", "text")


@dataclass(frozen=True)
class Judged:
    """What came of a mutant: one of MEANS, or "equivalent", "missed", "unusable" (no SystemVerilog in any configuration)."""

    mutant: SourceMutant
    by: str
    words: str = ""

    @property
    def counts(self) -> bool:
        return self.by not in ("equivalent", "unusable")

    @property
    def caught(self) -> bool:
        return self.by in MEANS


class Campaign:
    """Mutants of the operators' sources against the operators' tests."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._compiler = QuickCompiler(work / "common")
        self._cases = cases_by_module()
        self._grids = {module: cases.GRID for module, cases in self._cases.items()}
        self._benches: dict[str, list[MutationBench]] = {}
        self._probes: dict[str, MutationBench] = {}
        self._text_checks: dict[str, Callable[[str], object]] = {}
        for cases in self._cases.values():
            self._text_checks.update(getattr(cases, "TEXT_CHECKS", {}))

    def judge(self, mutant: SourceMutant) -> Judged:
        """Catch the mutant, prove it equal, or miss it."""
        operators = self._operators(mutant.file)
        verdicts: list[tuple[MutationBench, MutantVerdict]] = []
        for operator in operators:
            for bench in self._tests(operator):
                verdict = bench.try_mutant(mutant)
                verdicts.append((bench, verdict))
                if verdict.caught:
                    return Judged(mutant, verdict.by, verdict.words)
        refused = [verdict for _, verdict in verdicts if verdict.by == "refused"]
        if refused:
            usable = len(refused) < len(verdicts) or any(bench.compiles_somewhere(mutant) for bench, _ in verdicts)
            return Judged(mutant, "compiler" if usable else "unusable", refused[0].words)
        for operator in operators:
            complaint = self._lint(operator, mutant)
            if complaint:
                return Judged(mutant, "lint", complaint)
        if mutant.file.name in self._text_checks and self._text_checks[mutant.file.name](mutant.text):
            return Judged(mutant, "text")
        tested = [bench for bench, _ in verdicts]
        for operator in operators:
            bench = self._probe(operator)
            verdict = bench.try_mutant(mutant)
            if verdict.by not in ("", "same"):
                return Judged(mutant, "missed", f"but in {bench.name}: {verdict.by}: {verdict.words}")
            verdicts.append((bench, verdict))
        different = [bench for bench, verdict in verdicts if verdict.by != "same"]
        if not different and not self._is_used(mutant, tested):
            return Judged(mutant, "missed", "its line is in no tested configuration")
        for bench in different:
            unproved = bench.unproved(mutant)
            if unproved:
                return Judged(mutant, "missed", f"not proved equal: {unproved}")
        return Judged(mutant, "equivalent", "proved" if different else "the same after elaboration")

    def _is_used(self, mutant: SourceMutant, benches: Sequence[MutationBench]) -> bool:
        """Whether another change of the same line makes a difference to the design in one of the tested configurations."""
        others = [m for m in mutants_of(mutant.file) if m.line == mutant.line and m != mutant]
        return any(bench.differs(other) for other in others for bench in benches)

    def _operators(self, file: Path) -> list[str]:
        """Operators whose tests say something of a source: those of its folder, or some of all where it is shared."""
        own = [name for name, cases in self._grids.items() if file.parent == sources_of(cases[0])[-1].parent]
        return own or [name for name, grid in self._grids.items() if file in sources_of(grid[0])]

    def _tests(self, operator: str) -> Sequence[MutationBench]:
        if operator not in self._benches:
            self._benches[operator] = list(benches(operator, self._grids[operator], self._compiler, self._work))
        return self._benches[operator]

    def _probe(self, operator: str) -> MutationBench:
        if operator not in self._probes:
            work = self._work / f"{operator}-probes"
            self._probes[operator] = MutationBench(
                f"{operator}'s probes", probes(operator, self._cases[operator]), self._compiler, work
            )
        return self._probes[operator]

    def _lint(self, operator: str, mutant: SourceMutant) -> str:
        """First warning of Verilator's lint for a tested configuration, or nothing."""
        folder = Path(tempfile.mkdtemp(prefix="lint-", dir=self._work))
        try:
            file = folder / mutant.file.name
            file.write_text(mutant.text, encoding="utf-8")
            for case in self._grids[operator]:
                if mutant.file not in sources_of(case):
                    return ""
                result = lint(case, {mutant.file: file})
                if result.returncode != 0 or "%Warning" in result.stderr:
                    return next((x for x in result.stderr.splitlines() if x.startswith("%")), "lint fails")[:300]
            return ""
        finally:
            shutil.rmtree(folder)
