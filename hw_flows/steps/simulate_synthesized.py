# SPDX-License-Identifier: BSD-3-Clause
"""The netlist of the whole accelerator, cell by cell, on real data against what the RTL was verified with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level import NetlistRun, NetlistSimulator
from hw_flows.gate_level.remembered import stream_once
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.progress import step_progress
from hw_flows.report.files import read_report, write_report

#: A netlist simulates so many of its cells a second for a cycle, and takes at most so long unless frames are asked for.
CELL_CYCLES_A_SECOND, MOST_SECONDS = 3e8, 3600


def step_simulate_synthesized(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/netlist.json`. Runs `netlist_frames` frames at full speed and, beside them, with random stalls; 0
    leaves the check out, and so does a frame that takes too long where no number is given (`left_out` says so). Where the very same
    netlist and words were run before and were right, that run's result stands (`from_cache`).

    Raises CheckFailed, after writing the report, where a word differs or nothing moves any more; UserError where a cell
    of the netlist has no model.
    """
    config = settings(cfg)
    output = config.output_dir
    available = len(np.load(config.images, mmap_mode="r"))
    frames = min(1 if config.netlist_frames is None else config.netlist_frames, available)
    if frames == 0:
        (output / "report" / "netlist.json").unlink(missing_ok=True)
        return model
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    say = step_progress()
    started = time.monotonic()
    say(0.0, "reading the netlist")
    netlist = Netlist.load(output / "synthesis" / f"{accelerator.name}.json")
    latency = (read_report(output, "performance") or {}).get("latency_cycles", 0)
    cells = netlist.count()
    seconds = sum(cells.values()) * latency / CELL_CYCLES_A_SECOND
    if config.netlist_frames is None and seconds > MOST_SECONDS:
        write_report(output, "netlist", left_out(cells, latency, seconds))
        return model
    simulator = NetlistSimulator(netlist, find_family(load_board(config.board).family))
    stall, seed = config.stall_probability, config.seed
    runs, remembered = stream_once(
        simulator,
        accelerator,
        output / "verification" / "expected",
        frames,
        stall_probability=(0.0, stall),
        seed=seed,
        progress=say,
    )
    report = netlist_report(netlist, runs, time.monotonic() - started)
    report["from_cache"] = remembered
    write_report(output, "netlist", report)
    if not report["exact"]:
        raise CheckFailed(
            f"the synthesized netlist {report['complaint']}",
            "step_simulate_synthesized",
            "the RTL was right: this is a bug of the synthesis (or of a cell's program in hw_flows/families)",
        )
    return model


def left_out(cells: dict[str, int], latency: int, seconds: float) -> dict[str, Any]:
    """Fields of `report/netlist.json` where nothing was run."""
    told = f"a frame is {latency:,} cycles of {sum(cells.values()):,} cells, about {seconds / 3600:.1f} h; netlist_frames: 1 runs it"
    return {"exact": None, "left_out": told, "frames": 0, "cells": cells}


def netlist_report(netlist: Netlist, runs: Sequence[NetlistRun], seconds: float) -> dict[str, Any]:
    """Fields of `report/netlist.json`; `runs`: at full speed and with random stalls, which went side by side."""
    complaints = [
        f"{_complaint(run)} {how}"
        for run, how in zip(runs, ("at full speed", "with random stalls"), strict=True)
        if not run.exact
    ]
    first = next((mismatch for run in runs for mismatch in run.mismatches), None)
    return {
        "exact": not complaints,
        "frames": runs[0].frames,
        "cycles": runs[0].cycles,
        "cycles_with_stalls": runs[1].cycles,
        "words_compared": sum(run.words_compared for run in runs),
        "mismatches": sum(run.mismatched_words for run in runs),
        "first_mismatch": None if first is None else {**vars(first), "text": str(first)},
        "complaint": "; ".join(complaints),
        "seconds": round(seconds, 3),
        "cells": netlist.count(),
    }


def _complaint(run: NetlistRun) -> str:
    if run.mismatches:
        return f"differs from the RTL: {run.mismatches[0]}"
    if run.status == "stuck":
        return f"stops after {run.words_compared:,} words (cycle {run.cycles:,})"
    if run.protocol_errors:
        return f"changes {run.protocol_errors:,} words while they wait"
    return f"did not come to its end ({run.status}, cycle {run.cycles:,})"
