# SPDX-License-Identifier: BSD-3-Clause
"""Fork: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hw_flows.operators.case import DATA_TYPES, Case, Refused, folded, size


def fork(
    vectors: list[int], channels: int, pe: int, outputs: int, datatype: str, node_outputs: int | None = None
) -> Case:
    return Case(
        "OpenDuplicateStreams_rtl",
        {
            "numInputVectors": vectors,
            "NumChannels": channels,
            "PE": pe,
            "NumOutputStreams": outputs,
            "inputDataType": datatype,
        },
        outputs=node_outputs or outputs,
    )


GRID = [
    fork([1, 5, 4], 4, 2, 2, "INT4"),
    fork([1, 3, 4], 4, 4, 3, "UINT3"),
    fork([1, 3, 4], 6, 1, 5, "INT8"),
    fork([1, 3, 4], 4, 4, 1, "UINT4"),
    fork([1, 2, 2], 36, 36, 2, "BINARY"),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (({"OUTPUTS": 0}, "OUTPUTS must be at least 1"),)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to."""
    for outputs, bits in ((2, 4), (2, 24), (3, 8)):
        attributes = {
            "NumOutputStreams": outputs,
            "NumChannels": 8,
            "PE": 1,
            "inputDataType": f"UINT{bits}",
            "numInputVectors": [1, 8, 8],
            "outFIFODepths": [2] * outputs,
        }
        yield Case("OpenDuplicateStreams_rtl", attributes, outputs=outputs)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    return fork([1, 2, size(draw)], *folded(draw), draw.choice((1, 2, 3, 4)), draw.choice(DATA_TYPES))
