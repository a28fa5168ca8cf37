# SPDX-License-Identifier: BSD-3-Clause
"""Bits beside switches, without which what they pass does not arrive: Project X-Ray's segbits.

Each column and row of the clock tree (UG472) has buffers that are off where the clock is not used, to save power; so have the
addresses that a block memory passes on to the next one.
"""

from __future__ import annotations

import re

from hw_flows.lift.configuration import Configuration
from hw_flows.machine.errors import CheckFailed

#: Type of tile -> (the switch as <to>.<source>, features that must be on where it conducts).
_GATES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    **dict.fromkeys(("HCLK_L", "HCLK_R"), ((r"\w+\.HCLK_CK_(BUFHCLK\d+)", (r"ENABLE_BUFFER.HCLK_CK_\1",)),)),
    **dict.fromkeys(
        ("CLK_HROW_TOP_R", "CLK_HROW_BOT_R"),
        ((r"\w+\.(CLK_HROW_R_CK_GCLK\d+|CLK_HROW_CK_IN_[LR]\d+|CLK_HROW_CK_BUFRCLK_[LR]\d+)", (r"\1_ACTIVE",)),),
    ),
    **dict.fromkeys(("BRAM_L", "BRAM_R"), ((r"BRAM_CASCOUT_ADDR(ARD|BWR)ADDRU\d+\.\w+", (r"CASCOUT_\1_ACTIVE",)),)),
    "CLK_BUFG_REBUF": ((r"\w+\.CLK_BUFG_REBUF_R_CK_(GCLK\d+)_(?:TOP|BOT)", (r"\1_ENABLE_ABOVE", r"\1_ENABLE_BELOW")),),
}

#: Features that only power a buffer: where nothing that is used passes it, they change nothing.
IDLE = re.compile(
    r"CASCOUT_(?:ARD|BWR)_ACTIVE|ENABLE_BUFFER\.HCLK_CK_BUFHCLK\d+|CLK_HROW_\w+_ACTIVE|"
    r"GCLK\d+_ENABLE_(?:ABOVE|BELOW)|HCLK_CMT_CK_BUFHCLK\d+_USED"
)


def require_open(configuration: Configuration, tile: str, switch: str) -> None:
    """Raises CheckFailed where a switch of `tile` that is in use, as <to>.<source>, needs a buffer that is off."""
    for pattern, features in _GATES.get(configuration.database.tiles[tile].type, ()):
        match = re.fullmatch(pattern, switch)
        if match is None:
            continue
        for template in features:
            feature = match.expand(template)
            if not configuration.has(tile, feature):
                raise CheckFailed(
                    f"the switch {switch} is in use, but its buffer is off: {feature} is missing",
                    tile,
                    "the tool that wrote the bitstream left it out; on hardware nothing may arrive",
                )
