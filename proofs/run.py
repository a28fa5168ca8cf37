# SPDX-License-Identifier: BSD-3-Clause
"""Runs the proofs of all benches, several at a time, and gathers what holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from hw_flows.machine.tools import ToolError
from hw_flows.operators.proof import STRUCTURE, Bench, Mutant, Parameters
from proofs import sby, structure
from proofs.sources import collect

Result = TypeVar("Result")


@dataclass(frozen=True)
class Proof:
    """What holds of one module with one set of parameters. `problems` is empty where everything does."""

    name: str
    parameters: Parameters
    properties: tuple[str, ...]
    bound: int | None
    paths: dict[str, tuple[str, ...]]
    covers: bool | None  # None: not tried, see Bench.covered
    seconds: float
    problems: tuple[str, ...]
    method: str  # of the engine: see Bench

    def __str__(self) -> str:
        return f"{self.name} {settings(self.parameters)}: {'; '.join(self.problems) or 'holds'}"


@dataclass(frozen=True)
class Caught:
    """A broken copy, and whether the proof of its property failed as it must."""

    name: str
    mutant: Mutant
    status: str
    seconds: float

    @property
    def caught(self) -> bool:
        return self.status == "FAIL"

    def __str__(self) -> str:
        return f"{self.name}, broken {self.mutant.property}: {'caught' if self.caught else self.status}"


def run_proof(bench: Bench, parameters: Parameters, folder: Path) -> Proof:
    """Structure, proof and covers of one set of parameters, in `folder`."""
    files = collect(bench, folder)
    module = structure.netlist(bench, parameters, files, folder)
    paths = structure.handshake_paths(module)
    problems = wrong_paths(paths, bench)
    verdict = sby.prove(bench, parameters, files, folder)
    if verdict.status != "PASS":
        problems.append(f"{verdict.status}: {', '.join(verdict.named) or 'see the log'} ({verdict.log.name})")
    covers = sby.cover(bench, parameters, files, folder) if parameters in bench.sets[: bench.covered] else None
    if covers is not None and covers.status != "PASS":
        problems.append(f"not reached: {', '.join(covers.named) or covers.status} ({covers.log.name})")
    return Proof(
        bench.name,
        parameters,
        tuple(structure.assertions(module)),
        bench.bound,
        paths,
        covers.status == "PASS" if covers is not None else None,
        verdict.seconds + (covers.seconds if covers is not None else 0.0),
        tuple(problems),
        "bounded" if bench.bound is not None else "k-induction" if bench.induction is not None else "IC3",
    )


def wrong_paths(paths: dict[str, tuple[str, ...]], bench: Bench) -> list[str]:
    """Combinational paths that the bench does not declare; a valid or data behind a ready is wrong in any case."""
    problems = [
        f"{output} depends on {', '.join(found)} without a register"
        for output, found in paths.items()
        if not set(found) <= set(bench.paths.get(output, ()))
    ]
    for output, found in paths.items():
        ready = [name for name in found if name.endswith("ready")]
        if ready and not output.endswith("ready"):
            problems.append(f"{output} waits for {', '.join(ready)}")
    return problems


def run_mutant(bench: Bench, mutant: Mutant, folder: Path) -> Caught:
    """The proof of one property of a broken copy, in `folder`."""
    files = collect(bench, folder, mutant)
    parameters = mutant.parameters or bench.sets[0]
    if mutant.property == STRUCTURE:
        return _break_structure(bench, mutant, parameters, files, folder)
    verdict = sby.prove(bench, parameters, files, folder, only=mutant.property)
    return Caught(bench.name, mutant, verdict.status, verdict.seconds)


def _break_structure(
    bench: Bench, mutant: Mutant, parameters: Parameters, files: Sequence[str], folder: Path
) -> Caught:
    began = time.monotonic()
    try:
        problems = wrong_paths(structure.handshake_paths(structure.netlist(bench, parameters, files, folder)), bench)
    except ToolError as error:
        if "loop" not in error.last_words:
            raise
        problems = ["a loop of gates"]
    return Caught(bench.name, mutant, "FAIL" if problems else "PASS", time.monotonic() - began)


def run_all(
    benches: Sequence[Bench], folder: Path, jobs: int, quick: bool, told: Callable[[str], None]
) -> tuple[list[Proof], list[Caught]]:
    """Every set of parameters and every mutant; where `quick` the first of each, heavy benches left out.

    `told` gets one line for each result, as it comes.
    """
    proofs = []
    mutants = []
    for bench in benches:
        if quick and bench.heavy:
            continue
        for i, parameters in enumerate(bench.sets[: 1 if quick else None]):
            proofs.append(partial(run_proof, bench, parameters, folder / bench.name / f"set_{i}"))
        for i, mutant in enumerate(bench.mutants[: 1 if quick else None]):
            mutants.append(partial(run_mutant, bench, mutant, folder / bench.name / f"mutant_{i}"))
    with ThreadPoolExecutor(jobs) as pool:
        proved = [pool.submit(_told, task, told) for task in proofs]
        caught = [pool.submit(_told, task, told) for task in mutants]
        try:
            return [f.result() for f in proved], [f.result() for f in caught]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _told(task: Callable[[], Result], told: Callable[[str], None]) -> Result:
    result = task()
    told(str(result))
    return result


def settings(parameters: Parameters) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters.items())


def holds(proofs: Iterable[Proof], mutants: Iterable[Caught]) -> bool:
    return all(not p.problems for p in proofs) and all(m.caught for m in mutants)
