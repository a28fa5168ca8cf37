# SPDX-License-Identifier: BSD-3-Clause
"""Finished builds of wide networks beside published figures of AMD's DPU, products a second for each LUT and DSP included.

    .venv/bin/python benchmarks/wide.py [--markdown] "NAME=BUILD FOLDER"...

`build_configs/wide.yaml`, `wide_256.yaml` and `paper.yaml` say how the builds are made. All of ours is simulated and synthesized at
100 MHz, not placed; the DPU ran on its boards.

The DPU: frames of the U-Net for nuclei of 5.31 G operations (2.65 G products) on 128x128, one and several threads, of the model
zoo of Vitis AI 2.5; LUT, block RAM and DSP of one B4096 core as PG338 (v1.2, table 9, high DSP usage) has them, without the shell.
The boards of several threads have more cores than that; so their products a LUT are not given.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from tables import table

COLUMNS = (
    "network",
    "device",
    "frames/s",
    "G products/s",
    "LUT",
    "RAMB36",
    "DSP",
    "MB/s of memory",
    "M products/s for each LUT",
    "M products/s for each DSP",
)


@dataclass(frozen=True)
class Row:
    name: str
    device: str
    frames: float
    products: float
    """A frame."""
    lut: float | None = None
    bram36: float | None = None
    dsp: float | None = None
    memory: float | None = None

    def cells(self) -> tuple[object, ...]:
        rate = self.products * self.frames
        shares = [None if n is None else round(rate / n / 1e6, 2) for n in (self.lut, self.dsp)]
        memory = None if self.memory is None else round(self.memory)
        known = (self.lut, self.bram36, self.dsp, memory)
        return (self.name, self.device, round(self.frames, 1), round(rate / 1e9, 1), *known, *shares)


NUCLEI = "U-Net for nuclei, 128x128, 8 bits"
DPU = (
    Row(f"{NUCLEI}, one thread", "KV260, DPU B4096", 165, 2.65e9, 40_865, 249.5, 642),
    Row(f"{NUCLEI}, one thread", "ZCU104, DPU", 164, 2.65e9),
    Row(f"{NUCLEI}, several threads", "ZCU104, DPU", 339, 2.65e9),
)


def row_of(name: str, folder: Path) -> Row:
    performance, resources, verification = (
        json.loads((folder / "report" / f"{report}.json").read_text())
        for report in ("performance", "resources", "verification")
    )
    assert verification["bit_exact"], folder
    total = resources["total"]
    return Row(
        name,
        resources["part"].partition("clg")[0].upper(),
        performance["fps"],
        performance["macs_per_frame"],
        total["LUT"],
        total["BRAM36"],
        total["DSP"],
        performance.get("dram_mb_s"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    named = (build.rpartition("=") for build in options.builds)
    rows = [*(row_of(name, Path(folder)) for name, _, folder in named), *DPU]
    print(table("Wide U-Nets", COLUMNS, [row.cells() for row in rows], options.markdown))


if __name__ == "__main__":
    main()
