# SPDX-License-Identifier: BSD-3-Clause
"""Collects the sources of a bench in a folder, with a deliberate error put in where one is wanted."""

from __future__ import annotations

import shutil
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.operators.proof import Bench, Mutant

PROOFS = Path(__file__).parent


def design_files(bench: Bench) -> list[Path]:
    """The design's own sources, in a fixed order. Raises UserError where a pattern or a path matches nothing."""
    files: list[Path] = []
    for source in bench.sources:
        found = sorted(bench.folder.glob(source)) if isinstance(source, str) else [source] * source.is_file()
        if not found:
            raise UserError(f"no source matches {source}", f"proof of {bench.name}", "correct the proof's sources")
        files += found
    return files


def collect(bench: Bench, folder: Path, mutant: Mutant | None = None) -> list[str]:
    """Copy everything that the bench needs into `folder`, emptied before; return the names of the SystemVerilog files.

    Raises UserError where the text that a mutant replaces does not occur exactly once.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rules = sorted((PROOFS / "rtl").glob("*.sv"))
    # A model of the proofs takes the place of the design's module of the same name.
    stand_ins = {path.name for path in rules}
    design = [path for path in design_files(bench) if path.name not in stand_ins]
    files = [*rules, *design, bench.folder / f"{bench.top}.sv"]
    for path in files:
        shutil.copyfile(path, folder / path.name)
    for name, text in bench.memories.items():
        (folder / name).write_text(text)
    if mutant is not None:
        if mutant.file not in {path.name for path in design}:
            raise UserError(
                f"{mutant.file} is not a source of the bench", f"mutant of {bench.name}", "correct the mutant"
            )
        path = folder / mutant.file
        text = path.read_text()
        if text.count(mutant.old) != 1:
            raise UserError(
                f"{mutant.old!r} occurs {text.count(mutant.old)} times, not once",
                f"mutant of {bench.name}, {mutant.file}",
                "change the mutant along with the source",
            )
        path.write_text(text.replace(mutant.old, mutant.new))
    return [path.name for path in files]
