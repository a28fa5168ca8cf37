# SPDX-License-Identifier: BSD-3-Clause
"""What `qu-build --docker` needs on this machine, for qu-doctor."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from hw_flows.docker.engine import ContainerEngine, find_engine
from hw_flows.docker.images import OPEN, VENDOR, find_image
from hw_flows.docker.xilinx import find_installation
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding

MEANING = "qu-build --docker: the same build in a container"


def needs(environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """The engine, the two images, and the Xilinx tools that the vendor image mounts.

    Only the engine is needed by every build inside; images are built when a build needs them.
    """
    try:
        engine = find_engine()
    except UserError as error:
        return [Finding("container engine", False, f"{error.what}: {error.where}", error.fix), _xilinx(environment)]
    words = f"{engine.program}{', rootless' if engine.rootless else ''}{', Podman' if engine.podman else ''}"
    images = [_image(engine, stage, environment) for stage in (OPEN, VENDOR)]
    return [Finding("container engine", True, words), *images, _xilinx(environment)]


def _image(engine: ContainerEngine, stage: str, environment: Mapping[str, str]) -> Finding:
    name = f"image {stage}"
    try:
        image = find_image(stage)
    except UserError as error:
        return Finding(name, False, error.what, error.fix, optional=True)
    if engine.has_image(image.name):
        return Finding(name, True, image.name, optional=True)
    fix = f"qu-build --docker builds it, or: {shlex.join(image.build_command(str(engine.program), environment))}"
    return Finding(name, False, f"{image.name} is not built yet", fix, optional=True)


def _xilinx(environment: Mapping[str, str]) -> Finding:
    try:
        installation = find_installation(environment)
    except UserError as error:
        return Finding("Xilinx tools to mount", False, error.what, error.fix, optional=True)
    return Finding("Xilinx tools to mount", True, f"{installation.version}, {installation.vivado}", optional=True)
