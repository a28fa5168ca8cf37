# SPDX-License-Identifier: BSD-3-Clause
"""Addition: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from qonnx.core.datatype import DataType

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size
from hw_flows.operators.shared.measure import sum_datatype


def add(shape: list[int], pe: int, datatypes: list[str], factors: tuple[int, int] = (1, 1), out: str = "") -> Case:
    """`shape` is (1, H, W, C); the output's type is the narrowest unless `out` says another."""
    first, second = (DataType[name] for name in datatypes)
    attributes = {
        "lhs_shape": shape,
        "rhs_shape": shape,
        "out_shape": shape,
        "lhs_dtype": first.name,
        "rhs_dtype": second.name,
        "out_dtype": out or sum_datatype((first, second), factors).name,
        "PE": pe,
        "factors": list(factors),
    }
    return Case("OpenScaledAdd_rtl", attributes, data_inputs=2)


GRID = [
    add([1, 5, 4, 4], 2, ["UINT4", "UINT4"]),
    add([1, 3, 4, 4], 4, ["INT4", "INT4"]),
    add([1, 3, 4, 4], 2, ["INT4", "UINT4"]),
    add([1, 3, 4, 3], 1, ["INT2", "INT8"], (4, 1)),
    add([1, 3, 4, 6], 3, ["INT8", "UINT8"], (13, 8)),
    add([1, 3, 4, 2], 2, ["UINT8", "INT5"], (1023, 725)),
    add([1, 3, 4, 2], 1, ["UINT3", "UINT3"], (1, -1)),
    add([1, 3, 4, 2], 2, ["INT9", "BINARY"], (3, -77)),
    add([1, 3, 4, 36], 36, ["UINT2", "INT2"], (2, 3)),
    add([1, 3, 4, 2], 1, ["INT16", "INT6"], (1, 5000)),
    add([1, 3, 4, 4], 2, ["INT20", "UINT13"], (6789, 100_062_171)),
    add([1, 3, 4, 2], 2, ["INT19", "INT16"], (2**28, -(2**31 - 1))),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"OUT_BITS": 49}, "BITS_0 (4) and BITS_1 (4) must be at least 1, OUT_BITS (49) 1 to 48"),
    ({"FACTOR_1": 0}, "FACTOR_0 (1) and FACTOR_1 (0) must not be 0"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for pe, datatypes, factors in (
        (1, ["UINT4", "UINT4"], (1, 1)),
        (8, ["INT4", "INT4"], (1, 1)),
        (2, ["UINT8", "INT8"], (1, 1)),
        (4, ["UINT8", "UINT6"], (4, 1)),
        (4, ["UINT4", "INT4"], (5, 3)),
        (4, ["INT3", "UINT5"], (13, 16)),
        (2, ["UINT6", "UINT6"], (11, 7)),
        (2, ["UINT8", "UINT8"], (13, 8)),
        (4, ["INT8", "UINT8"], (55, 34)),
        (1, ["UINT8", "INT8"], (1023, 725)),
        (4, ["UINT8", "INT7"], (377, 233)),
        (4, ["INT9", "UINT4"], (1, 77)),
        (4, ["INT5", "UINT4"], (16, 15)),
        (2, ["INT8", "INT8"], (474, 773)),
        (2, ["INT4", "UINT4"], (754, 437)),
        (8, ["UINT5", "UINT4"], (21, 34)),
        (2, ["INT8", "UINT8"], (46, 61)),
    ):
        yield add([1, 8, 8, 8], pe, datatypes, factors)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    channels, lanes = folded(draw)
    datatypes = [draw.choice((*DATA_TYPES, "INT8")), draw.choice((*DATA_TYPES, "UINT7"))]
    return add([1, 2, size(draw), channels], lanes, datatypes, (draw.choice((1, 2, 5, -3)), draw.choice((1, 4, 7, -1))))
