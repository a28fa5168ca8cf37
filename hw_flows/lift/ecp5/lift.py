# SPDX-License-Identifier: BSD-3-Clause
"""The whole way from a .bit of an ECP5 to a netlist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hw_flows.lift.ecp5.block_memory import BlockMemory
from hw_flows.lift.ecp5.chip import Chip
from hw_flows.lift.ecp5.clocks import ClockBuffers, Pll
from hw_flows.lift.ecp5.configuration import Configuration
from hw_flows.lift.ecp5.database import TrellisDatabase
from hw_flows.lift.ecp5.device import Device, Site
from hw_flows.lift.ecp5.idle import IDLE, NO_LOGIC
from hw_flows.lift.ecp5.multipliers import Multiplier
from hw_flows.lift.ecp5.pins import Pad, Pins
from hw_flows.lift.ecp5.slices import Logic
from hw_flows.lift.netlist import LiftedNetlist
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.machine.tools import ToolError, last_lines, package_folder
from hw_flows.machine.yowasp import NEXTPNR_ECP5
from hw_flows.place_route.ecppack import unpack
from hw_flows.place_route.nextpnr_ecp5 import device_options
from quantunet_common.files import copy_atomically

#: Who lifts what.
KINDS: tuple[type[Site], ...] = (Logic, Pins, BlockMemory, Multiplier, ClockBuffers, Pll)
#: What is in use by its own bits: kinds, and how the names of their elements begin.
_STARTS: tuple[tuple[type[Site], str], ...] = (
    (Pins, "PIO"),
    (BlockMemory, "EBR"),
    (Multiplier, "MULT18"),
    (Pll, "EHXPLL"),
)
SHOWN = 5
#: The smallest device is a larger one of which a part is used.
_SIZES = {"12": "25k", "25": "25k", "45": "45k", "85": "85k"}


@dataclass(frozen=True)
class Lifted:
    """What a bitstream is."""

    netlist: LiftedNetlist
    pads: dict[str, Pad]
    """Pins in use, by place."""
    switches: int
    """That are on in the bitstream."""
    unused: tuple[str, ...]
    """On without effect: switches that lead to no element in use, logic that nobody reads."""


def lift_bitstream(bitstream: Path, part: str, folder: Path) -> Lifted:
    """The netlist of a .bit for `part`, an ordering code such as LFE5U-85F-6BG381C; `folder` is for files on the way.

    Raises CheckFailed for anything that is not understood, UserError where the file is no bitstream of that part, or there
    is no such part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy_atomically(bitstream, folder / "lifted.bit")
    try:
        unpack(folder / "lifted.bit", folder / "lifted.config", folder / "ecpunpack.log")
    except ToolError as error:
        reason = last_lines(folder / "ecpunpack.log").strip().rpartition("\n")[2]
        raise UserError(
            f"this is no bitstream of an ECP5: {reason}", str(bitstream), "give the .bit that ecppack wrote"
        ) from error
    return lift_unpacked((folder / "lifted.config").read_text(encoding="utf-8"), part, str(bitstream))


def lift_unpacked(text: str, part: str, where: str) -> Lifted:
    """The same of what ecpunpack wrote of the .bit that `where` names."""
    device_options(part)
    device = part.rpartition("-")[0]
    found = text.partition(".device ")[2].partition("\n")[0].strip()
    if found != device:
        raise UserError(f"this is a bitstream for {found}, not {device}", where, "give the part it was made for")
    return lift_configuration(text, *read_databases(device))


def read_databases(device: str) -> tuple[Chip, TrellisDatabase]:
    """The routing graph of a device such as LFE5U-85F, and the database of tiles.

    Raises UserError where the package that has them is not installed.
    """
    share = package_folder(NEXTPNR_ECP5.module) / "share"
    size = _SIZES[device.rpartition("-")[2].rstrip("F")]
    return Chip(share / "ecp5" / f"chipdb-{size}.bin"), TrellisDatabase(share / "trellis" / "database")


def lift_configuration(text: str, chip: Chip, database: TrellisDatabase) -> Lifted:
    """The netlist of a bitstream that ecpunpack has unpacked. Raises CheckFailed for what is not understood."""
    configuration = Configuration(text, database)
    device = Device(chip, configuration, KINDS)
    for kind, element in _STARTS:
        device.start(kind, element)
    lost = sorted(configuration.memories.keys() - device.memories_read)
    if lost:
        raise CheckFailed(
            f"contents of block memories {lost} belong to no memory in use", "bitstream", "the bitstream is wrong"
        )
    unused: list[str] = []
    unknown: list[str] = []
    for tile, lines in configuration.unread().items():
        for line in lines:
            if not _is_among(NO_LOGIC, tile, line):
                (unused if _is_among(IDLE, tile, line) else unknown).append(f"{tile} {line}")
    if unknown:
        raise CheckFailed(
            f"{len(unknown)} bits or settings are not understood, or belong to nothing in use: {'; '.join(unknown[:SHOWN])}",
            unknown[0].partition(" ")[0],
            "the netlist would leave something out",
        )
    switches = sum(len(tile.switches) for tile in configuration.tiles.values())
    return Lifted(device.netlist, device.pads, switches, tuple(unused))


def _is_among(patterns: tuple[tuple[str, str], ...], tile: str, line: str) -> bool:
    return any(re.fullmatch(where, tile) and re.fullmatch(what, line) for where, what in patterns)
