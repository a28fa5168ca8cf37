# SPDX-License-Identifier: BSD-3-Clause
"""The `docker run` of a build: the same arguments, with every path they name mounted at its own place."""

from __future__ import annotations

import csv
import io
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hw_flows.boards import is_file_name
from hw_flows.config import BuildConfig
from hw_flows.docker.engine import ContainerEngine
from hw_flows.docker.images import Image
from hw_flows.docker.xilinx import XilinxInstallation
from hw_flows.machine.cache import cache_folder
from hw_flows.machine.errors import UserError

#: Folders of the image that a mount must not hide: its programs, and where they keep temporary files.
OF_THE_IMAGE = (
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/opt/quantunet-image",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/tmp",
    "/usr",
    "/var",
)
#: Settings of the caller's that a build inside honours as well.
PASSED_ON = ("COLUMNS", "NO_COLOR", "OMP_NUM_THREADS", "TERM")
#: The same for Xilinx tools and FINN. Licences are files or servers.
PASSED_ON_TO_VENDOR_TOOLS = ("LM_LICENSE_FILE", "NUM_DEFAULT_WORKERS", "XILINXD_LICENSE_FILE")
#: Folders that FINN reads: what `finn deps update` fetched, and Vitis platforms.
FOLDERS_OF_FINN = ("FINN_DEPS", "PLATFORM_REPO_PATHS")
LICENCES = ("LM_LICENSE_FILE", "XILINXD_LICENSE_FILE")


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine, seen at the same absolute path inside."""

    path: Path
    writable: bool = False

    def argument(self) -> str:
        """Value of `--mount`, which unlike `--volume` takes any path and makes no missing folder as root."""
        fields = ["type=bind", f"source={self.path}", f"target={self.path}", *([] if self.writable else ["readonly"])]
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(fields)
        return line.getvalue()


@dataclass(frozen=True)
class ContainerRun:
    """A container to be started: its name, and the whole command."""

    name: str
    command: tuple[str, ...]


def plan_run(
    cfg: BuildConfig,
    config: Path | None,
    arguments: Sequence[str],
    engine: ContainerEngine,
    image: Image,
    xilinx: XilinxInstallation | None,
    environment: Mapping[str, str],
) -> ContainerRun:
    """Plan `qu-build ARGUMENTS` in a container.

    `cfg` is what the arguments and the configuration file `config` amount to. Inputs and the working folder are mounted
    for reading; the output folder and the cache for writing, both made here, so that they belong to the caller. With a
    Xilinx installation the container also gets that, FINN's variables and a network (for licence servers); without one
    it has none. Raises UserError where an input does not exist or a folder would hide the image's own.
    """
    name = f"qu-build-{os.getpid()}-{os.urandom(3).hex()}"
    # Programs compiled in the image are kept apart from those of this machine: their C library is another one.
    cache = _own_folder(cache_folder("container").absolute())
    mounts = [*_mounts_of_build(cfg, config), Mount(cache, writable=True)]
    variables = {"XDG_CACHE_HOME": str(cache), **_chosen(environment, PASSED_ON)}
    if xilinx is not None:
        more, settings = _vendor_tools(xilinx, environment)
        mounts += more
        variables |= settings
    working = Path.cwd()
    if not _hides_the_image(working):
        mounts.append(Mount(working))
    command = [str(engine.program), "run", "--rm", "--init", "--name", name, *engine.user_arguments()]
    # Where SELinux rules, a container may otherwise not read the caller's files.
    command += ["--security-opt", "label=disable"]
    if xilinx is None:
        command += ["--network", "none"]
    if sys.stdout.isatty():
        command += ["--tty"]
    for mount in _outermost_first(mounts):
        command += ["--mount", mount.argument()]
    for key, value in variables.items():
        command += ["--env", f"{key}={value}"]
    command += ["--workdir", str(working), *shlex.split(environment.get("FINN_DOCKER_EXTRA", ""))]
    return ContainerRun(name, (*command, image.name, "qu-build", *arguments))


def _mounts_of_build(cfg: BuildConfig, config: Path | None) -> list[Mount]:
    """Everything that a configuration names: inputs, which must exist, and the output folder."""
    inputs = [value for key, value in cfg if isinstance(value, Path) and key != "output_dir"]
    inputs += cfg.operators
    if config is not None:
        inputs.append(config)
    if is_file_name(cfg.board):
        inputs.append(Path(cfg.board))
    if cfg.model is not None:
        inputs += _external_data(cfg.model)
    return [*(Mount(_input(path)) for path in inputs), Mount(_own_folder(cfg.output_dir.absolute()), writable=True)]


def _input(path: Path) -> Path:
    path = Path(os.path.abspath(path))  # noqa: PTH100  (the name as it is used: symbolic links stay)
    if not path.exists():
        raise UserError("the file does not exist", str(path), "give an existing file")
    if _hides_the_image(path):
        raise UserError("the container cannot see this folder: it would hide its own", str(path), "use another folder")
    return path


def _own_folder(path: Path) -> Path:
    path = Path(os.path.abspath(path))  # noqa: PTH100
    if _hides_the_image(path):
        raise UserError("a container cannot write here: the folder would hide its own", str(path), "use another folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the folder cannot be made: {error.strerror}", str(path), "choose another one") from error
    return path


def _hides_the_image(path: Path) -> bool:
    return any(path == Path(own) or path in Path(own).parents for own in OF_THE_IMAGE)


def _external_data(model: Path) -> list[Path]:
    """Files beside an ONNX model that hold its weights. A file that is no model is left for the build to refuse."""
    if model.suffix.lower() != ".onnx" or not model.is_file():
        return []
    import onnx
    from onnx.external_data_helper import uses_external_data

    try:
        graph = onnx.load(str(model), load_external_data=False).graph
    except Exception:
        return []
    tensors = [tensor for tensor in graph.initializer if uses_external_data(tensor)]
    names = {entry.value for tensor in tensors for entry in tensor.external_data if entry.key == "location"}
    return [path for name in sorted(names) if (path := model.parent / name).is_file()]


def _vendor_tools(xilinx: XilinxInstallation, environment: Mapping[str, str]) -> tuple[list[Mount], dict[str, str]]:
    """Mounts and variables of a build with Xilinx tools; names are those of FINN's own script."""
    # The installer writes the place it was installed in into the tools; it may since be reached through a link.
    mounts = [Mount(_input(path)) for path in (xilinx.path, xilinx.path.resolve())]
    variables = {"FINN_XILINX_PATH": str(xilinx.path), "FINN_XILINX_VERSION": xilinx.version}
    if scratch := environment.get("FINN_HOST_BUILD_DIR"):
        folder = _own_folder(Path(scratch))
        mounts.append(Mount(folder, writable=True))
        variables |= {"FINN_HOST_BUILD_DIR": str(folder), "FINN_BUILD_DIR": str(folder)}
    for key in FOLDERS_OF_FINN:
        named = environment.get(key)
        if named and Path(named).is_dir():
            folder = _input(Path(named))
            mounts.append(Mount(folder))
            variables[key] = str(folder)
    for key in LICENCES:
        files = [Path(part) for part in environment.get(key, "").split(":") if part.startswith("/")]
        mounts += [Mount(_input(path)) for path in files if path.exists()]
    return mounts, variables | _chosen(environment, PASSED_ON_TO_VENDOR_TOOLS)


def _chosen(environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: environment[name] for name in names if environment.get(name)}


def _outermost_first(mounts: Sequence[Mount]) -> list[Mount]:
    """Each path once, writable if anyone writes it, folders before what lies in them."""
    writable = {mount.path: any(m.writable for m in mounts if m.path == mount.path) for mount in mounts}
    return [Mount(path, writable[path]) for path in sorted(writable, key=lambda path: path.parts)]
