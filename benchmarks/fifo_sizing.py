"""FIFO memory before and after the search, its time, and each skip connection against its lower bound.

    .venv/bin/python benchmarks/fifo_sizing.py BUILD_DIR...

Each BUILD_DIR is the output folder of a build that has come to its stitched RTL. "Before" are depths as a run paced to
the steady rate fills FIFOs that never fill. Seconds are of one machine and one moment, all else is the same everywhere.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.fifo_sizing import Sizing, least_depths
from hw_flows.operators.base import Cost
from hw_flows.operators.fifo.rtl import fifo_cost, fifo_style


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=Path, nargs="+", metavar="BUILD_DIR")
    for folder in parser.parse_args().builds:
        accelerator = Accelerator.load(folder / "rtl" / "accelerator.json")
        started = time.monotonic()
        sizing = least_depths(accelerator)
        show(folder, accelerator, sizing, time.monotonic() - started)


def show(folder: Path, accelerator: Accelerator, sizing: Sizing, seconds: float) -> None:
    width = {i.name: i.parameters["WIDTH"] for i in accelerator.instances if i.name in sizing.depths}
    certificate = sizing.certificate
    print(f"{folder}: {len(width)} FIFOs, {seconds:.1f} s, {sizing.trials} trials")
    print(f"  {'':32}{'bits':>12}{'LUT':>9}{'RAMB36':>9}")
    stages = {"before: paced run": sizing.paced, "least depths": sizing.least, "built: rounded up": sizing.depths}
    for title, depths in stages.items():
        costs = [fifo_cost(width[n], d, fifo_style(width[n], d)) for n, d in depths.items()]
        bits = sum(width[n] * d for n, d in depths.items())
        print(f"  {title:32}{bits:12,}{sum(map(luts, costs)):9,.0f}{sum(c.bram36 for c in costs):9g}")
    print(f"  {'skip connection':44}{'least':>9}{'bound':>9}{'built':>9}{'least/bound':>13}")
    for skip in sizing.skips:
        fifo = skip.fifos[-1]
        least = sizing.least[fifo]
        print(
            f"  {skip.fork + ' > ' + skip.concat:44}{least:9,}{skip.lower_bound:9,}{sizing.depths[fifo]:9,}"
            f"{least / max(1, skip.lower_bound):13.2f}   words of {width[fifo]} bits"
        )
    stalled = ", ".join(f"{cycles:,.1f}" for cycles in certificate.stalled_cycles_per_frame)
    print(f"  cycles a frame: {sizing.cycles_per_frame:,} with FIFOs that never fill, "
          f"{certificate.cycles_per_frame:,.0f} built")  # fmt: skip
    print(f"  with stalls ({certificate.stall_probability:g}, {certificate.frames} frames, seeds "
          f"{certificate.seeds}): {stalled}; unchanged: {certificate.unchanged}")  # fmt: skip


def luts(cost: Cost) -> float:
    """LUTs, those used as memory included."""
    return cost.lut + cost.lutram


if __name__ == "__main__":
    main()
