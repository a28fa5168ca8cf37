# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream that was just made and unpacked: lifted back and held against what was placed and routed."""

from __future__ import annotations

from pathlib import Path

from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.ecp5.lift import lift_unpacked


def lift_and_compare(unpacked: Path, routed: Path, part: str) -> str:
    """Lift what ecpunpack wrote of a .bit and compare it with the netlist `routed`; what was compared, for people.

    Raises CheckFailed for bits that nobody understands and for any difference.
    """
    comparison = compare(lift_unpacked(unpacked.read_text(encoding="utf-8"), part, str(unpacked)), routed)
    comparison.require_equal()
    return str(comparison)
