"""Runs of netlists that ended well are remembered by content: the same netlist with the same words is run once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.cache import cache_folder
from hw_flows.files import write_text_atomically
from hw_flows.gate_level.simulator import NetlistRun, NetlistSimulator, Progress


def stream_once(
    simulator: NetlistSimulator, accelerator: Accelerator, words: Path, frames: int, *,
    stall_probability: tuple[float, float], seed: int, progress: Progress,
) -> tuple[tuple[NetlistRun, ...], bool]:  # fmt: skip
    """As `NetlistSimulator.stream`; and whether the runs are remembered ones. Only exact runs are kept."""
    digest = simulator.digest(accelerator, words, frames, stall_probability=stall_probability, seed=seed)
    path = cache_folder("netlist_runs") / f"{digest}.json"
    if (runs := _load(path)) is not None:
        return runs, True
    runs = simulator.stream(
        accelerator, words, frames, stall_probability=stall_probability, seed=seed, progress=progress
    )
    if all(run.exact for run in runs):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(path, json.dumps([asdict(run) for run in runs]))
    return runs, False


def _load(path: Path) -> tuple[NetlistRun, ...] | None:
    """None where there is none, or a damaged one."""
    try:
        runs = tuple(NetlistRun(**{**run, "mismatches": ()}) for run in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return runs if runs and all(run.exact for run in runs) else None
