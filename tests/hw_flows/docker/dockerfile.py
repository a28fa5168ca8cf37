# SPDX-License-Identifier: BSD-3-Clause
"""docker/Dockerfile, read: its stages, and the files that each of them copies, laid out as the image has them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hw_flows.docker.images import LET_THROUGH

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word, and the rest of the line."""

    word: str
    rest: str

    @property
    def from_stage(self) -> str | None:
        """Stage or image that a COPY takes its files from; None for the project's folder."""
        found = re.search(r"--from=(\S+)", self.rest)
        return found[1] if found else None

    @property
    def copied(self) -> list[str]:
        """Sources of a COPY in the project's folder."""
        return [] if self.word != "COPY" or self.from_stage else self.paths[:-1]

    @property
    def paths(self) -> list[str]:
        """Sources of a COPY, then its destination."""
        return [word for word in self.rest.split() if not word.startswith("--")]


def instructions(text: str) -> list[Instruction]:
    """In order, lines joined and comments left out."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def stages(text: str) -> dict[str, list[Instruction]]:
    """The instructions of each stage, with those of the stages that it starts from."""
    result: dict[str, list[Instruction]] = {}
    own: list[Instruction] = []
    for instruction in instructions(text):
        if instruction.word == "FROM":
            parent, _, name = instruction.rest.split()
            own = result[name] = list(result.get(parent, []))
        else:
            own.append(instruction)
    return result


@dataclass(frozen=True)
class Context:
    """A project's folder as the engine is given it: what .dockerignore lets through."""

    folder: Path

    @property
    def dockerfile(self) -> str:
        return (self.folder / "docker" / "Dockerfile").read_text()

    def lets_through(self, name: str) -> bool:
        """As Docker does: the last line that names the path, or a folder that it is in, decides."""
        answer = True
        for line in (self.folder / LET_THROUGH).read_text().splitlines():
            pattern = line.strip().removeprefix("!")
            if pattern and not line.startswith("#") and _names(pattern, name):
                answer = line.startswith("!")
        return answer

    def files(self, name: str) -> Iterator[str]:
        """Files below a path of the project's folder, or the path itself, that an engine is given."""
        top = self.folder / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            relative = path.relative_to(self.folder).as_posix()
            if path.is_file() and self.lets_through(relative):
                yield relative

    def lay_out(self, stage: str, root: Path) -> Path:
        """Copy the files of a stage below `root`, its file system; the stage's working folder there.

        Raises FileNotFoundError where a COPY names what the engine is not given. Files that commands of other stages
        make do not exist here and are left out.
        """
        working = PurePosixPath("/")
        for instruction in stages(self.dockerfile)[stage]:
            if instruction.word == "WORKDIR":
                working /= instruction.rest.strip()
            elif instruction.word == "COPY":
                target = _below(root, working / instruction.paths[-1])
                into = instruction.paths[-1].endswith("/") or len(instruction.paths) > 2
                if instruction.from_stage is None:
                    self._copy(instruction.copied, target, into)
                elif instruction.from_stage in stages(self.dockerfile):
                    other = root.with_name(f"{root.name}-{instruction.from_stage}")
                    self.lay_out(instruction.from_stage, other)
                    for source in instruction.paths[:-1]:
                        if _below(other, source).is_dir():
                            shutil.copytree(_below(other, source), target, dirs_exist_ok=True)
        folder = _below(root, working)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _copy(self, sources: list[str], target: Path, into: bool) -> None:
        for source in sources:
            found = list(self.files(source))
            if not found:
                raise FileNotFoundError(f"COPY {source}: not let through by {LET_THROUGH}, or not there")
            for name in found:
                inside = Path(name).relative_to(source)  # "." for a file: only a folder's content is copied
                place = target / inside if inside.parts else target / Path(name).name if into else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.folder / name, place)


def _names(pattern: str, name: str) -> bool:
    """Whether a line of .dockerignore names a path or a folder above it: `**` is any folders, `*` anything in a name."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    split = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    return re.fullmatch("".join(parts.get(part, re.escape(part)) for part in split) + "(?:/.*)?", name) is not None


def _below(root: Path, path: PurePosixPath | str) -> Path:
    return root / str(path).lstrip("/")
