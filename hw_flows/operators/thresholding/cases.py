# SPDX-License-Identifier: BSD-3-Clause
"""Thresholding: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from qonnx.core.datatype import DataType

from hw_flows.operators.case import Case, Refused, folded, size


def thresholding(
    channels: int,
    pe: int,
    data: str,
    steps: int,
    *,
    act_val: int = 0,
    output: str = "UINT4",
    shape: tuple[int, ...] = (1, 3, 5),
    per_tensor: bool = False,
    thresholds: np.ndarray | None = None,
    ram_style: str = "auto",
) -> Case:
    """Random sorted thresholds with equal neighbours, some at the ends of the input range and just above it."""
    rng = np.random.default_rng(channels * 31 + steps)
    low, high = int(DataType[data].min()), int(DataType[data].max())
    if thresholds is None:
        thresholds = np.sort(rng.integers(low, high + 2, (1 if per_tensor else channels, steps)), axis=1)
    attributes = {
        "NumChannels": channels,
        "PE": pe,
        "numSteps": steps,
        "inputDataType": data,
        "weightDataType": "INT64",
        "outputDataType": output,
        "numInputVectors": list(shape),
        "ActVal": act_val,
        "ram_style": ram_style,
    }
    return Case("OpenThresholding_rtl", attributes, ((thresholds, "INT64"),))


GRID = [
    thresholding(1, 1, "INT6", 1, output="UINT1"),
    thresholding(3, 3, "UINT8", 2, output="UINT2"),
    thresholding(6, 2, "INT9", 7, output="INT4", act_val=-3),
    thresholding(6, 1, "INT13", 15, output="UINT4"),
    thresholding(8, 4, "INT12", 15, output="INT4", act_val=-8, per_tensor=True),
    thresholding(5, 5, "UINT1", 1, output="UINT1"),
    thresholding(4, 2, "INT8", 1, output="INT2", act_val=-1),
    thresholding(12, 3, "INT16", 100, output="UINT7"),
    thresholding(2, 1, "INT11", 255, output="INT8", act_val=-128, shape=(1, 16, 9)),
    thresholding(2, 2, "UINT10", 5, output="INT9", act_val=-200),
    thresholding(40, 1, "INT18", 15, shape=(1, 2, 3)),
    thresholding(24, 2, "INT14", 7, output="UINT3", ram_style="block", shape=(2, 3)),
    thresholding(4, 2, "INT26", 15),
    thresholding(3, 1, "INT48", 7, output="INT4", act_val=-4),
    thresholding(3, 1, "INT5", 3, output="UINT2", thresholds=np.array([[-16, -16, -16], [16, 16, 16], [-16, 0, 16]])),
    thresholding(2, 2, "UINT4", 3, output="UINT2", thresholds=np.array([[0, 0, 16], [0, 15, 15]])),
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"WITHIN_STAGES": 9}, "WITHIN_STAGES (9) + BLOCK_STAGES (0)"),
    ({"FOLD": 0}, "FOLD (0) must be at least 1"),
)


def synthesized() -> Iterator[Case]:
    """Channels, PE, bits of the accumulator, bits of the result, kind of memory. What the cost model is fitted to."""
    for channels, pe in ((8, 1), (8, 4), (32, 1), (128, 1)):
        for bits, result in ((9, 2), (11, 3), (13, 4), (16, 5), (18, 6)):
            yield _synthesized(channels, pe, bits, result)
    yield _synthesized(16, 1, 16, 8)
    for style in ("block", "distributed"):
        yield _synthesized(64, 1, 12, 4, ram_style=style)


def _synthesized(channels: int, pe: int, bits: int, result: int, **more: str) -> Case:
    steps, end = (1 << result) - 1, 1 << (bits - 1)
    values = np.sort(np.random.default_rng(channels + bits).integers(-end, end, (channels, steps)), axis=1)
    attributes = {
        "NumChannels": channels,
        "PE": pe,
        "numSteps": steps,
        "inputDataType": f"INT{bits}",
        "weightDataType": "INT32",
        "outputDataType": f"UINT{result}",
        "numInputVectors": [1, 4, 4],
        "ActVal": 0,
        **more,
    }
    return Case("OpenThresholding_rtl", attributes, ((values, "INT32"),))


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    data = draw.choice(("UINT1", "INT2", "UINT3", "INT6", "UINT9", "INT15", "INT17", "UINT18", "INT20"))
    steps = draw.choice((1, 2, 3, 7, 9))
    return thresholding(
        *folded(draw), data, steps, output="UINT4", shape=(1, 2, size(draw)), ram_style=draw.choice(("auto", "block"))
    )
