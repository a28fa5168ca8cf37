# SPDX-License-Identifier: BSD-3-Clause
"""The engine that the images are tried with: what `qu-build --docker` would use, or else buildah under Podman's name."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hw_flows.docker.engine import ContainerEngine, ask, find_engine
from hw_flows.docker.images import project_folder
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import run_tool
from hw_flows.place_route.debian_tools import system_mirror
from quantunet_common.files import write_text_atomically

#: A user and group that no image and hardly a machine knows.
OTHER_USER = 4711
PULL_SECONDS = 600.0
DEBOOTSTRAP_SECONDS = 1800.0
BUILDAH = "install Docker or Podman, or buildah and debootstrap, and run this as root"


@dataclass(frozen=True)
class TrialEngine:
    """An engine, with what it is called in the summary."""

    engine: ContainerEngine
    version: str
    base: str
    """Where the base image came from."""

    @property
    def other_user(self) -> int | None:
        """Who runs containers in place of root; None where the caller is somebody else anyway."""
        return OTHER_USER if os.getuid() == 0 and not self.engine.rootless else None

    @property
    def owner(self) -> int:
        """User id, on this machine, of the files that containers write."""
        return os.getuid() if self.other_user is None else self.other_user

    def user_arguments(self) -> list[str]:
        if self.other_user is None:
            return self.engine.user_arguments()
        return ["--user", f"{self.other_user}:{self.other_user}"]

    def image_size(self, image: str) -> int:
        """Bytes."""
        answer = ask([str(self.engine.program), "image", "inspect", "--format", "{{.Size}}", image])
        if answer.returncode != 0:
            raise UserError("the image is not there", image, "leave out --no-build")
        return int(answer.stdout)


def find_trial_engine(work: Path) -> TrialEngine:
    """Docker or Podman if one answers; else buildah, with a program `podman` in `work`/bin that comes first on PATH.

    Raises UserError where there is neither, and where buildah has no base image and cannot get or make one.
    """
    try:
        return _with_version(find_engine(), "pulled")
    except UserError as error:
        if shutil.which("buildah") is None or os.getuid() != 0:
            raise UserError(f"{error.what}, and no buildah that root runs", error.where, BUILDAH) from error
    program = work / "bin" / "podman"
    write_text_atomically(
        program,
        (
            f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(project_folder()))} "
            f'exec {shlex.quote(sys.executable)} -m trust.containers.podman_by_buildah "$@"\n'
        ),
    )
    program.chmod(0o755)
    os.environ["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    os.environ.setdefault("STORAGE_DRIVER", "vfs")
    os.environ.setdefault("BUILDAH_ISOLATION", "chroot")
    return _with_version(find_engine(), require_base(base_image(), work))


def _with_version(engine: ContainerEngine, base: str) -> TrialEngine:
    version = ask([str(engine.program), "--version"]).stdout.strip()
    return TrialEngine(engine, version, base)


def base_image() -> str:
    """The image that docker/Dockerfile starts from."""
    text = (project_folder() / "docker" / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^ARG BASE_IMAGE=(\S+)", text, re.MULTILINE)
    assert found is not None
    return found[1]


def require_base(name: str, work: Path) -> str:
    """Make sure that buildah has the base image, pulled or made of this machine's own mirror of Debian; which of them.

    Raises UserError where neither is possible.
    """
    if _buildah("inspect", "--type", "image", name).returncode == 0:
        return "there already"
    pulled = _buildah("pull", name)
    if pulled.returncode == 0:
        return "pulled"
    suite = re.fullmatch(r".*debian:(\w+)-slim", name)
    if suite is None or shutil.which("debootstrap") is None:
        words = (pulled.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UserError(f"the base image cannot be pulled: {words}", name, "install debootstrap, which can make it")
    _bootstrap(suite[1], name, work)
    return f"made by debootstrap of {suite[1]}"


def _bootstrap(suite: str, name: str, work: Path) -> None:
    """Debian's smallest system, with this machine's sources of apt, as an image."""
    root, log = work / "rootfs", work / "debootstrap.log"
    shutil.rmtree(root, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", suite, str(root), system_mirror()]
    run_tool("debootstrap", command, cwd=work, log=log, limit_seconds=DEBOOTSTRAP_SECONDS)
    apt = Path("etc/apt")
    own = [p for p in (Path("/") / apt).rglob("*") if p.name == "sources.list" or p.name.startswith("debian.")]
    (root / apt / "sources.list").unlink(missing_ok=True)
    for path in own:
        shutil.copy(path, root / path.relative_to("/"))
    for kept in [*(root / "var/cache/apt/archives").glob("*.deb"), *(root / "var/lib/apt/lists").glob("*_*")]:
        kept.unlink()
    container = _required("from", "scratch")
    try:
        _required("add", "--quiet", container, str(root), "/")
        search = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        _required("config", "--cmd", "bash", "--env", search, container)
        _required("commit", "--quiet", container, name)
    finally:
        _buildah("rm", container)
        shutil.rmtree(root, ignore_errors=True)


def _required(*arguments: str) -> str:
    done = _buildah(*arguments)
    if done.returncode != 0:
        raise UserError(f"buildah {arguments[0]} failed", done.stderr.strip(), "see its message")
    return done.stdout.strip()


def _buildah(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["buildah", *arguments],
        capture_output=True,
        text=True,
        timeout=PULL_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
