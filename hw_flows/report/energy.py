# SPDX-License-Identifier: BSD-3-Clause
"""Energy a frame: the power that a tool told, over the frame rate; where none told it, that it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MEASURE = "a measurement on the board"
ASK_VIVADO = "Vivado's report_power with the switching activity of a simulation (--flow vivado, or qu-sim --saif)"
#: How ordering codes of AMD's devices begin.
AMD_PARTS = ("xc", "xa", "xq")


@dataclass(frozen=True)
class Energy:
    """What is known of it."""

    millijoules: float | None
    """A frame takes, all power of the device included; None where no power is known."""
    words: str
    """By which means it is known, or that it is not and what would tell it."""


def energy_a_frame(
    build: Mapping[str, Any], performance: Mapping[str, Any], bitstream: Mapping[str, Any] | None
) -> Energy:
    """From the reports of a build: power at the bitstream's clock, and the simulated cycles between frames at full speed."""
    power = (bitstream or {}).get("power")
    if bitstream is None or power is None:
        means = [MEASURE]
        if str(build.get("fpga_part") or "").lower().startswith(AMD_PARTS):
            means.insert(0, ASK_VIVADO)
        reason = (bitstream or {}).get("power_unknown")
        why = f" ({reason})" if reason else ""
        return Energy(None, f"not known, since the power is not{why}; {' or '.join(means)} would tell it")
    seconds = performance["cycles_per_frame"] / (bitstream["clock_mhz"] * 1e6)
    share = f"{power['dynamic_w']:g} W dynamic and {power['static_w']:g} W static"
    words = f"{power['total_w']:g} W ({share}) at full speed; {power['from']}; confidence: {power['confidence']}"
    return Energy(1e3 * power["total_w"] * seconds, words)
