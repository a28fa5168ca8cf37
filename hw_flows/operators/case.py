# SPDX-License-Identifier: BSD-3-Clause
"""One configuration of an operator, as an operator's `cases.py` lists them.

GRID: list[Case]          simulated and linted in all of them; the first is the one that FINN is shown
REFUSED                   parameters of the module that its own checks refuse
synthesized()             what the cost model is fitted to and checked against
draw_case(random)         a random small one, for mutation tests
TEXT_CHECKS               may be left out: checks of the text of a source
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

#: Parameters of a SystemVerilog module, and a part of what it says to them.
Refused = tuple[dict[str, int], str]
DATA_TYPES = ("BINARY", "UINT2", "INT3", "UINT4", "INT5")


@dataclass(frozen=True)
class Case:
    """One configuration: op type, attributes, constant inputs after the data inputs (values, datatype name)."""

    op_type: str
    attributes: dict[str, Any]
    constants: tuple[tuple[np.ndarray, str], ...] = ()
    data_inputs: int = 1
    outputs: int = 1
    stimulus: tuple[np.ndarray, ...] | None = field(default=None)
    """Input values (frames, *shape) where random ones would not do."""


def size(draw: Random) -> int:
    """1 and 2 often, where most formulas have their borders."""
    return draw.choice((1, 1, 2, 2, 3, 4, 5))


def folded(draw: Random) -> tuple[int, int]:
    """Channels, and how many of them make a word."""
    lanes, fold = draw.choice((1, 2, 3)), size(draw)
    return lanes * fold, lanes
