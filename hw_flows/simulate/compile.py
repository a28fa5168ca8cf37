# SPDX-License-Identifier: BSD-3-Clause
"""Compile an accelerator and the harness with Verilator, once per content.

The key holds every SystemVerilog source, the generated top and table, the harness, the tool versions and the options;
memory images are read when the simulation starts, so other weights of the same shape need no new compilation.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.machine.cache import cached
from hw_flows.simulate.sim_top import TOP, sim_top, stream_table
from hw_flows.simulate.verilator import build_executable, recipe

HARNESS = Path(__file__).with_name("harness.cpp")


@dataclass(frozen=True)
class Simulator:
    """A compiled simulator. `rtl` is the folder that its memory images are read from."""

    accelerator: Accelerator
    rtl: Path
    binary: Path
    compiled: bool
    """False where it came from the cache."""


def compile_simulator(
    accelerator: Accelerator,
    rtl: Path,
    *,
    jobs: int = 2,
    trace: bool = False,
    log: Path | None = None,
    extra_sources: tuple[Path, ...] = (),
) -> Simulator:
    """Compile (or take from the cache) the simulator of the design in `rtl`.

    Raises UserError where a compiler, make or perl is missing and ToolError where Verilator refuses the design.
    """
    top, table = sim_top(accelerator), stream_table(accelerator)
    sources = [rtl / name for name in accelerator.sources]
    key = _key([*sources, *extra_sources], top, table, trace)

    def build(made: Path) -> None:
        files = {f"{TOP}.sv": top, "streams.h": table, "harness.cpp": HARNESS.read_text(encoding="utf-8")}
        verilated = [*(str(p.resolve()) for p in [*sources, *extra_sources]), f"{TOP}.sv", "harness.cpp"]
        build_executable(TOP, verilated, files, made, jobs=jobs, trace=trace, log=log)

    binary, known = cached("simulators", key, ".exe", build)
    return Simulator(accelerator, rtl, binary, compiled=not known)


def _key(sources: list[Path], top: str, table: str, trace: bool) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
        digest.update(b"\0")
    for text in (top, table, HARNESS.read_text(encoding="utf-8"), recipe()):
        digest.update(text.encode())
        digest.update(b"\0")
    digest.update(str(trace).encode())
    return digest.hexdigest()[:40]
