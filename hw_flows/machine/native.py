# SPDX-License-Identifier: BSD-3-Clause
"""C++ parts of this package: compiled by the machine's own compiler when they are first needed, once per content."""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from hw_flows.machine.cache import cached
from hw_flows.machine.tools import ToolError, last_lines, require_program, run_tool

COMPILE_LIMIT_SECONDS = 300.0


def load_library(
    kind: str,
    source: Path,
    headers: Sequence[Path],
    purpose: str,
    *,
    optimization: str = "-O2",
    include: Path | None = None,
    before: Sequence[Path] = (),
) -> ctypes.CDLL:
    """The shared library of `source`, which includes `headers`; kept in the cache folder of that kind.

    `include`: where its headers are looked for. `before`: those of them that are read before the source, in that order.

    `purpose` says what it is for where no compiler is found. Raises UserError then, ToolError where the compiler fails.
    """
    options = [optimization, "-std=c++17", "-shared", "-fPIC"]
    digest = hashlib.sha256(" ".join([os.uname().machine, *options]).encode())
    for file in (source, *before, *sorted(set(headers) - set(before))):
        digest.update(file.read_bytes())

    def compile_library(made: Path) -> None:
        require_program("g++", purpose, "install a C++ compiler (Debian: apt install g++)")
        search = [] if include is None else [f"-I{include}"]
        search += [word for file in before for word in ("-include", str(file))]
        log = made.with_name("compile.log")
        run_tool(
            f"g++ ({kind})",
            ["g++", *options, *search, str(source), "-o", str(made)],
            cwd=made.parent,
            log=log,
            limit_seconds=COMPILE_LIMIT_SECONDS,
            produces=[made],
        )
        try:
            ctypes.CDLL(str(made))
        except OSError as error:  # and so it does not stay in the cache
            raise ToolError(f"g++ ({kind})", f"wrote no library: {error}", log, last_lines(log)) from error

    path, _ = cached(kind, digest.hexdigest()[:40], ".so", compile_library)
    return ctypes.CDLL(str(path))
