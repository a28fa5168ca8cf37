# SPDX-License-Identifier: BSD-3-Clause
"""Block matrix-vector unit: the configurations that simulation, synthesis and mutation try it in."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod
from random import Random
from typing import Any

import numpy as np
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.block_matrix_vector.stream import layout_of, pack
from hw_flows.operators.case import Case, Refused

#: Frames that every case has.
FRAMES = 4


def attributes_of(
    image: tuple[int, int],
    channels: int,
    kernel: tuple[int, int],
    outputs: int,
    simd: int,
    pe: int,
    rows: int,
    data: str = "UINT4",
    weight: str = "INT4",
    steps: int = 15,
    *,
    result: str = "UINT4",
    act_val: int = 0,
    **more: int | str,
) -> dict[str, Any]:
    """Of a node; its sums have the bits that any weights may need."""
    ends = [abs(int(DataType[name].min())) for name in (data, weight)]
    largest = [max(end, int(DataType[name].max())) for end, name in zip(ends, (data, weight), strict=True)]
    bound = prod(largest) * channels * prod(kernel)
    return {
        "ImgDim": list(image),
        "NumChannels": channels,
        "KernelDim": list(kernel),
        "MH": outputs,
        "SIMD": simd,
        "PE": pe,
        "ParallelColumns": 0,
        "numSteps": steps,
        "ActVal": act_val,
        "inputDataType": data,
        "weightDataType": weight,
        "accDataType": DataType.get_smallest_possible(-bound - 1).name,
        "outputDataType": result,
        "resType": "auto",
        "BlockRows": rows,
        "StreamBytes": 1,
        **more,
    }


def block_matrix_vector(*where: Any, extremes: bool = False, same: bool = True, seed: int = 0, **more: Any) -> Case:
    """A case of `attributes_of`. Random images and weights over the whole range, or only its two ends, and thresholds where
    sums lie, some never reached.

    `same`: every block gets the same weights, as in a network; else each its own, to see which is used where."""
    attributes = attributes_of(*where, **more)
    layout = layout_of(attributes.__getitem__)
    height, width = attributes["ImgDim"]
    blocks = ceil(height / attributes["BlockRows"])
    draw = np.random.default_rng([height, width, layout.outputs, layout.simd, seed])
    data, weight = (DataType[attributes[f"{name}DataType"]] for name in ("input", "weight"))

    def numbers(datatype: BaseDataType, shape: tuple[int, ...]) -> np.ndarray:
        ends = int(datatype.min()), int(datatype.max())
        values = draw.choice(ends, shape) if extremes else draw.integers(ends[0], ends[1] + 1, shape)
        return np.where(values == 0, 1, values) if datatype.name == "BIPOLAR" else values

    parts = []
    for _ in range(1 if same else FRAMES * blocks):
        weights = numbers(weight, (layout.outputs, *layout.kernel, layout.fold * layout.lanes))
        middle = weights.sum(axis=(1, 2, 3)).mean() * float(data.min() + data.max()) / 2
        spread = 2 + float((data.max() - data.min()) * (weight.max() - weight.min())) * weights[0].size ** 0.5 / 4
        thresholds = np.sort(draw.uniform(middle - spread, middle + spread, (layout.outputs, attributes["numSteps"])))
        thresholds[0, -1] = float(DataType[attributes["accDataType"]].max()) + 1
        parts.append(pack(layout, weights, thresholds))
    stream = np.broadcast_to(np.stack(parts), (FRAMES * blocks, layout.block_bytes))
    images = numbers(data, (FRAMES, 1, height, width, layout.fold * layout.lanes))
    return Case(
        "OpenBlockMVAU_rtl",
        attributes,
        data_inputs=2,
        stimulus=(images, stream.reshape(FRAMES, 1, blocks, layout.block_bytes)),
    )


THREE, ONE = (3, 3), (1, 1)
GRID = [
    block_matrix_vector((5, 4), 4, THREE, 4, 2, 2, 2),  # the last block is a row
    block_matrix_vector((6, 5), 4, THREE, 6, 6, 3, 3, ParallelColumns=1, same=False),
    block_matrix_vector((4, 4), 3, THREE, 4, 9, 4, 4, ParallelColumns=1, RowsAhead=0, same=False),  # a block is a frame
    block_matrix_vector((6, 4), 4, ONE, 8, 2, 2, 1, OutputBlocks=2),
    block_matrix_vector((6, 4), 4, ONE, 8, 4, 2, 2, same=False),  # one pass a group
    block_matrix_vector(
        (3, 3), 2, ONE, 3, 2, 1, 1, OutputBlocks=2, same=False, StreamBytes=8
    ),  # blocks of three pixels
    block_matrix_vector((7, 3), 2, THREE, 2, 1, 1, 1, RowsAhead=2, OutputBlocks=2),
    # a pass ends before its weights are taken over
    block_matrix_vector((5, 3), 2, (3, 5), 2, 5, 1, 1, "UINT1", "INT2", ParallelColumns=1, StreamBytes=4, same=False),
    block_matrix_vector((7, 9), 3, (5, 5), 2, 15, 1, 2, ParallelColumns=1, same=False),
    block_matrix_vector((4, 7), 2, (1, 3), 2, 2, 2, 3, "INT5", "INT5", 7, result="INT4", act_val=-4, extremes=True),
    block_matrix_vector((8, 2), 2, (5, 1), 4, 2, 1, 3, "UINT8", "INT8", 255, result="UINT8", StreamBytes=2),
    block_matrix_vector((4, 4), 8, THREE, 4, 4, 2, 2, "UINT1", "INT2", 3, result="UINT2", extremes=True),
    block_matrix_vector((4, 4), 8, THREE, 4, 8, 2, 2, "UINT2", "BIPOLAR", 1, result="UINT1", same=False),
    block_matrix_vector((5, 6), 4, THREE, 4, 12, 2, 2, ParallelColumns=1, resType="dsp", extremes=True),
    block_matrix_vector((5, 6), 6, THREE, 4, 3, 2, 5, "UINT8", "INT6", 9, resType="dsp", StreamBytes=4),
    block_matrix_vector((4, 5), 4, THREE, 2, 4, 1, 3, "INT3", "INT3", 2, result="INT3", act_val=-1, resType="dsp"),
    block_matrix_vector((16, 16), 16, THREE, 16, 8, 2, 4, RowsAhead=4, OutputBlocks=2, StreamBytes=4),  # block memories
]

#: Parameters of the module that its checks refuse, and what they say.
REFUSED: tuple[Refused, ...] = (
    ({"COLUMNS": 2}, "COLUMNS (2) must be 1 or KERNEL_W (3)"),
    ({"KERNEL_H": 2}, "KERNEL_H (2) and KERNEL_W (3) must be odd"),
    ({"ROWS": 6}, "ROWS (6) must be 1 to HEIGHT (5)"),
    ({"BUFFER_ROWS": 3}, "BUFFER_ROWS (3) must hold a block of ROWS (2) rows"),
    ({"CHAIN": 3}, "CHAIN (3) must be 1 to SIMD (2)"),
    ({"OUT_BLOCKS": 3}, "BLOCKS (3) must be 1 or 2"),
    ({"ROWS_BEFORE": 0}, "ROWS_BEFORE (0) before each of TILES (18) words"),
)


def synthesized() -> Iterator[Case]:
    """What the cost model is fitted to: sizes of image and kernel, SIMD and PE, bits, products in LUT or DSP."""
    for image, channels, kernel, outputs, simd, pe, rows, bits, more in (
        ((16, 16), 16, THREE, 16, 8, 2, 4, (4, 4, 4), {}),
        ((16, 16), 16, THREE, 16, 1, 1, 4, (4, 4, 4), {}),
        ((128, 128), 32, THREE, 32, 12, 4, 4, (4, 4, 4), {"ParallelColumns": 1, "RowsAhead": 4}),
        ((64, 64), 64, THREE, 64, 24, 2, 4, (4, 4, 4), {"ParallelColumns": 1, "RowsAhead": 2, "StreamBytes": 2}),
        ((32, 32), 128, THREE, 64, 48, 1, 8, (3, 4, 3), {"ParallelColumns": 1, "OutputBlocks": 2, "StreamBytes": 2}),
        ((16, 16), 256, THREE, 255, 16, 3, 16, (3, 3, 3), {"StreamBytes": 4, "RowsAhead": 0}),
        ((8, 8), 512, THREE, 512, 16, 4, 8, (4, 3, 4), {"StreamBytes": 4, "RowsAhead": 0}),
        ((8, 8), 512, ONE, 1024, 32, 2, 8, (4, 5, 3), {"StreamBytes": 4}),
        ((32, 32), 64, ONE, 128, 16, 4, 4, (5, 5, 5), {"OutputBlocks": 2}),
        ((24, 20), 12, THREE, 24, 9, 2, 5, (2, 2, 2), {"ParallelColumns": 1}),
        ((16, 16), 16, THREE, 16, 4, 2, 4, (8, 8, 4), {}),
        ((16, 16), 16, THREE, 16, 4, 2, 4, (6, 5, 6), {"resType": "dsp"}),
        ((64, 64), 32, THREE, 32, 24, 2, 4, (4, 4, 4), {"ParallelColumns": 1, "resType": "dsp"}),
        ((16, 16), 128, (5, 5), 32, 20, 1, 4, (4, 4, 4), {"ParallelColumns": 1, "resType": "dsp"}),
    ):
        data, weight, result = bits
        attributes = attributes_of(
            image,
            channels,
            kernel,
            outputs,
            simd,
            pe,
            rows,
            f"UINT{data}",
            f"INT{weight}",
            (1 << result) - 1,
            result=f"UINT{result}",
            **more,
        )
        attributes["accDataType"] = f"INT{data + weight + (channels * prod(kernel)).bit_length() // 2 + 2}"
        yield Case("OpenBlockMVAU_rtl", attributes, data_inputs=2)


def draw_case(draw: Random) -> Case:
    """A random small configuration, for mutation tests."""
    kernel = draw.choice((ONE, THREE, (1, 3), (3, 1), (5, 3)))
    height, width = draw.choice((1, 2, 3, 5, 6)), draw.choice((3, 4, 5))
    parallel, lanes, pe = draw.choice((0, 1)), draw.choice((1, 2, 3)), draw.choice((1, 2))
    return block_matrix_vector(
        (height, width),
        lanes * draw.choice((1, 2)),
        kernel,
        pe * draw.choice((1, 2, 3)),
        lanes * (kernel[1] if parallel else 1),
        pe,
        draw.randint(1, height),
        draw.choice(("UINT1", "UINT3", "INT4")),
        draw.choice(("INT2", "INT3", "INT4")),
        draw.choice((1, 3, 5)),
        ParallelColumns=parallel,
        RowsAhead=draw.choice((0, 1, 3)),
        OutputBlocks=draw.choice((1, 2)),
        StreamBytes=draw.choice((1, 2)),
        resType=draw.choice(("lut", "dsp")),
        same=False,
        seed=draw.randint(0, 1000),
    )
