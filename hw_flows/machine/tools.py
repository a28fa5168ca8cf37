# SPDX-License-Identifier: BSD-3-Clause
"""Outside tools: found, versioned and run in one place, with a time limit, a log file and their own last words."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.installation import how_to_install, package_of


class ToolError(UserError):
    """A tool failed, crashed or exceeded its time limit.

    `reason`: what happened, for people. `status`: its exit status, negative for a signal; None where it did not end by
    itself. `log` is its log file, `last_words` what of it tells most.
    """

    def __init__(
        self, tool: str, reason: str, log: Path, last_words: str, *, status: int | None = None, timed_out: bool = False
    ) -> None:
        self.tool = tool
        self.reason = reason
        self.log = log
        self.last_words = last_words
        self.status = status
        self.timed_out = timed_out
        super().__init__(f"{tool} {reason}; its last output:\n{last_words}", str(log), "read the log; see qu-doctor")


def run_tool(
    tool: str,
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    limit_seconds: float,
    environment: Mapping[str, str] | None = None,
    produces: Sequence[Path] = (),
) -> str:
    """Run `command` in `cwd` with output to `log`; return the output. Raises ToolError, also past the limit, and where
    one of the files that it `produces` is missing or empty although it says that all went well."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=cwd,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        except OSError as error:
            raise ToolError(tool, f"could not be started ({error.strerror})", log, "(none)") from error
        try:
            status = process.wait(limit_seconds)
        except BaseException as error:
            _kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                reason = f"exceeded its time limit of {limit_seconds:.0f} s"
                raise ToolError(tool, reason, log, last_lines(log), timed_out=True) from error
            raise
    if status != 0:
        reason = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        raise ToolError(tool, reason, log, last_lines(log), status=status)
    for path in produces:
        if not path.is_file() or path.stat().st_size == 0:
            raise ToolError(tool, f"exited with status 0 but wrote no {path.name}", log, last_lines(log), status=status)
    return log.read_text(encoding="utf-8", errors="replace")


def last_lines(log: Path, count: int = 12) -> str:
    """The last `count` lines of a log file."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a tool and what it started (make starts compilers)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def require_program(name: str, purpose: str, fix: str) -> Path:
    """Path of a program on PATH; UserError that says what it is for and how to get it."""
    found = shutil.which(name)
    if found is None:
        raise UserError(f"{name} is missing: {purpose}", "PATH", fix)
    return Path(found)


def package_folder(module: str) -> Path:
    """Folder of an installed Python module, without importing it. Raises UserError where it is missing."""
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        package = package_of(module)
        raise UserError(f"the Python package {package} is missing", sys.prefix, how_to_install(package))
    return Path(next(iter(spec.submodule_search_locations)))


def package_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"
