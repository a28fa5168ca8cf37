# SPDX-License-Identifier: BSD-3-Clause
"""FIFO memory before and after the search, its time, and each skip connection against its lower bound.

    .venv/bin/python benchmarks/fifo_sizing.py BUILD_DIR...

Each BUILD_DIR is the output folder of a build that has come to its stitched RTL. "Before" are the most words that FIFOs
that never fill hold at the steady rate. Seconds are of one machine and one moment, all else is the same everywhere.
"""

from __future__ import annotations

import argparse
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
        show(folder, accelerator, least_depths(accelerator))


def show(folder: Path, accelerator: Accelerator, sizing: Sizing) -> None:
    width = {i.name: i.parameters["WORD_BITS"] for i in accelerator.instances if i.name in sizing.depths}
    print(
        f"{folder}: {len(width)} FIFOs, {sizing.seconds:.1f} s, {sizing.trials} trials, "
        f"{sizing.cycles:,} cycles of the model"
    )
    print(f"  {'':32}{'bits':>12}{'LUT':>9}{'RAMB36':>9}")
    stages = {"before: never full": sizing.paced, "least depths": sizing.least, "built: rounded up": sizing.depths}
    for title, depths in stages.items():
        costs = [fifo_cost(width[n], d, fifo_style(width[n], d)) for n, d in depths.items()]
        bits = sum(width[n] * d for n, d in depths.items())
        print(f"  {title:32}{bits:12,}{sum(map(luts, costs)):9,.0f}{sum(c.bram36 for c in costs):9g}")
    print(f"  {'skip connection':44}{'bound':>9}{'held':>9}{'built':>9}{'held/bound':>12}{'RAMB36 more':>13}")
    for skip in sizing.skips:
        fifo = skip.fifos[-1]
        held, bits = min(sizing.peaks[fifo], sizing.depths[fifo]), width[fifo]
        more = blocks(bits, sizing.depths[fifo]) - blocks(bits, max(2, skip.lower_bound))
        print(
            f"  {skip.fork + ' > ' + skip.join:44}{skip.lower_bound:9,}{held:9,}{sizing.depths[fifo]:9,}"
            f"{held / max(1, skip.lower_bound):12.2f}{more:13g}   words of {bits} bits"
        )
    certificate = sizing.certificate
    print(
        f"  cycles a frame: {certificate.cycles_per_frame_unlimited:,.10g} with FIFOs that never fill, set by "
        f"{', '.join(sizing.slowest.instances)};"
    )
    print(
        f"  {certificate.cycles_per_frame:,.10g} built, a state that comes back: {certificate.periodic}, after "
        f"{certificate.settled_after_frames} frames"
    )
    print(
        f"  frames later than with FIFOs that never fill, of {certificate.frames}, words always offered: by "
        f"{certificate.greedy_delay_cycles:,} cycles;"
    )
    stalled = ", ".join(f"{cycles:,}" for cycles in certificate.stalled_delay_cycles)
    print(
        f"  with stalls ({certificate.stall_probability:g}, seeds {certificate.seeds}): by {stalled}; "
        f"unchanged: {certificate.unchanged}"
    )


def blocks(width: int, depth: int) -> float:
    return fifo_cost(width, depth, fifo_style(width, depth)).bram36


def luts(cost: Cost) -> float:
    """LUTs, those used as memory included."""
    return cost.lut + cost.lutram


if __name__ == "__main__":
    main()
