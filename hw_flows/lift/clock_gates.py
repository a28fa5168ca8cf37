# SPDX-License-Identifier: BSD-3-Clause
"""Bits beside the switches of the clock tree, without which a clock does not pass (UG472; Project X-Ray's segbits).

Each column and row of the tree has buffers that are off where the clock is not used, to save power.
"""

from __future__ import annotations

import re

from hw_flows.lift.configuration import Configuration
from hw_flows.machine.errors import CheckFailed

#: Type of tile -> (source of the switch, features that must be on where it conducts).
_GATES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    **dict.fromkeys(("HCLK_L", "HCLK_R"), ((r"HCLK_CK_(BUFHCLK\d+)", (r"ENABLE_BUFFER.HCLK_CK_\1",)),)),
    **dict.fromkeys(
        ("CLK_HROW_TOP_R", "CLK_HROW_BOT_R"),
        ((r"(CLK_HROW_R_CK_GCLK\d+|CLK_HROW_CK_IN_[LR]\d+|CLK_HROW_CK_BUFRCLK_[LR]\d+)", (r"\1_ACTIVE",)),),
    ),
    "CLK_BUFG_REBUF": ((r"CLK_BUFG_REBUF_R_CK_(GCLK\d+)_(?:TOP|BOT)", (r"\1_ENABLE_ABOVE", r"\1_ENABLE_BELOW")),),
}

#: Features that only power a buffer of the clock tree: where no clock that is used passes it, they change nothing.
IDLE = re.compile(
    r"ENABLE_BUFFER\.HCLK_CK_BUFHCLK\d+|CLK_HROW_\w+_ACTIVE|GCLK\d+_ENABLE_(?:ABOVE|BELOW)|HCLK_CMT_CK_BUFHCLK\d+_USED"
)


def require_open(configuration: Configuration, tile: str, source: str) -> None:
    """Raises CheckFailed where a clock comes to a switch from wire `source` of `tile` and its buffer there is off."""
    for pattern, features in _GATES.get(configuration.database.tiles[tile].type, ()):
        match = re.fullmatch(pattern, source)
        if match is None:
            continue
        for template in features:
            feature = match.expand(template)
            if not configuration.has(tile, feature):
                raise CheckFailed(
                    f"a clock passes {source}, but its buffer is off: {feature} is missing",
                    tile,
                    "the tool that wrote the bitstream left it out; on hardware the clock may stand still",
                )
