# SPDX-License-Identifier: BSD-3-Clause
"""The whole way from a .bit to a netlist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hw_flows.lift.block_memory import BlockMemoryHalf
from hw_flows.lift.clocks import GlobalBuffer, RowBuffer
from hw_flows.lift.configuration import Configuration
from hw_flows.lift.device import Device, Site
from hw_flows.lift.fabric import Fabric
from hw_flows.lift.gates import IDLE
from hw_flows.lift.multipliers import Multiplier
from hw_flows.lift.netlist import LiftedNetlist
from hw_flows.lift.processing_system import ProcessingSystem
from hw_flows.lift.slices import Slice
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError, last_lines
from hw_flows.place_route.debian_tools import UnpackedTools
from hw_flows.place_route.fasm import Feature, parse_fasm
from hw_flows.place_route.frames import Frames
from hw_flows.place_route.xc7_bitstream import read_bitstream
from hw_flows.place_route.xray import Database

#: Type of site -> who lifts it.
KINDS: dict[str, type[Site]] = {
    "SLICEL": Slice,
    "SLICEM": Slice,
    **dict.fromkeys(("FIFO18E1", "RAMB18E1", "RAMBFIFO36E1"), BlockMemoryHalf),
    "DSP48E1": Multiplier,
    "BUFGCTRL": GlobalBuffer,
    "BUFHCE": RowBuffer,
    "PS7": ProcessingSystem,
}


@dataclass(frozen=True)
class Lifted:
    """What a bitstream is."""

    netlist: LiftedNetlist
    features: int
    """That are on in the bitstream."""
    unused: tuple[Feature, ...]
    """On without effect: switches that lead to no pin in use, logic that nobody reads."""
    database: Database
    """Of its part."""


def lift_bitstream(bitstream: Path, part: str, tools: UnpackedTools, logs: Path) -> Lifted:
    """The netlist of a .bit for `part`, an ordering code such as xc7z020clg400-1.

    Raises CheckFailed for anything that is not understood, UserError where the file is no bitstream of that part, or the
    database knows no such part.
    """
    database = Database(tools.xray_database("zynq7"), part)
    logs.mkdir(parents=True, exist_ok=True)
    try:
        frames = read_bitstream(bitstream, database.part_file, tools, logs)
    except ToolError as error:
        reason = last_lines(logs / "bitread.log").strip().rpartition("\n")[2]
        raise UserError(
            f"this is no bitstream for {part}: {reason}", str(bitstream), "give the part it was made for"
        ) from error
    return lift_frames(frames, database)


def lift_frames(frames: Frames, database: Database, fabric: Fabric | None = None) -> Lifted:
    """The same from the frames; `fabric`: one of the same database, which keeps what it has read."""
    configuration = Configuration(frames, database)
    features = len(configuration.unread())
    for feature in parse_fasm(database.required_features(), "required_features.fasm"):
        configuration.read(feature)  # every bitstream of the part has them
    device = Device(fabric or Fabric(database), configuration, KINDS)
    device.lift_tiles("PSS2")
    device.lift()
    device.finish()
    for feature in configuration.unread():
        if IDLE.fullmatch(feature.name):
            configuration.read(feature)
    return Lifted(device.netlist, features, tuple(device.require_all_read()), database)
