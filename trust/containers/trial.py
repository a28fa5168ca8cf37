# SPDX-License-Identifier: BSD-3-Clause
"""The images are built one after the other, each is tried as another user without a network, and what was built in and
outside of them is compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hw_flows.docker.engine import ask
from hw_flows.docker.images import BUILD_ENVIRONMENT, OPEN, Image, find_image, project_folder
from hw_flows.docker.plan import Mount
from hw_flows.machine.tools import ToolError, run_tool
from trust.containers.checks import ContainerCheck, build_check, checks_of, judge_report
from trust.containers.engine import TrialEngine
from trust.part import Say
from trust.same_results import differences, results
from trust.tiny import COMMAND

BUILD_SECONDS = 3 * 3600.0
CHECK_SECONDS = 2 * 3600.0
BUILD = "build"
"""Name of the output folder of every build of the network."""


@dataclass(frozen=True)
class Tried:
    """One row of the summary."""

    where: str
    what: str
    seconds: float
    found: str
    holds: bool = True


@dataclass(frozen=True)
class ContainerTrial:
    """What is tried, with what and where."""

    engine: TrialEngine
    work: Path
    config: Path
    """Of the build that is made in and outside of the images."""
    say: Say
    build: bool = True
    """False: images that are there already are tried."""

    @property
    def container_cache(self) -> Path:
        """The cache of all containers, as `qu-build --docker` makes it in the caller's."""
        return self.work / "docker" / "cache" / "container"

    def image(self, stage: str) -> list[Tried]:
        """Build an image, try all that belongs to its stage, and compare its build with the one outside."""
        image = find_image(stage)
        built = self._build_image(image)
        if not built.holds:
            return [built]
        folder = self._folder(stage)
        self._folder("docker", "cache", "cache/container")
        user = -1 if self.engine.other_user is None else self.engine.other_user
        tried = [built, *(self._inside(image, check, folder) for check in checks_of(stage, folder, user))]
        if stage == OPEN:
            tried += self.from_outside(image)
        tried.append(self._inside(image, build_check(self.config, folder / BUILD), folder))
        return [*tried, self._compared(f"image {stage}", folder)]

    def outside(self) -> Tried:
        """The build without a container, with a cache of its own."""
        return self._build("this machine", "outside", ())

    def from_outside(self, image: Image) -> list[Tried]:
        """`qu-build --docker` as a user calls it."""
        where = f"--docker, {image.stage}"
        self._folder(f"docker/{BUILD}")
        extra = [] if self.engine.other_user is None else ["FINN_DOCKER_EXTRA"]
        environment = dict.fromkeys(extra, " ".join(self.engine.user_arguments()))
        built = self._build(where, "docker", ("--docker",), environment)
        return [built, self._compared(where, self.work / "docker")] if built.holds else [built]

    def _build_image(self, image: Image) -> Tried:
        where, log = f"image {image.stage}", self.work / f"build-{image.stage}.log"
        command = image.build_command(str(self.engine.engine.program), os.environ)
        tried = Tried(where, "found", 0.0, "")
        if self.build:
            tried = self._run(where, "built", command, log, BUILD_SECONDS, BUILD_ENVIRONMENT)
        if tried.holds:
            tried = replace(tried, found=f"{self.engine.image_size(image.name) / 1e9:.2f} GB")
        return self._told(tried)

    def _inside(self, image: Image, check: ContainerCheck, folder: Path) -> Tried:
        name = f"qu-trial-{os.getpid()}-{os.urandom(3).hex()}"
        command = self.command_inside(image, check.command, folder, name)
        log = self.work / f"{image.stage}-{re.sub(r'[^A-Za-z0-9]+', '-', check.name).strip('-')}.log"
        try:
            return self._told(self._run(f"image {image.stage}", check.name, command, log, CHECK_SECONDS, judge=check))
        finally:  # one that ran past its limit goes on without the engine's client
            ask([str(self.engine.engine.program), "rm", "--force", name])

    def command_inside(self, image: Image, command: tuple[str, ...], folder: Path, name: str) -> list[str]:
        """`docker run` of a command: the project can be read, `folder` written, as another user, without a network."""
        mounts = (Mount(project_folder()), Mount(folder, writable=True), Mount(self.container_cache, writable=True))
        return [
            str(self.engine.engine.program),
            "run",
            "--rm",
            "--init",
            "--name",
            name,
            *self.engine.user_arguments(),
            "--security-opt",
            "label=disable",
            "--network",
            "none",
            *(word for mount in mounts for word in ("--mount", mount.argument())),
            "--env",
            f"XDG_CACHE_HOME={self.container_cache}",
            *(("--env", "OMP_NUM_THREADS=" + threads) if (threads := os.environ.get("OMP_NUM_THREADS")) else ()),
            "--workdir",
            str(project_folder()),
            image.name,
            *command,
        ]

    def _build(self, where: str, name: str, options: tuple[str, ...], more: Mapping[str, str] | None = None) -> Tried:
        folder = self.work / name
        output = folder / BUILD
        given = ["--config", str(self.config), "--output", str(output), "--batch"]
        command = [sys.executable, "-c", COMMAND, *given, *options]
        environment = {"PYTHONPATH": str(project_folder()), "QU_CACHE": str(folder / "cache"), **(more or {})}
        check = ContainerCheck("", (), lambda said: judge_report(output))
        words = " ".join(["qu-build", *options, "--config", self.config.name])
        return self._told(
            self._run(where, f"`{words}`", command, self.work / f"{name}.log", CHECK_SECONDS, environment, check)
        )

    def _run(
        self,
        where: str,
        what: str,
        command: list[str],
        log: Path,
        limit: float,
        environment: Mapping[str, str] | None = None,
        judge: ContainerCheck | None = None,
    ) -> Tried:
        """Run it, and let the check judge what it said."""
        started = time.monotonic()
        try:
            said = run_tool(
                what, command, cwd=project_folder(), log=log, limit_seconds=limit, environment=environment or {}
            )
            wrong = judge.judge(said) if judge is not None else None
        except ToolError as error:
            wrong = f"{error.reason}; {error.log}"
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:  # an answer that is none
            wrong = f"{type(error).__name__}: {error}; {log}"
        return Tried(where, what, time.monotonic() - started, wrong or "holds", wrong is None)

    def _compared(self, where: str, folder: Path) -> Tried:
        """The results in a folder and those of the build outside; and whom they belong to."""
        started = time.monotonic()
        inside, outside = folder / BUILD, self.work / "outside" / BUILD
        wrong = [f"differs: {name}" for name in differences(outside, inside)]
        foreign = [p for p in inside.rglob("*") if p.lstat().st_uid != self.engine.owner]
        wrong += [f"of another user: {p.relative_to(inside)}" for p in foreign]
        found = results(inside)
        counts = {part: sum(name.startswith(f"{part}/") for name in found) for part in ("rtl", "report")}
        if not all(counts.values()):
            wrong.append(f"{counts}")
        same = f"{len(found)} files, of them {counts['rtl']} of rtl/ and {counts['report']} of report/"
        seconds = time.monotonic() - started
        words = "; ".join(wrong[:5]) + (f"; {len(wrong) - 5} more" if len(wrong) > 5 else "") if wrong else same
        return self._told(Tried(where, "the same as outside", seconds, words, not wrong))

    def _folder(self, name: str, *more: str) -> Path:
        """An empty folder that containers can write into, and folders in it."""
        folder = self.work / name
        for path in (folder, *(folder / part for part in more)):
            path.mkdir(parents=True, exist_ok=True)
            if self.engine.other_user is not None:
                os.chown(path, self.engine.other_user, self.engine.other_user)
        return folder

    def _told(self, tried: Tried) -> Tried:
        self.say(f"{tried.where}: {tried.what}: {tried.found} ({tried.seconds:.0f} s)")
        return tried


def revision() -> str:
    """Git's short name of the sources, with `+` where files differ from it; empty outside of a clone."""
    git = ["git", "-C", str(project_folder())]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False).stdout
    return name.stdout.strip() + ("+" if changed.strip() else "") if name.returncode == 0 else ""
