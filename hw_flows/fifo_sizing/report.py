# SPDX-License-Identifier: BSD-3-Clause
"""Fields of `report/fifo_sizing.json`, what the search found, and of `report/fifos.json`, the same with what the RTL held."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hw_flows.accelerator import Accelerator, Instance
from hw_flows.fifo_sizing.search import Sizing

#: Kind of memory of FIFOs beside the chip; they count in no total.
BOARD = "board"


def fifo_report(
    accelerator: Accelerator, peaks: dict[str, int], seconds: float, sizing: Sizing | None = None
) -> dict[str, Any]:
    """One row per FIFO, totals, skip connections against their lower bound, and the certificate.

    `peak`: the most words that a FIFO held, here in the replay of the timing model, after `with_peaks` in the RTL;
    `least`: the depth that keeps the rate, before rounding up to what its memory holds anyway; `lower_bound`: words that
    a skip connection must hold whatever the timing; `cycles_per_frame_unlimited`: the steady interval of frames with
    FIFOs that never fill, set by `slowest`; `paced_bits`: memory of depths as a paced run fills them; `model_cycles`:
    simulated in all trials.
    """
    skips = {skip.fifos[-1]: skip for skip in sizing.skips} if sizing else {}
    rows: list[dict[str, Any]] = []
    for instance in _fifos(accelerator):
        stream = accelerator.stream(instance.outputs[0].streams[0])
        depth = instance.parameters["DEPTH"]
        row: dict[str, Any] = {
            "name": instance.name,
            "width": stream.width,
            "depth": depth,
            "peak": peaks.get(instance.name, 0),
            "bits": stream.width * depth,
            "memory": BOARD if instance.in_memory else memory_of(instance.cost),
            "between": [
                accelerator.stream(instance.inputs[0].streams[0]).source.instance or "input",
                stream.sink.instance or "output",
            ],
        }
        if sizing:
            row["least"] = sizing.least[instance.name]
        if instance.name in skips:
            row["skip"] = [skips[instance.name].fork, skips[instance.name].join]
            row["lower_bound"] = skips[instance.name].lower_bound
        rows.append(row)
    report: dict[str, Any] = {
        "seconds": round(seconds, 1),
        "cycles_per_frame_unlimited": float(sizing.slowest.cycles_per_frame) if sizing else None,
        "fifos": rows,
        "totals": _totals(accelerator, rows),
    }
    if sizing:
        width = {row["name"]: row["width"] for row in rows if row["memory"] != BOARD}
        report["totals"]["least_bits"] = sum(width[name] * sizing.least[name] for name in width)
        report["totals"]["paced_bits"] = sum(width[name] * sizing.paced[name] for name in width)
        report["slowest"] = list(sizing.slowest.instances)
        report["trials"] = sizing.trials
        report["model_cycles"] = sizing.cycles
        report["certificate"] = asdict(sizing.certificate)
    return report


def with_peaks(report: dict[str, Any], peaks: dict[str, int]) -> dict[str, Any]:
    """The report with the most words that each FIFO held in simulations of the RTL."""
    rows = [{**row, "peak": peaks.get(row["name"], row["peak"])} for row in report["fifos"]]
    return {**report, "fifos": rows}


def memory_of(cost: dict[str, float]) -> str:
    """Kind of memory that an operator is predicted to take."""
    if cost["bram36"]:
        return "block"
    return "distributed" if cost["lutram"] else "registers"


def _fifos(accelerator: Accelerator) -> list[Instance]:
    return [i for i in accelerator.instances if i.is_fifo]


def _totals(accelerator: Accelerator, rows: list[dict[str, Any]]) -> dict[str, float]:
    on_chip = [row for row in rows if row["memory"] != BOARD]
    totals: dict[str, float] = {
        "bits": sum(row["bits"] for row in on_chip),
        "skip_bits": sum(row["bits"] for row in on_chip if "skip" in row),
        "skip_lower_bound_bits": sum(row["lower_bound"] * row["width"] for row in rows if "skip" in row),
    }
    for key in ("lut", "lutram", "ff", "bram36"):
        totals[key] = round(sum(i.cost[key] for i in _fifos(accelerator)), 1)
    return totals


def unlimited_mean(report: dict[str, Any], frames: int) -> float:
    """Mean distance between the ends of the first `frames` frames (at least two) that FIFOs that never fill would give."""
    ends = report["certificate"]["unlimited_frame_ends"][:frames]
    late = (frames - len(ends)) * report["cycles_per_frame_unlimited"]
    return float((ends[-1] + late - ends[0]) / (frames - 1))
