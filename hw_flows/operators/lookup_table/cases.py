# SPDX-License-Identifier: BSD-3-Clause
"""Lookup table: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def lookup_table(
    image: list[int], channels: int, pe: int, data: str, output: str, missing: int = 0, **more: Any
) -> Case:
    """Random results of the whole range of `output`; the `missing` largest arguments have none of their own."""
    rng = np.random.default_rng(channels * 31 + pe)
    least, most = int(DataType[output].min()), int(DataType[output].max())
    table = rng.integers(least, most + 1, 2 ** DataType[data].bitwidth() - missing)
    attributes = {
        "ImgDim": image,
        "NumChannels": channels,
        "PE": pe,
        "inputDataType": data,
        "outputDataType": output,
    }
    return Case("OpenLookupTable_rtl", {**attributes, **more}, ((table, output),))


GRID = [
    lookup_table([3, 4], 4, 2, "UINT4", "INT4"),
    lookup_table([3, 4], 3, 3, "INT2", "UINT3"),
    lookup_table([5, 2], 6, 1, "UINT8", "INT8"),
    lookup_table([16, 9], 2, 2, "INT8", "INT3"),
    lookup_table([1, 1], 1, 1, "INT5", "UINT1"),
    lookup_table([2, 2], 2, 1, "UINT1", "INT6"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"LANES": 0}, "LANES (0) must be at least 1"),
    ({"IN_BITS": 9}, "IN_BITS (9) must be 1 to 8"),
)


def synthesized() -> Iterator[Case]:
    """Bits in, bits out, lanes. What the cost model is checked with."""
    for bits, result in ((3, 3), (4, 4), (5, 4), (6, 6), (7, 4), (8, 8)):
        for pe in (1, 4):
            yield lookup_table([8, 8], 8, pe, f"UINT{bits}", f"INT{result}")


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    image = [size(draw), size(draw)]
    return lookup_table(image, *folded(draw), draw.choice(DATA_TYPES), draw.choice(("INT2", "UINT3", "INT5")))
