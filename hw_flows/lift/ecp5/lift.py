# SPDX-License-Identifier: BSD-3-Clause
"""The whole way from a .bit of an ECP5 to a netlist."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hw_flows.lift.ecp5.block_memory import BlockMemory
from hw_flows.lift.ecp5.chip import Chip
from hw_flows.lift.ecp5.clocks import ClockBuffers, Pll
from hw_flows.lift.ecp5.configuration import Configuration
from hw_flows.lift.ecp5.database import TrellisDatabase
from hw_flows.lift.ecp5.device import Device, Site
from hw_flows.lift.ecp5.idle import ELECTRICAL, IDLE
from hw_flows.lift.ecp5.multipliers import Multiplier
from hw_flows.lift.ecp5.pins import Pad, Pins
from hw_flows.lift.ecp5.slices import Logic
from hw_flows.lift.netlist import LiftedNetlist
from hw_flows.machine.errors import CheckFailed

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


def lift_configuration(text: str, chip: Chip, database: TrellisDatabase) -> Lifted:
    """The netlist of a bitstream that ecpunpack has unpacked. Raises CheckFailed for what is not understood."""
    configuration = Configuration(text, database)
    device = Device(chip, configuration, KINDS)
    for kind, element in _STARTS:
        device.start(kind, element)
    lost = sorted(configuration.memories.keys() - device.memories_read)
    if lost:
        raise CheckFailed(f"contents of block memories {lost} belong to no memory in use", "bitstream", "the bitstream is wrong")
    unused, unknown = [], []
    for tile, lines in configuration.unread().items():
        for line in lines:
            if not _is_among(ELECTRICAL, tile, line):
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
