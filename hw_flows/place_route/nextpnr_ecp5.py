# SPDX-License-Identifier: BSD-3-Clause
"""Place and route for Lattice ECP5: nextpnr-ecp5 from PyPI."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.machine.yowasp import NEXTPNR_ECP5, run_yowasp
from quantunet_common.files import copy_atomically

LIMIT_SECONDS = 2 * 3600.0
SEED = 1
#: Cells of the device, as nextpnr names them, that a report for people shows, in this order.
SHOWN = ("TRELLIS_COMB", "TRELLIS_FF", "TRELLIS_RAMW", "DP16KD", "MULT18X18D", "TRELLIS_IO", "EHXPLLL")
PACKAGES = {"BG381": "CABGA381", "BG256": "CABGA256", "BG554": "CABGA554", "BG756": "CABGA756", "MG285": "CSFBGA285"}


@dataclass(frozen=True)
class Routed:
    """A routed design."""

    configuration: Path
    """Textual configuration, what ecppack reads."""
    netlist: Path
    """JSON, as placed and routed."""
    fmax_mhz: float
    """Of the design's only clock, worst case of the speed grade."""
    wanted_mhz: float
    utilization: dict[str, tuple[int, int]]
    """Cell type -> used and available."""
    critical_path: tuple[str, ...]
    """Cells that the slowest path goes through, from register to register."""


def device_options(part: str) -> list[str]:
    """nextpnr's options for an ordering code such as LFE5U-85F-6BG381C. Raises UserError for a part it does not have."""
    match = re.fullmatch(r"(LFE5UM?5?G?)-(12|25|45|85)F-([678])([A-Z]+\d+)[CI]", part)
    if match is None or match[4] not in PACKAGES:
        raise UserError(f"nextpnr-ecp5 does not know the part {part}", "fpga_part", "give one like LFE5U-85F-6BG381C")
    family = {"LFE5U": "", "LFE5UM": "um-", "LFE5UM5G": "um5g-"}[match[1]]
    return [f"--{family}{match[2]}k", "--package", PACKAGES[match[4]], "--speed", match[3]]


def place_and_route(
    netlist: Path, constraints: Path, part: str, clock_mhz: float, folder: Path, log: Path, seed: int = SEED
) -> Routed:
    """Place and route `netlist` (Yosys JSON) in `folder`. A design that misses its clock is routed all the same.

    The design has one clock, made from a port whose frequency `constraints` gives. Raises ToolError where it does not
    fit or cannot be routed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in ((netlist, "netlist.json"), (constraints, "constraints.lpf")):
        if source.resolve() != (folder / name).resolve():
            copy_atomically(source, folder / name)
    run_yowasp(
        NEXTPNR_ECP5,
        [
            *device_options(part),
            "--json",
            "netlist.json",
            "--lpf",
            "constraints.lpf",
            "--textcfg",
            "routed.config",
            "--write",
            "routed.json",
            "--report",
            "report.json",
            "--freq",
            f"{clock_mhz:g}",
            "--seed",
            str(seed),
            "--timing-allow-fail",
        ],
        cwd=folder,
        log=log,
        limit_seconds=LIMIT_SECONDS,
    )
    return read_report(folder)


def read_report(folder: Path) -> Routed:
    """The result of a finished run from its `report.json`."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    clocks = report["fmax"]
    assert len(clocks) == 1, f"the design has the clocks {sorted(clocks)}, not one"
    ((clock, figures),) = clocks.items()
    paths = [p["path"] for p in report["critical_paths"] if p["from"] == p["to"] == f"posedge {clock}"]
    hops = [hop["to"]["cell"] for hop in paths[0] if hop["type"] in ("logic", "setup")] if paths else []
    used = report["utilization"]
    return Routed(
        folder / "routed.config",
        folder / "routed.json",
        float(figures["achieved"]),
        float(figures["constraint"]),
        {name: (used[name]["used"], used[name]["available"]) for name in SHOWN if name in used},
        tuple(dict.fromkeys(hops)),
    )
