# SPDX-License-Identifier: BSD-3-Clause
"""Runs cases in forked processes and judges what came of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trust.hostile_input.case import MEMORY_BOUND, BadInput, InputResult, InputVerdict
from trust.hostile_input.payloads import CANARY, SECRET
from trust.hostile_input.zygote import CACHE, OUTPUT, TEMPORARY

_SAID_BY_COMMANDS = re.compile(r"(?m)^(error: |Error: |check failed: |not done: |failed: |interrupted|NOT bit-exact)")
#: A message is read by people: one that is longer is none.
LONGEST_MESSAGE = 8_000


class Pool:
    """One process that forks; `run` tries a case after another."""

    def __init__(self, work: Path, programs: Path | None = None) -> None:
        """`programs` is a folder that goes before all others on PATH."""
        self._work = work
        self._count = 0
        root = Path(__file__).parents[2]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if programs is not None:
            environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from trust.hostile_input.zygote import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._answer()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def run(self, case: BadInput) -> InputResult:
        """Try a case in a folder of its own, which stays where the result is bad."""
        result, folder = self.run_and_keep(case)
        if result.verdict.good:
            shutil.rmtree(folder, ignore_errors=True)
        return result

    def run_and_keep(self, case: BadInput) -> tuple[InputResult, Path]:
        """Try a case; the folder that it was tried in stays."""
        self._count += 1
        folder = self._work / f"{self._count:05d}"
        for name in ("in", OUTPUT, TEMPORARY, CACHE):
            (folder / name).mkdir(parents=True)
        (folder / "secret").write_bytes(SECRET)
        case.write(folder / "in")
        before = listing(folder)
        assert self._process.stdin is not None
        job = {
            "folder": str(folder),
            "program": case.program,
            "arguments": list(case.arguments),
            "wall_seconds": case.wall_seconds,
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        outcome = self._answer()
        verdict, why = judge(folder, outcome, before)
        if not verdict.good:
            why = f"{folder.name}: {why}"
        return InputResult(case, verdict, why, outcome["memory"], outcome["seconds"]), folder

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process that forks ended with {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def pool(work: Path, programs: Path | None = None) -> Iterator[Pool]:
    """A pool that tries cases in folders below `work`."""
    running = Pool(work, programs)
    try:
        yield running
    finally:
        running.close()


def judge(folder: Path, outcome: dict[str, Any], before: dict[str, tuple[int, int]]) -> tuple[InputVerdict, str]:
    """Verdict and reason for what a command left in `folder`, given its end and how the folder looked before."""
    said = (folder / "said.txt").read_bytes().decode("utf-8", "backslashreplace")
    seen = (folder / "seen.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    status = outcome["status"]
    last = said.strip().splitlines()[-1][:300] if said.strip() else ""
    for verdict in (InputVerdict.EXECUTED, InputVerdict.ESCAPED):
        for line in seen:
            if line.startswith(verdict.name):
                return verdict, line.removeprefix(verdict.name).strip()
    if ran := list(folder.rglob(CANARY)):
        return InputVerdict.EXECUTED, f"left {ran[0].relative_to(folder)}"
    after = listing(folder)
    if changed := [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]:
        return InputVerdict.ESCAPED, f"changed {', '.join(sorted(changed)[:5])}"
    if leaked := _holding_the_secret(folder):
        return InputVerdict.ESCAPED, f"copied the secret to {leaked.relative_to(folder)}"
    if SECRET[:16].decode() in said:
        return InputVerdict.ESCAPED, f"tells the secret; {last}"
    if outcome["timed_out"] or status in (-24, -9):
        return InputVerdict.HANG, f"stopped after {outcome['seconds']:.0f} s of the processor; {last}"
    if outcome["memory"] > MEMORY_BOUND:
        return InputVerdict.MEMORY, f"{outcome['memory'] / 2**20:.0f} MiB; {last}"
    if status < 0:
        return InputVerdict.TRACEBACK, f"ended by signal {-status}; {last}"
    if "Traceback (most recent call last)" in said or status not in (0, 1, 2):
        return InputVerdict.TRACEBACK, f"status {status}; {last}"
    if bad := {c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"}:
        return InputVerdict.GARBLED, f"prints {sorted(bad)!r}"
    if status == 0:
        return InputVerdict.ACCEPTED, last
    message = _SAID_BY_COMMANDS.search(said)
    if message is None:
        return InputVerdict.GARBLED, f"status {status} without a message; {last}"
    if len(said) - message.start() > LONGEST_MESSAGE:
        return InputVerdict.GARBLED, f"a message of {len(said) - message.start()} characters"
    return InputVerdict.REFUSED, said[message.start() :].strip()


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of what a command may not touch."""
    kept = ("said.txt", "seen.txt")
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] in (OUTPUT, TEMPORARY, CACHE) or name in kept:
            continue
        state = path.lstat()
        found[name] = (state.st_size, state.st_mtime_ns)
    return found


def _holding_the_secret(folder: Path) -> Path | None:
    for path in (folder / OUTPUT).rglob("*"):
        if path.is_file() and not path.is_symlink() and SECRET[:16] in path.read_bytes():
            return path
    return None
