# SPDX-License-Identifier: BSD-3-Clause
"""What is known of a build between runs: its steps, and the files that they wrote, by content.

A step counts as done only while all its files are as it left them. So a folder in which a file was lost, cut short (by a
machine that went down) or changed is completed by running the same command again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from quantunet_common.files import read_json, write_text_atomically

STATE = "build_state.json"
#: Which step writes which file. Where another version of this package wrote other ones, all of them are made again.
LAYOUT = 2
#: What steps write below the output folder for later steps or for people; logs and tools' working folders are not of it.
RESULTS = (
    "intermediate_models",
    "rtl",
    "weights",
    "report",
    "verification/expected",
    "verification/captured",
    "verification/hardware_logits.npy",
    "verification/activity.saif",
    "synthesis",
    "shell",
    "bitfile",
    "driver",
    "deploy",
    "auto_folding_config.json",
    "final_hw_config.json",
)
#: Written anew after the steps of every run, so no step's.
ALWAYS_WRITTEN = frozenset({"report/build.json", "report/index.html"})


@dataclass
class StepRecord:
    """One step of a build: `status` is done, failed, kept (from an earlier run), skipped or pending."""

    name: str
    status: str = "pending"
    seconds: float = 0.0


@dataclass
class WrittenFile:
    """A result: the step that wrote it, and its content."""

    step: str
    sha256: str


@dataclass
class BuildState:
    """A hash of all that the build depends on, its steps, and their results by path below the output folder."""

    key: str
    steps: list[StepRecord] = field(default_factory=list)
    files: dict[str, WrittenFile] = field(default_factory=dict)

    def save(self, output: Path) -> None:
        write_text_atomically(output / STATE, json.dumps({"layout": LAYOUT, **asdict(self)}, indent=1))


def load_state(output: Path) -> BuildState:
    """The state of the last run; an empty one where there is none that can be read, and its files alone where its layout
    is another."""
    try:
        data = read_json(output / STATE)
        files = {str(name): WrittenFile(**file) for name, file in data["files"].items()}
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise ValueError("a result outside of the output folder")
        if data.get("layout") != LAYOUT:
            return BuildState("", files=files)
        return BuildState(str(data["key"]), [StepRecord(**step) for step in data["steps"]], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return BuildState("")


class Results:
    """Notices which results a step writes."""

    def __init__(self, output: Path, state: BuildState) -> None:
        self._output = output
        self._state = state
        self._seen = dict(_scan(output))

    def note(self, step: str) -> None:
        """Everything that changed since the last call was written by this step.

        A file has one step that decides what it holds; a later one may write the same again. Were it to write anything
        else and be killed then, the earlier step would count as damaged and run again.
        """
        now = dict(_scan(self._output))
        files = self._state.files
        for name in files.keys() - now.keys():
            del files[name]
        for name, stamp in now.items():
            if self._seen.get(name) != stamp:
                written = WrittenFile(step, _digest(self._output / name))
                if (before := files.get(name)) is None or before.step == step:
                    files[name] = written
                else:
                    assert written.sha256 == before.sha256, f"{step} changes {name}, which {before.step} wrote"
        self._seen = now


def first_damaged(output: Path, state: BuildState, steps: Sequence[str]) -> tuple[int, str] | None:
    """Position of the first of `steps` one of whose results is not as it was left, and that file; None where all are."""
    order = {step: position for position, step in enumerate(steps)}
    ours = [(order[file.step], name) for name, file in state.files.items() if file.step in order]
    for position, name in sorted(ours):
        try:
            whole = _digest(output / name) == state.files[name].sha256
        except OSError:
            whole = False
        if not whole:
            return position, name
    return None


def remove_results(output: Path, state: BuildState, steps: Collection[str]) -> dict[str, WrittenFile]:
    """Remove what these steps wrote; what is left."""
    for name, file in state.files.items():
        if file.step in steps:
            (output / name).unlink(missing_ok=True)
    return {name: file for name, file in state.files.items() if file.step not in steps}


def _scan(output: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Every result, and what changes with each write, whatever the clock says: files are renamed into their place."""
    for result in RESULTS:
        path = output / result
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            name = file.relative_to(output).as_posix()
            if file.is_file() and name not in ALWAYS_WRITTEN:
                stat = file.stat()
                yield name, (stat.st_ino, stat.st_size, stat.st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
