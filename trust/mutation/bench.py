# SPDX-License-Identifier: BSD-3-Clause
"""The operators' own tests as a bench for mutants: their cases, inputs, runs and checks, without pytest in between."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_flows.accelerator import Accelerator, Instance
from hw_flows.machine.errors import UserError
from hw_flows.operators import folders
from hw_flows.operators.case import Case
from hw_flows.simulate import RunOptions, Simulator
from hw_flows.simulate.run import run_words, write_words
from hw_flows.stitch.write import top_module
from hw_flows.testing import operator_bench
from trust.mutation.equivalence import equivalent
from trust.mutation.mutants import SourceMutant
from trust.mutation.simulator import QuickCompiler, Refused

FRAMES = 3
#: Cases in one simulator. Few where a case is large: most mutants are caught by the first ones.
CASES = {"qu_matrix_vector": 5, "qu_thresholding": 5}
MOST_CASES = 12


@dataclass(frozen=True)
class MutantVerdict:
    """What a bench says about a mutant."""

    by: str
    """What caught it: values, stream rule, cycles, hang, crash, check; or "same" (the design is the original's after
    elaboration and constant folding), "refused" (it does not compile), or "" (it passed)."""
    words: str = ""

    @property
    def caught(self) -> bool:
        return self.by not in ("", "same", "refused")


def cases_by_module() -> dict[str, Any]:
    """The `cases` of every operator's folder, by its SystemVerilog module; by the folder's name where an operator before has
    the same module."""
    found: dict[str, Any] = {}
    for folder in folders():
        cases = folder.load("cases")
        module = operator_bench.rtl_operator(cases.GRID[0]).module
        found[folder.path.name if module in found else module] = cases
    return found


def sources_of(case: Case) -> list[Path]:
    """The SystemVerilog files of a case's operator."""
    return list(operator_bench.rtl_operator(case).sources)


