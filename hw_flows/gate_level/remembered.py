# SPDX-License-Identifier: BSD-3-Clause
"""Runs of netlists that ended well are remembered by content: the same netlist with the same words is run once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.gate_level.simulator import NetlistRun, NetlistSimulator, Progress
from hw_flows.machine.cache import cache_folder, find_entry, keep_entry
from quantunet_common.files import read_json
from quantunet_common.locks import scratch_folder


def stream_once(
    simulator: NetlistSimulator,
    accelerator: Accelerator,
    words: Path,
    frames: int,
    *,
    stall_probability: tuple[float, float],
    seed: int,
    progress: Progress,
) -> tuple[tuple[NetlistRun, ...], bool]:
    """As `NetlistSimulator.stream`; and whether the runs are remembered ones. Only exact runs are kept."""
    digest = simulator.digest(accelerator, words, frames, stall_probability=stall_probability, seed=seed)
    folder = cache_folder("netlist_runs")
    kept = find_entry(folder, digest, ".json")
    if kept is not None and (runs := _load(kept)) is not None:
        return runs, True
    runs = simulator.stream(
        accelerator, words, frames, stall_probability=stall_probability, seed=seed, progress=progress
    )
    if all(run.exact for run in runs):
        with scratch_folder(folder) as work:
            made = work / "runs.json"
            made.write_text(json.dumps([asdict(run) for run in runs]), encoding="utf-8")
            keep_entry(folder, digest, ".json", made)
    return runs, False


def _load(path: Path) -> tuple[NetlistRun, ...] | None:
    """None where there is none, or a damaged one."""
    try:
        runs = tuple(NetlistRun(**{**run, "mismatches": ()}) for run in read_json(path))
    except (OSError, ValueError, TypeError):
        return None
    return runs if runs and all(run.exact for run in runs) else None
