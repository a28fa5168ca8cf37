# SPDX-License-Identifier: BSD-3-Clause
"""FIFO: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused
from hw_flows.operators.fifo.feedback import bad_feedback


def fifo(depth: int, lanes: int = 2, data: str = "UINT3", ram_style: str = "auto", words: int = 150) -> Case:
    shape = [1, words, lanes]
    attributes = {
        "depth": depth,
        "folded_shape": [1, words, 1, lanes],
        "normal_shape": shape,
        "dataType": data,
        "ram_style": ram_style,
    }
    return Case("OpenStreamingFIFO_rtl", attributes)


GRID = [
    *(fifo(depth, ram_style="srl") for depth in (1, 2, 3, 16, 17, 32, 65)),
    *(fifo(depth, lanes=3, data="INT5", ram_style="distributed") for depth in (1, 2, 5, 64, 100)),
    *(fifo(depth, lanes=1, data="UINT7", ram_style="block") for depth in (3, 4, 9, 64, 130)),
    fifo(2048, lanes=9, data="INT8"),
    fifo(513, lanes=9, data="UINT3", ram_style="block", words=400),  # addresses in order: twice the places would cost
    fifo(1030, lanes=12, data="UINT3", ram_style="block", words=700),
    fifo(20, lanes=1, data="UINT1"),
]

#: Source -> what is wrong with its text, where simulation would take too long to show it.
TEXT_CHECKS: dict[str, Callable[[str], object]] = {"qu_address_counter.sv": bad_feedback}

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"DEPTH": 0}, "DEPTH (0) must be at least 1"),
    ({"STYLE": 3}, "STYLE (3) must be 0, 1 or 2"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for width in (1, 4, 12, 40):
        for depth in (2, 3, 16, 32, 33, 64, 128, 200, 704):
            if width * depth < 10000:
                yield _synthesized(width, depth)
    for width, depth in (
        (3, 16385),
        (4, 9000),
        (8, 2049),
        (8, 2048),
        (12, 1500),
        (24, 1024),
        (36, 513),
        (72, 600),
        (5, 4097),
    ):
        yield _synthesized(width, depth)


def _synthesized(width: int, depth: int) -> Case:
    shape = [1, 64, width]
    attributes = {
        "depth": depth,
        "folded_shape": [1, 64, 1, width],
        "normal_shape": shape,
        "dataType": "UINT1",
        "ram_style": "auto",
    }
    return Case("OpenStreamingFIFO_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    depth, style = draw.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 64)), draw.choice(("srl", "distributed", "block"))
    return fifo(depth, draw.choice((1, 2)), draw.choice(DATA_TYPES), style)