class MutationBench:
    """Some cases in one simulator. The original passes, or it is an error."""

    def __init__(self, name: str, cases: Sequence[Case], compiler: QuickCompiler, work: Path) -> None:
        self.name, self.cases, self._compiler, self._work = name, cases, compiler, work
        model, accelerator, rtl = operator_bench.write_design(cases, work)
        self._accelerator: Accelerator = accelerator
        self._rtl: Path = rtl
        self._words = work / "words"
        write_words(accelerator, operator_bench.reference(model, cases, FRAMES), self._words)
        self._timing = operator_bench.modelled_timing(accelerator, FRAMES)
        self._modes: list[RunOptions] = list(operator_bench.MODES)
        self._original = ""
        verdict, cycles = self._trial({})
        assert not verdict.by, f"the original does not pass {name}: {verdict}"
        # A mutant that neither ends nor stands still is stopped after some times the cycles of the original.
        self._modes = [
            dataclasses.replace(m, max_cycles=4 * c + 4000) for m, c in zip(self._modes, cycles, strict=True)
        ]

    def try_mutant(self, mutant: SourceMutant) -> MutantVerdict:
        """Compile and run the mutant."""
        return self._trial({mutant.file.name: mutant.text})[0]

    def differs(self, mutant: SourceMutant) -> bool:
        """Whether the mutant's design is another one than the original's, or none at all."""
        work = Path(tempfile.mkdtemp(prefix="differs-", dir=self._work))
        try:
            sources = self._sources(self._accelerator.sources, {mutant.file.name: mutant.text}, work)
            return self._compiler.generate(self._accelerator, sources, work / "design").digest != self._original
        except Refused:
            return True
        finally:
            shutil.rmtree(work)

    def compiles_somewhere(self, mutant: SourceMutant) -> bool:
        """Whether Verilator takes the mutant in one of the cases, where it refuses all of them together."""
        work = Path(tempfile.mkdtemp(prefix="alone-", dir=self._work))
        try:
            for instance in self._accelerator.instances:
                try:
                    self._digest(_alone(self._accelerator, instance), {mutant.file.name: mutant.text}, work)
                    return True
                except Refused:
                    continue
            return False
        finally:
            shutil.rmtree(work)

    def unproved(self, mutant: SourceMutant) -> str:
        """A case in which the mutant is not proved equal to the original, or nothing. Each configuration is proved once."""
        seen = set()
        for instance in self._accelerator.instances:
            key = (instance.module, *instance.parameters.items())
            if key in seen:
                continue
            seen.add(key)
            work = Path(tempfile.mkdtemp(prefix="proof-", dir=self._work))
            try:
                alone = _alone(self._accelerator, instance)
                change = {mutant.file.name: mutant.text}
                designs = {self._digest(alone, replaced, work) for replaced in ({}, change)}
                if len(designs) > 1 and not equivalent(alone, instance, self._rtl, change, work / "proof"):
                    return f"{self.name} {instance.parameters}"
            finally:
                shutil.rmtree(work)
        return ""

    def _digest(self, alone: Accelerator, replaced: Mapping[str, str], work: Path) -> str:
        """Of what Verilator makes of one operator by itself."""
        folder = Path(tempfile.mkdtemp(dir=work))
        sources = self._sources(alone.instances[0].sources, replaced, folder)
        top = folder / "alone.sv"
        top.write_text(top_module(alone), encoding="utf-8")
        return self._compiler.generate(alone, {**sources, top.name: top}, folder / "design").digest

    def _trial(self, replaced: Mapping[str, str]) -> tuple[MutantVerdict, list[int]]:
        work = Path(tempfile.mkdtemp(prefix="trial-", dir=self._work))
        try:
            sources = self._sources(self._accelerator.sources, replaced, work)
            try:
                generated = self._compiler.generate(self._accelerator, sources, work / "design")
                if not replaced:
                    self._original = generated.digest
                elif generated.digest == self._original:
                    return MutantVerdict("same"), []
                binary = self._compiler.executable(generated)
            except Refused as refusal:
                return _refusal(str(refusal)), []
            return self._run(Simulator(self._accelerator, self._rtl, binary, compiled=True))
        finally:
            shutil.rmtree(work)

    def _sources(self, names: Sequence[str], replaced: Mapping[str, str], folder: Path) -> dict[str, Path]:
        """Files of the sources; the texts that replace some are written to `folder`."""
        files = {name: self._rtl / name for name in names}
        for name in replaced.keys() & files.keys():
            files[name] = folder / f"mutant-{name}"
            files[name].write_text(replaced[name], encoding="utf-8")
        return files

    def _run(self, simulator: Simulator) -> tuple[MutantVerdict, list[int]]:
        cycles: list[int] = []
        for mode in self._modes:
            try:
                result = run_words(simulator, self._words, FRAMES, mode)
            except UserError as error:
                return MutantVerdict("crash", str(error)), cycles
            found = operator_bench.faults(self._accelerator, result, mode, self._timing)
            if found:
                return MutantVerdict(_kind(result, mode), found[0]), cycles
            cycles.append(result.cycles)
        return MutantVerdict(""), cycles


def benches(name: str, cases: Sequence[Case], compiler: QuickCompiler, work: Path) -> Iterator[MutationBench]:
    """All cases of an operator, some at a time."""
    size = CASES.get(name, MOST_CASES)
    for at in range(0, len(cases), size):
        yield MutationBench(f"{name}[{at}:{at + size}]", cases[at : at + size], compiler, work / f"{name}-{at}")


def _alone(accelerator: Accelerator, instance: Instance) -> Accelerator:
    """A design of one of the operators, which has no neighbour in a bench."""
    inputs, outputs = (
        tuple(s for port in ports for s in port.streams) for ports in (instance.inputs, instance.outputs)
    )
    streams = tuple(s for s in accelerator.streams if s.name in (*inputs, *outputs))
    return Accelerator("alone", (instance,), streams, inputs, outputs)


def _refusal(words: str) -> MutantVerdict:
    """A check of a parameter, which an instance now breaks, or no SystemVerilog at all."""
    line = next((line for line in words.splitlines() if line.startswith("%Error")), words[-300:])
    return MutantVerdict("check" if "g_check" in words else "refused", line)


def _kind(result: Any, mode: RunOptions) -> str:
    if result.deadlock or (not result.finished and not result.mismatches):
        return "hang"
    if result.mismatches or result.incomplete:
        return "values"
    return "stream rule" if result.protocol_errors else "cycles"
