# SPDX-License-Identifier: BSD-3-Clause
"""Width converter: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from qonnx.core.datatype import DataType

from hw_flows.operators.case import DATA_TYPES, Case, Refused


def converter(elements_in: int, elements_out: int, data: str, shape: tuple[int, ...] = (1, 2, 3, 48)) -> Case:
    bits = DataType[data].bitwidth()
    attributes = {
        "inShape": list(shape),
        "outShape": list(shape),
        "inWidth": elements_in * bits,
        "outWidth": elements_out * bits,
        "dataType": data,
    }
    return Case("OpenStreamingDataWidthConverter_rtl", attributes)


GRID = [
    converter(4, 4, "INT4"),
    converter(1, 2, "UINT1"),
    converter(2, 6, "INT3"),
    converter(1, 48, "UINT4"),
    converter(6, 2, "UINT5"),
    converter(48, 1, "INT7"),
    converter(4, 6, "UINT2"),
    converter(6, 4, "INT2"),
    converter(3, 16, "UINT3"),
    converter(16, 3, "INT9"),
    converter(8, 12, "UINT8", (1, 24)),
    converter(16, 9, "UINT1", (3, 144)),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (({"OUT_WORD_BITS": 0}, "OUT_WORD_BITS (0) must be at least 1"),)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for bits, into, out in (
        (4, 1, 2),
        (4, 1, 8),
        (3, 2, 24),
        (4, 6, 48),  # wider
        (4, 2, 1),
        (3, 4, 1),
        (4, 8, 1),
        (4, 8, 4),
        (8, 3, 1),
        (3, 24, 6),
        (12, 16, 1),  # narrower
        (2, 4, 6),
        (3, 3, 16),
        (4, 6, 4),
        (4, 9, 6),  # neither divides
    ):
        attributes = {
            "inShape": [1, 4, 144],
            "outShape": [1, 4, 144],
            "inWidth": into * bits,
            "outWidth": out * bits,
            "dataType": f"UINT{bits}",
        }
        yield Case("OpenStreamingDataWidthConverter_rtl", attributes)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    before, after = draw.choice((1, 2, 3, 4, 5, 6)), draw.choice((1, 2, 3, 4, 5, 6))
    return converter(before, after, draw.choice(DATA_TYPES), (1, 2, 60))
