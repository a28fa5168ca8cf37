# SPDX-License-Identifier: BSD-3-Clause
"""Our models of ECP5 cells against Lattice's, as Yosys ships them, cycle by cycle.

Those of block memories and multipliers have ports only; `test_mapped_rtl.py` compares them with the RTL they stand for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hw_flows.families import find_family
from hw_flows.machine.tools import package_folder
from tests.hw_flows.gate_level.bench import Cell, bits, check, random_bits

R = np.random.default_rng(1)


def logic() -> list[Cell]:
    inputs = dict.fromkeys("ABCD", 1)
    luts = [Cell("LUT4", {"INIT": random_bits(R, 16)}, inputs, {"Z": 1}) for _ in range(4)]
    tied = Cell(
        "LUT4", {"INIT": random_bits(R, 16)}, {"A": 1, "D": 1}, {"Z": 1}, constants={"B": bits(1, 1), "C": bits(0, 1)}
    )
    return [
        *luts,
        tied,
        Cell("PFUMX", {}, {"ALUT": 1, "BLUT": 1, "C0": 1}, {"Z": 1}),
        Cell("L6MUX21", {}, {"D0": 1, "D1": 1, "SD": 1}, {"Z": 1}),
    ]


def carries() -> list[Cell]:
    inputs = {"CIN": 1, **{f"{name}{half}": 1 for name in "ABCD" for half in "01"}}
    return [
        Cell(
            "CCU2C",
            {"INIT0": random_bits(R, 16), "INIT1": random_bits(R, 16), "INJECT1_0": first, "INJECT1_1": second},
            inputs,
            {"S0": 1, "S1": 1, "COUT": 1},
        )
        for first in ("YES", "NO")
        for second in ("YES", "NO")
        for _ in range(2)
    ]


def flip_flops() -> list[Cell]:
    cells = []
    for value in ("SET", "RESET"):
        for enable in ("CE", "INV", "1", "0"):
            for reset in ("LSR", "INV"):
                parameters = {
                    "GSR": "AUTO",
                    "CEMUX": enable,
                    "CLKMUX": "CLK",
                    "LSRMUX": reset,
                    "REGSET": value,
                    "SRMODE": "LSR_OVER_CE",
                }
                cells.append(Cell("TRELLIS_FF", parameters, {"DI": 1, "CE": 1, "LSR": 1}, {"Q": 1}, "CLK"))
    never = Cell(
        "TRELLIS_FF",
        {"GSR": "AUTO", "CEMUX": "CE", "CLKMUX": "CLK", "SRMODE": "ASYNC", "REGSET": "SET"},
        {"DI": 1, "CE": 1},
        {"Q": 1},
        "CLK",
        {"LSR": bits(0, 1)},
    )
    return [*cells, never]


def memories() -> list[Cell]:
    ports = {"DI": 4, "WAD": 4, "WRE": 1, "RAD": 4}
    return [
        Cell(
            "TRELLIS_DPR16X4", {"INITVAL": random_bits(R, 64), "WCKMUX": "WCK", "WREMUX": how}, ports, {"DO": 4}, "WCK"
        )
        for how in ("WRE", "INV", "1", "0")
    ]


def vendor_models(folder: Path) -> Path:
    """Lattice's cells without those of pins and of the block memory."""
    share = package_folder("pyosys") / "share" / "lattice"
    path = folder / "models.v"
    text = "`define NO_INCLUDES\n" + "".join((share / name).read_text() for name in ("common_sim.vh", "ccu2c_sim.vh"))
    path.write_text(text, encoding="utf-8")
    return path


def test_every_cell_does_what_the_vendor_says(tmp_path):
    check(find_family("ecp5"), [*logic(), *carries(), *flip_flops(), *memories()], vendor_models(tmp_path), tmp_path)
