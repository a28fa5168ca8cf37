# SPDX-License-Identifier: BSD-3-Clause
"""Place and route for 7-series with nextpnr-himbaechel-xilinx."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.debian_tools import UnpackedTools
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.xray import Database
from quantunet_common.files import write_text_atomically

LIMIT_SECONDS = 3600
PROGRAM = "nextpnr-himbaechel-xilinx"

#: Scripts that run inside nextpnr; they cure what it gets wrong about shift registers.
BEFORE_PLACEMENT = Path(__file__).with_name("nextpnr_before_placement.py")
BEFORE_ROUTING = Path(__file__).with_name("nextpnr_before_routing.py")


@dataclass(frozen=True)
class RoutedDesign:
    """What place and route found. Times are nextpnr's model of the device, not the vendor's."""

    fasm: Path
    netlist: Path
    """JSON of Yosys' form: the cells with their places, for hw_flows.lift.compare."""
    fmax_mhz: float
    """By setup times."""
    hold_violations: int
    """Paths that arrive before the hold time of their end."""
    worst_hold_ns: float
    """Slack of the worst of them, negative; 0 where there is none."""
    utilization: dict[str, tuple[int, int]]
    """Of the whole design, shell included: bels used and available, in nextpnr's words. A LUT6 is two LUT bels, of five and
    six inputs, that can be used at once."""
    shift_registers: int
    version: str


def place_and_route(
    netlist: Path,
    constraints: Path,
    part: str,
    clock_mhz: float,
    folder: Path,
    tools: UnpackedTools,
    *,
    seed: int = 1,
    limit_seconds: float = LIMIT_SECONDS,
) -> RoutedDesign:
    """Place and route a JSON netlist of Yosys; `folder` gets design.fasm, routed.json, report and log.

    `constraints`: XDC file with the clock. Timing that is not met is no error here: it is in the result. Raises ToolError
    with nextpnr's last words where the design cannot be placed or routed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(tools.xray_database("zynq7"), part)
    fasm, routed, report = (folder / name for name in ("design.fasm", "routed.json", "nextpnr_report.json"))
    sites = f"D_LUTS = {d_luts(database)!r}\n"
    scripts = {"--pre-place": BEFORE_PLACEMENT, "--pre-route": BEFORE_ROUTING}
    for source in scripts.values():
        write_text_atomically(folder / source.name, sites + source.read_text(encoding="utf-8"))
    device = part[: part.index("clg")]
    log = tools.run(
        PROGRAM,
        [
            "--device",
            part,
            "--chipdb",
            str(tools.chip_database(device)),
            "--json",
            str(netlist.resolve()),
            "-o",
            f"xdc={constraints.resolve()}",
            "-o",
            f"fasm={fasm.resolve()}",
            "--report",
            str(report.resolve()),
            *(text for option, source in scripts.items() for text in (option, str((folder / source.name).resolve()))),
            "--freq",
            f"{clock_mhz:g}",
            "--seed",
            str(seed),
            "--timing-allow-fail",
            "--write",
            str(routed.resolve()),
        ],
        cwd=folder,
        log=folder / "nextpnr.log",
        limit_seconds=limit_seconds,
    )
    if added := [*odd_widths(log, database), *tie_offs(log, database)]:
        lines = [f"{feature.tile}.{feature.name}" + (f"[{feature.bit}]" if feature.bit else "") for feature in added]
        whole = fasm.read_text(encoding="utf-8") + "\n# left out by nextpnr\n" + "\n".join(lines) + "\n"
        write_text_atomically(fasm, whole)
    return read_result(fasm, routed, report, log, tools.versions()[PROGRAM])


def odd_widths(log: str, database: Database) -> list[Feature]:
    """Features of block memories that nextpnr 0.11 leaves out: ports of 1 and 9 bits of a RAMB36E1.

    Without them such a port is 2 or 8 bits wide, so that every ninth bit reads as 0 (found and proven on hardware for the
    same code in openXC7/nextpnr-xilinx, pull request 95).
    """
    tiles = {(tile.x, tile.y): name for name, tile in database.tiles.items() if tile.type.startswith("BRAM_")}
    found = []
    for x, y, widths in re.findall(r"^block memory at (\d+) (\d+)(.*)$", log, re.MULTILINE):
        for name, width in re.findall(r"(\w+)=(\d+)", widths):
            if int(width) in (1, 9):
                found.append(Feature(tiles[int(x), int(y)], f"RAMB36.BRAM36_{name}_1", 0))
    return found


def tie_offs(log: str, database: Database) -> list[Feature]:
    """Features of multipliers that nextpnr 0.11 leaves out: constants at INMODE, ALUMODE[2], ALUMODE[3] and OPMODE[6].

    No switch reaches these inputs; bits of the tile tie each to 0 or 1, behind an inverter that has to be off. Without them the
    multiplier ignores its operand A on hardware, while simulation and timing are fine (measured on hardware and against
    Vivado in openXC7/nextpnr-xilinx, pull request 159).
    """
    tiles = {(tile.x, tile.y): name for name, tile in database.tiles.items() if tile.type in ("DSP_L", "DSP_R")}
    found = []
    for x, y, row, pins in re.findall(r"^multiplier at (\d+) (\d+) DSP48_X\d+Y(\d+)(.*)$", log, re.MULTILINE):
        tile = tiles[int(x), int(y)]
        side = tile[len("DSP_")]
        for bus, bit, value in re.findall(r"([A-Z]+)(\d)=([01])", pins):
            constant = ("GND", "VCC")[int(value)]
            found.append(Feature(tile, f"DSP_{row}_{bus}{bit}.DSP_{constant}_{side}", 0))
            found.append(Feature(tile, f"DSP48.DSP_{row}.ZIS_{bus}_INVERTED", int(bit)))
    return found


def d_luts(database: Database) -> list[str]:
    """nextpnr's names of the D LUTs of all SLICEMs (the first slice of a CLBLM tile is one)."""
    tiles = (tile for tile in database.tiles.values() if tile.type.startswith("CLBLM"))
    return [f"X{tile.x}Y{tile.y}/SLICE_X0Y0.D6LUT" for tile in tiles]


def read_result(fasm: Path, routed: Path, report: Path, log: str, version: str) -> RoutedDesign:
    """Raises CheckFailed where nextpnr reported no clock: nothing in the design is clocked."""
    data = json.loads(report.read_text(encoding="utf-8"))
    if not data["fmax"] or not fasm.is_file():
        raise CheckFailed("place and route found no clock in the design", str(report), "report this: a bug")
    holds = [float(slack) for slack in re.findall(r"^Info:\s+hold\s+\S+\s+(-\d+\.\d+)\s", log, re.MULTILINE)]
    count = re.search(r"(\d+) Hold/min time violation", log)
    return RoutedDesign(
        fasm=fasm,
        netlist=routed,
        fmax_mhz=min(clock["achieved"] for clock in data["fmax"].values()),
        hold_violations=int(count[1]) if count else 0,
        worst_hold_ns=min(holds, default=0.0) if count else 0.0,
        utilization={
            name: (count["used"], count["available"])
            for name, count in data["utilization"].items()
            if count["used"] and not name.startswith("PSEUDO")
        },
        shift_registers=int(re.search(r"shift registers, one a slice: (\d+)", log)[1]),  # type: ignore[index]
        version=version,
    )
