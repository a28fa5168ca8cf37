# SPDX-License-Identifier: BSD-3-Clause
"""Absolute value: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import Case, Refused, folded, size


def absolute_value(image: list[int], channels: int, pe: int, datatype: str) -> Case:
    return Case(
        "OpenAbsoluteValue_rtl", {"ImgDim": image, "NumChannels": channels, "PE": pe, "inputDataType": datatype}
    )


GRID = [
    absolute_value([3, 4], 4, 2, "INT4"),
    absolute_value([3, 4], 3, 3, "INT2"),
    absolute_value([5, 2], 6, 1, "INT8"),
    absolute_value([1, 1], 1, 1, "INT5"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"ELEMENT_BITS": 1}, "ELEMENT_BITS (1) must be at least 2"),
    ({"LANES": 0}, "LANES (0) must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """Bits and lanes."""
    for bits in (2, 3, 4, 6, 8):
        for pe in (1, 4):
            yield absolute_value([8, 8], 8, pe, f"INT{bits}")


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    return absolute_value([size(draw), size(draw)], *folded(draw), draw.choice(("INT2", "INT3", "INT5")))
