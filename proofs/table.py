# SPDX-License-Identifier: BSD-3-Clause
"""The results as JSON, Markdown and text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proofs import sby
from proofs.run import Caught, Proof, settings
from quantunet_common.files import write_atomically


def write(folder: Path, proofs: Sequence[Proof], mutants: Sequence[Caught]) -> None:
    """Write proofs.json and proofs.md into `folder`."""
    content = json.dumps(as_json(proofs, mutants), indent=1) + "\n"
    write_atomically(folder / "proofs.json", lambda path: _write(path, content))
    write_atomically(folder / "proofs.md", lambda path: _write(path, markdown(proofs, mutants)))


def as_json(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> dict[str, Any]:
    """`summary` counts; `proofs` has a row for each module and set of parameters, `mutants` one for each broken copy."""
    return {
        "tools": sby.versions(),
        "summary": {
            "primitives": len({p.name for p in proofs}),
            "proofs": len(proofs),
            "proofs_held": sum(not p.problems for p in proofs),
            "unbounded": sum(p.bound is None and not p.problems for p in proofs),
            "properties": sum(len(p.properties) for p in proofs),
            "mutants": len(mutants),
            "mutants_caught": sum(m.caught for m in mutants),
        },
        "proofs": [
            {
                "primitive": p.name,
                "parameters": dict(p.parameters),
                "properties": list(p.properties),
                "method": p.method,
                "bound": p.bound,
                "combinational_paths": {output: list(inputs) for output, inputs in p.paths.items()},
                "covers_reached": p.covers,
                "seconds": round(p.seconds, 1),
                "problems": list(p.problems),
            }
            for p in proofs
        ],
        "mutants": [
            {
                "primitive": m.name,
                "property": m.mutant.property,
                "file": m.mutant.file,
                "text": m.mutant.old,
                "becomes": m.mutant.new,
                "status": m.status,
                "caught": m.caught,
                "seconds": round(m.seconds, 1),
            }
            for m in mutants
        ],
    }


def _rows(proofs: Sequence[Proof]) -> list[list[str]]:
    return [
        [
            p.name,
            settings(p.parameters),
            str(len(p.properties)),
            (f"for all times, {p.method}" if p.bound is None else f"{p.bound} cycles")
            if not p.problems
            else "NOT PROVED",
            ", ".join(f"{o} <- {' '.join(i)}" for o, i in p.paths.items()) or "none",
            f"{p.seconds:.1f}",
        ]
        for p in proofs
    ]


HEADER = ["primitive", "parameters", "properties", "proved", "paths without a register", "seconds"]


def markdown(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> str:
    lines = [HEADER, ["---", "---", "---:", "---", "---", "---:"], *_rows(proofs)]
    caught = [["primitive", "property", "file", "caught"], ["---"] * 4]
    caught += [[m.name, m.mutant.property, m.mutant.file, "yes" if m.caught else f"NO ({m.status})"] for m in mutants]
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    broken = "\n".join(f"| {' | '.join(line)} |" for line in caught)
    return f"{_summary(proofs, mutants)}\n\n{body}\n\nBroken copies, each proved to break its property:\n\n{broken}\n"


def text(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> str:
    rows = [HEADER, *_rows(proofs)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"{p.name} {settings(p.parameters)}: {problem}" for p in proofs for problem in p.problems]
    lines += [
        f"{m.name}: broken copy not caught by {m.mutant.property} ({m.status}): {m.mutant.file}: {m.mutant.new}"
        for m in mutants
        if not m.caught
    ]
    return "\n".join([*lines, _summary(proofs, mutants)])


def _summary(proofs: Sequence[Proof], mutants: Sequence[Caught]) -> str:
    count = as_json(proofs, mutants)["summary"]
    return (
        f"{count['proofs_held']} of {count['proofs']} proofs of {count['primitives']} primitives hold, {count['unbounded']} "
        f"of them for all times; {count['properties']} properties; {count['mutants_caught']} of {count['mutants']} broken "
        "copies caught."
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text)
