# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream that was just made: lifted back and held against what was placed and routed."""

from __future__ import annotations

from pathlib import Path

from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.ecp5.lift import lift_bitstream


def lift_and_compare(bitstream: Path, routed: Path, part: str, folder: Path) -> str:
    """Lift a .bit and compare it with the netlist `routed` of place and route; what was compared, for people.

    `folder` is for files on the way. Raises CheckFailed for bits that nobody understands and for any difference.
    """
    comparison = compare(lift_bitstream(bitstream, part, folder), routed)
    comparison.require_equal()
    return str(comparison)
