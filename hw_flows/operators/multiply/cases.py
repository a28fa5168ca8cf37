# SPDX-License-Identifier: BSD-3-Clause
"""Product of two streams: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from qonnx.core.datatype import DataType

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def multiply(
    shape: list[int], factor: list[int], pe: int, datatypes: tuple[str, str], style: str = "lut", out: str = ""
) -> Case:
    """`shape` is (1, H, W, C), `factor` the same or 1 in some places; the output's type is the narrowest unless `out` says
    another."""
    from hw_flows.operators.multiply.hw import product_datatype

    first, second = (DataType[name] for name in datatypes)
    attributes = {
        "lhs_shape": shape,
        "rhs_shape": factor,
        "out_shape": shape,
        "lhs_dtype": first.name,
        "rhs_dtype": second.name,
        "out_dtype": out or product_datatype(first, second).name,
        "PE": pe,
        "resType": style,
    }
    return Case("OpenBranchProduct_rtl", attributes, data_inputs=2)


GRID = [
    multiply([1, 5, 4, 4], [1, 5, 4, 4], 2, ("UINT4", "UINT4")),
    multiply([1, 3, 4, 6], [1, 1, 1, 6], 2, ("UINT4", "UINT4")),
    multiply([1, 3, 4, 6], [1, 3, 4, 1], 2, ("INT4", "UINT4")),
    multiply([1, 3, 4, 4], [1, 1, 1, 4], 4, ("INT8", "INT3")),
    multiply([1, 3, 4, 4], [1, 3, 4, 1], 4, ("UINT4", "INT8")),
    multiply([1, 4, 3, 4], [1, 1, 1, 4], 1, ("INT5", "UINT8"), "dsp"),
    multiply([1, 4, 3, 2], [1, 4, 3, 2], 2, ("INT8", "INT8"), "dsp"),
    multiply([1, 4, 3, 3], [1, 4, 3, 3], 3, ("INT8", "INT8")),
    multiply([1, 2, 3, 4], [1, 1, 1, 1], 2, ("UINT8", "UINT5")),
    multiply([1, 3, 2, 4], [1, 3, 1, 4], 1, ("UINT3", "BINARY")),
    multiply([1, 3, 2, 4], [1, 1, 2, 4], 2, ("BINARY", "INT2")),
    multiply([1, 1, 1, 6], [1, 1, 1, 6], 2, ("INT2", "UINT12")),
    multiply([1, 2, 2, 264], [1, 1, 1, 264], 2, ("UINT4", "UINT16")),
    multiply([1, 3, 3, 1], [1, 1, 1, 1], 1, ("UINT7", "UINT7"), "dsp"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"OUT_BITS": 9}, "BITS_0 (4) and BITS_1 (4) must be at least 1, OUT_BITS (9) 1 to their sum"),
    ({"KEPT": 2, "USES": 1}, "KEPT (2) and USES (1) must be at least 1, USES at least 2"),
    ({"LANES": 0}, "LANES must be at least 1"),
    ({"SINGLE": 2}, "SINGLE (2) must be 0 or 1"),
)

_SAME, _CHANNELS, _PIXELS = [1, 8, 8, 16], [1, 1, 1, 16], [1, 8, 8, 1]


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for factor, pe, datatypes, style in (
        (_SAME, 1, ("UINT4", "UINT4"), "lut"),
        (_SAME, 4, ("UINT4", "UINT4"), "lut"),
        (_SAME, 4, ("INT4", "INT4"), "lut"),
        (_SAME, 4, ("UINT8", "UINT8"), "lut"),
        (_SAME, 2, ("INT8", "INT8"), "lut"),
        (_SAME, 4, ("INT8", "UINT4"), "lut"),
        (_SAME, 4, ("UINT4", "INT8"), "lut"),
        (_SAME, 4, ("UINT6", "UINT3"), "lut"),
        (_SAME, 4, ("INT5", "INT3"), "lut"),
        (_SAME, 4, ("UINT2", "UINT2"), "lut"),
        (_SAME, 4, ("UINT4", "UINT2"), "lut"),
        (_SAME, 4, ("UINT8", "UINT5"), "lut"),
        (_SAME, 4, ("UINT3", "INT6"), "lut"),
        (_SAME, 4, ("INT6", "UINT1"), "lut"),
        (_SAME, 2, ("UINT8", "UINT12"), "lut"),
        (_SAME, 4, ("UINT8", "UINT8"), "dsp"),
        (_SAME, 2, ("INT8", "UINT4"), "dsp"),
        (_SAME, 2, ("INT12", "INT8"), "dsp"),
        (_CHANNELS, 1, ("UINT4", "UINT4"), "lut"),
        (_CHANNELS, 4, ("UINT4", "UINT4"), "lut"),
        (_CHANNELS, 16, ("UINT4", "UINT4"), "lut"),
        (_CHANNELS, 4, ("INT8", "UINT8"), "lut"),
        (_CHANNELS, 2, ("INT4", "UINT6"), "dsp"),
        (_CHANNELS, 4, ("UINT8", "UINT8"), "dsp"),
        (_PIXELS, 1, ("UINT4", "UINT4"), "lut"),
        (_PIXELS, 8, ("UINT4", "UINT4"), "lut"),
        (_PIXELS, 4, ("INT8", "UINT8"), "lut"),
        (_PIXELS, 4, ("INT8", "UINT8"), "dsp"),
    ):
        yield multiply(_SAME, factor, pe, datatypes, style)
    yield multiply([1, 8, 8, 256], [1, 1, 1, 256], 1, ("UINT4", "UINT4"))
    yield multiply([1, 8, 8, 512], [1, 1, 1, 512], 2, ("UINT8", "UINT8"))
    yield multiply([1, 8, 8, 512], [1, 1, 1, 512], 8, ("UINT4", "UINT4"))
    yield multiply([1, 2, 2, 2048], [1, 1, 1, 2048], 2, ("UINT8", "UINT8"), "dsp")


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    channels, lanes = folded(draw)
    shape = [1, size(draw), size(draw), channels]
    factor = draw.choice((shape, [1, 1, 1, channels], [*shape[:3], 1], [1, 1, 1, 1], [1, shape[1], 1, channels]))
    datatypes = draw.choice((*DATA_TYPES, "INT8")), draw.choice((*DATA_TYPES, "UINT7"))
    return multiply(shape, list(factor), lanes, datatypes, draw.choice(("lut", "lut", "dsp")))
