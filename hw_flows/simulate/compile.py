# SPDX-License-Identifier: BSD-3-Clause
"""Compile an accelerator and the harness with Verilator, once per content.

The key holds every SystemVerilog source, what is generated of the design, the harness, the tool versions and the options;
memory images are read when the simulation starts, so other weights of the same shape need no new compilation, but where they
come from the board's memory, whose reader knows them by their hash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.machine.cache import cached
from hw_flows.memory_system import MemorySystem, image_path
from hw_flows.simulate.board_memory import MODEL, SIGNALS, WRITE_MODEL
from hw_flows.simulate.sim_top import TOP, design_source, sim_top
from hw_flows.simulate.verilator import Trace, build_executable, recipe

#: Cycles a frame of designs that are simulated sooner than a compiler could optimize them.
SHORT_CYCLES = 10_000
HARNESS = Path(__file__).with_name("harness.cpp")
#: What it includes.
HEADERS = (
    *(Path(__file__).with_name(name) for name in ("harness.h", "design.h", "activity.h")),
    *(SIGNALS, MODEL, WRITE_MODEL),
)
#: What the harness is given of a design.
DESIGN = "design.cpp"


@dataclass(frozen=True)
class Simulator:
    """A compiled simulator. `rtl` is the folder that its memory images are read from."""

    accelerator: Accelerator
    rtl: Path
    binary: Path
    compiled: bool
    """False where it came from the cache."""
    system: MemorySystem | None = None
    """What works on the memory for the accelerator, and is simulated with it; else all streams of weights are simply given, and what
    has waited in memory, too."""
    image: Path | None = None
    """The weights in the memory of `system`."""


def compile_simulator(
    accelerator: Accelerator,
    rtl: Path,
    *,
    jobs: int = 2,
    trace: Trace | None = None,
    log: Path | None = None,
    extra_sources: tuple[Path, ...] = (),
    system: MemorySystem | None = None,
    image: Path | None = None,
) -> Simulator:
    """Compile (or take from the cache) the simulator of the design in `rtl`: the accelerator, or its `system` with the memory.

    `trace`: what it can record, if anything; `image`: what lies in that memory; None: what was written with the system.
    Raises UserError where a compiler, make or perl is missing and ToolError where Verilator refuses the design.
    """
    top, design = sim_top(accelerator, system), design_source(accelerator, system)
    names = accelerator.sources if system is None else (*accelerator.sources, *system.sources)
    sources = [rtl / name for name in dict.fromkeys(names)]
    longest = max((instance.expected_cycles for instance in accelerator.instances), default=0)
    optimization = "-O0" if longest <= SHORT_CYCLES else "-O2"
    key = _key([*sources, *extra_sources], top, design, f"{trace} {optimization}")

    def build(made: Path) -> None:
        files = {
            f"{TOP}.sv": top,
            DESIGN: design,
            **{file.name: file.read_text(encoding="utf-8") for file in (HARNESS, *HEADERS)},
        }
        verilated = [*(str(p.resolve()) for p in [*sources, *extra_sources]), f"{TOP}.sv", DESIGN, HARNESS.name]
        build_executable(
            TOP,
            verilated,
            files,
            made,
            jobs=jobs,
            trace=trace,
            optimization=optimization,
            log=log,
            kept=[HARNESS.name],
        )

    binary, known = cached("simulators", key, ".exe", build)
    memory = image if system is None or image is not None else image_path(rtl)
    return Simulator(accelerator, rtl, binary, not known, system, memory)


def _key(sources: list[Path], top: str, design: str, options: str) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
        digest.update(b"\0")
    for text in (top, design, *(file.read_text(encoding="utf-8") for file in (HARNESS, *HEADERS)), recipe()):
        digest.update(text.encode())
        digest.update(b"\0")
    digest.update(options.encode())
    return digest.hexdigest()[:40]
