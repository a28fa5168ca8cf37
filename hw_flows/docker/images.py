# SPDX-License-Identifier: BSD-3-Clause
"""The two images: which one a flow needs, what it is called, and how it is built.

An image is named after a hash of all that goes into it, so that a build inside never runs other sources than a build
outside would; after a change of the sources alone the new image takes seconds, since its layers of tools are kept.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hw_flows.docker.engine import ContainerEngine
from hw_flows.flow_names import AUTO
from hw_flows.flows import image_of
from hw_flows.machine.errors import UserError

REPOSITORY = "quantunet-flow"
#: Names, after `!`, all that reaches the Dockerfile: files and folders of the project's folder.
LET_THROUGH = ".dockerignore"
#: Python leaves these beside sources; .dockerignore leaves them out as well.
NOT_SOURCES = ("__pycache__",)
#: Stages of docker/Dockerfile.
OPEN = "open"
VENDOR = "vendor"
#: Variables of an image's build.
BUILD_ENVIRONMENT = {"DOCKER_BUILDKIT": "1"}


@dataclass(frozen=True)
class Image:
    """An image by name; `stage` of docker/Dockerfile makes it, None where the user named one of their own."""

    name: str
    stage: str | None
    context: Path

    def build_command(self, program: str = "docker", environment: Mapping[str, str] | None = None) -> list[str]:
        """The command that builds it; FINN_DOCKER_BUILD_EXTRA adds arguments, as it does for FINN."""
        assert self.stage is not None
        extra = shlex.split((environment or {}).get("FINN_DOCKER_BUILD_EXTRA", ""))
        dockerfile = self.context / "docker" / "Dockerfile"
        return [
            program,
            "build",
            "--file",
            str(dockerfile),
            "--target",
            self.stage,
            "--tag",
            self.name,
            *extra,
            str(self.context),
        ]


def project_folder() -> Path:
    """The folder with docker/Dockerfile that this package lies in, when it runs from a clone of the project."""
    return Path(__file__).resolve().parents[2]


def stage_of(flow: str, environment: Mapping[str, str]) -> str:
    """The stage a flow needs. `auto` takes Vivado where there is one, so it gets the image that can use it."""
    has_vivado = any(environment.get(name) for name in ("FINN_XILINX_PATH", "XILINX_VIVADO"))
    return VENDOR if flow == AUTO and has_vivado else image_of(flow)


def find_image(stage: str, named: str | None = None, context: Path | None = None) -> Image:
    """The image of a stage, or the one that the user named.

    Raises UserError where there is no Dockerfile to make it from.
    """
    context = context or project_folder()
    if named:
        return Image(named, None, context)
    if not all((context / name).is_file() for name in ("docker/Dockerfile", LET_THROUGH)):
        raise UserError(
            "this installation has no docker/Dockerfile to build an image from",
            str(context),
            "run from a clone of the project, or name an image with --docker-image or QU_DOCKER_IMAGE",
        )
    return Image(f"{REPOSITORY}:{stage}-{context_hash(context)}", stage, context)


def context_hash(context: Path) -> str:
    """12 hexadecimal digits of a hash over paths and contents of all files that go into an image."""
    digest = hashlib.sha256()
    for path in context_files(context):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(context).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def context_names(context: Path) -> list[str]:
    """Files and folders of the project's folder that an engine may copy into an image, sorted."""
    lines = (context / LET_THROUGH).read_text(encoding="utf-8").splitlines()
    return sorted(line[1:].strip() for line in lines if line.startswith("!"))


def context_files(context: Path) -> Iterator[Path]:
    """The files that go into an image, by name; what keeps others out is among them."""
    for name in sorted([LET_THROUGH, *context_names(context)]):
        top = context / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not any(part in NOT_SOURCES for part in path.relative_to(context).parts):
                yield path


def require_image(engine: ContainerEngine, image: Image, environment: Mapping[str, str]) -> None:
    """Build an image that is not there, with the engine's own output shown. Raises UserError where that is impossible."""
    if engine.has_image(image.name):
        return
    program = str(engine.program)
    if image.stage is None:
        raise UserError(
            f"the image {image.name} is not on this machine",
            "--docker-image or QU_DOCKER_IMAGE",
            f"{shlex.join([program, 'pull', image.name])}; or leave it out: then it is built from docker/Dockerfile",
        )
    command = image.build_command(program, environment)
    print(f"building the image {image.name}, once: {shlex.join(command)}", flush=True)
    # It shows its own progress and may download for long, so neither a log file nor a limit.
    try:
        status = subprocess.run(
            command, env={**os.environ, **BUILD_ENVIRONMENT}, stdin=subprocess.DEVNULL, check=False
        ).returncode
    except OSError as error:
        raise UserError(f"{program} could not be started: {error.strerror}", program) from error
    if status != 0:
        raise UserError(
            f"the image could not be built: {engine.program.name} build ended with status {status}",
            image.name,
            f"its messages are above; the command: {shlex.join(command)}",
        )
