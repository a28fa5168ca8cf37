# SPDX-License-Identifier: BSD-3-Clause
"""Configurations of every operator for `cost_model.py`: what decides on their cost, over the range that U-Nets need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """One operator by itself. `constants`: weights or thresholds with their datatype."""

    op_type: str
    attributes: Attributes
    constants: tuple[tuple[np.ndarray, str], ...] = ()
    inputs: int = 1
    outputs: int = 1


def configurations() -> list[Configuration]:
    groups = (matrix_vectors, thresholdings, fifos, converters, windows, paddings, pools, shuffles, upsamplers, others)
    return [configuration for group in groups for configuration in group()]


def matrix_vectors() -> Iterator[Configuration]:
    """Bits of data and weight, SIMD and PE, products in LUT or DSP, kind of weight memory; weights evenly spread."""
    for data, weight in ((2, 2), (2, 3), (3, 3), (3, 5), (4, 4), (5, 4), (6, 5), (8, 6), (8, 8)):
        for simd, pe in ((1, 1), (4, 2), (9, 1), (6, 4)):
            yield matrix_vector(36 if simd != 4 else 32, 16, simd, pe, data, weight)
        for simd, pe in ((3, 2), (6, 4)):
            yield matrix_vector(36, 16, simd, pe, data, weight, resType="dsp")
    for style in ("block", "distributed"):
        for mw, mh, simd, pe, weight in ((144, 32, 6, 4, 3), (288, 16, 12, 1, 4), (64, 64, 4, 4, 2), (16, 8, 4, 2, 8)):
            yield matrix_vector(mw, mh, simd, pe, 4, weight, ram_style=style)
    for mw, mh, simd, pe in (
        (9, 8, 9, 1),
        (9, 8, 3, 8),
        (576, 64, 24, 1),
        (1152, 32, 16, 1),
        (8, 4, 8, 1),
        (24, 4, 24, 2),
    ):
        yield matrix_vector(mw, mh, simd, pe, 3, 3)


def matrix_vector(mw: int, mh: int, simd: int, pe: int, data: int, weight: int, **more: str) -> Configuration:
    from qonnx.core.datatype import DataType

    matrix = np.random.default_rng(mw * mh + simd).integers(-(1 << (weight - 1)), 1 << (weight - 1), (mw, mh))
    largest = (np.abs(matrix).sum(0) * ((1 << data) - 1)).max()
    result = DataType.get_smallest_possible(-int(largest) - 1).name
    attributes = {
        "MW": mw, "MH": mh, "SIMD": simd, "PE": pe, "inputDataType": f"UINT{data}", "weightDataType": f"INT{weight}",
        "outputDataType": result, "accDataType": result, "numInputVectors": [1, 4, 4], "noActivation": 1, **more,
    }  # fmt: skip
    return Configuration("OpenMVAU_rtl", attributes, ((matrix, f"INT{weight}"),))


def thresholdings() -> Iterator[Configuration]:
    """Channels, PE, bits of the accumulator, bits of the result, kind of memory."""
    for channels, pe in ((8, 1), (8, 4), (32, 1), (128, 1)):
        for bits, result in ((9, 2), (11, 3), (13, 4), (16, 5), (18, 6)):
            yield thresholding(channels, pe, bits, result)
    yield thresholding(16, 1, 16, 8)
    for style in ("block", "distributed"):
        yield thresholding(64, 1, 12, 4, ram_style=style)


def thresholding(channels: int, pe: int, bits: int, result: int, **more: str) -> Configuration:
    steps, end = (1 << result) - 1, 1 << (bits - 1)
    values = np.sort(np.random.default_rng(channels + bits).integers(-end, end, (channels, steps)), axis=1)
    attributes = {
        "NumChannels": channels, "PE": pe, "numSteps": steps, "inputDataType": f"INT{bits}", "weightDataType": "INT32",
        "outputDataType": f"UINT{result}", "numInputVectors": [1, 4, 4], "ActVal": 0, **more,
    }  # fmt: skip
    return Configuration("OpenThresholding_rtl", attributes, ((values, "INT32"),))


def fifos() -> Iterator[Configuration]:
    for width in (1, 4, 12, 40):
        for depth in (2, 3, 16, 32, 33, 64, 128, 200, 704):
            if width * depth < 10000:
                yield fifo(width, depth)
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
        yield fifo(width, depth)


def fifo(width: int, depth: int) -> Configuration:
    shape = [1, 64, width]
    attributes = {
        "depth": depth, "folded_shape": [1, 64, 1, width], "normal_shape": shape, "dataType": "UINT1",
        "ram_style": "auto",
    }  # fmt: skip
    return Configuration("OpenStreamingFIFO_rtl", attributes)


def converters() -> Iterator[Configuration]:
    for bits, into, out in (
        (4, 1, 2), (4, 1, 8), (3, 2, 24), (4, 6, 48),  # wider
        (4, 2, 1), (3, 4, 1), (4, 8, 1), (4, 8, 4), (8, 3, 1), (3, 24, 6), (12, 16, 1),  # narrower
        (2, 4, 6), (3, 3, 16), (4, 6, 4), (4, 9, 6),  # neither divides
    ):  # fmt: skip
        attributes = {"inShape": [1, 4, 144], "outShape": [1, 4, 144], "inWidth": into * bits, "outWidth": out * bits,
                      "dataType": f"UINT{bits}"}  # fmt: skip
        yield Configuration("OpenStreamingDataWidthConverter_rtl", attributes)


def windows() -> Iterator[Configuration]:
    for size, channels, simd, bits, parallel in (
        (130, 1, 1, 8, 0), (130, 8, 1, 4, 0), (66, 16, 2, 4, 0), (66, 32, 8, 3, 0), (34, 32, 4, 5, 0), (18, 64, 2, 3, 0),
        (18, 128, 8, 2, 0), (10, 64, 16, 3, 0), (10, 128, 1, 2, 0), (34, 16, 1, 8, 0),
        (130, 1, 1, 8, 1), (130, 8, 8, 4, 1), (130, 16, 16, 4, 1), (66, 4, 4, 5, 1), (34, 8, 8, 2, 1),
    ):  # fmt: skip
        out = size - 2
        attributes = {
            "IFMDim": [size, size], "OFMDim": [out, out], "ConvKernelDim": [3, 3], "Stride": [1, 1], "Dilation": [1, 1],
            "IFMChannels": channels, "SIMD": simd, "inputDataType": f"UINT{bits}", "outputDataType": f"UINT{bits}",
            "parallel_window": parallel,
        }  # fmt: skip
        yield Configuration("OpenConvolutionInputGenerator_rtl", attributes)


def paddings() -> Iterator[Configuration]:
    for size, channels, simd, bits in (
        (128, 1, 1, 8),
        (128, 8, 1, 4),
        (64, 16, 4, 3),
        (32, 32, 2, 5),
        (16, 64, 8, 2),
        (8, 128, 1, 3),
    ):
        attributes = {"ImgDim": [size, size], "Padding": [1, 1, 1, 1], "NumChannels": channels, "SIMD": simd,
                      "inputDataType": f"UINT{bits}"}  # fmt: skip
        yield Configuration("OpenFMPadding_rtl", attributes)


def pools() -> Iterator[Configuration]:
    for size, channels, pe, bits in (
        (128, 8, 1, 6),
        (64, 16, 2, 4),
        (64, 16, 16, 3),
        (32, 32, 1, 3),
        (16, 64, 4, 2),
        (64, 32, 1, 8),
    ):
        attributes = {"ImgDim": [size, size], "PoolDim": [2, 2], "NumChannels": channels, "PE": pe,
                      "inputDataType": f"UINT{bits}"}  # fmt: skip
        yield Configuration("OpenStreamingMaxPool_rtl", attributes)


def shuffles() -> Iterator[Configuration]:
    for size, channels, simd, bits in (
        (8, 64, 1, 3),
        (16, 32, 2, 4),
        (32, 16, 4, 3),
        (64, 8, 1, 6),
        (64, 8, 8, 4),
        (32, 32, 1, 2),
    ):
        attributes = {"ImgDim": [size, size], "BlockSize": [2, 2], "NumChannels": channels, "SIMD": simd,
                      "inputDataType": f"UINT{bits}"}  # fmt: skip
        yield Configuration("OpenPixelShuffle_rtl", attributes)


def upsamplers() -> Iterator[Configuration]:
    for size, channels, simd, bits in ((8, 64, 1, 3), (16, 32, 2, 4), (32, 16, 4, 3), (64, 8, 1, 6), (64, 8, 8, 4)):
        attributes = {"HI": size, "WI": size, "HO": 2 * size, "WO": 2 * size, "NumChannels": channels, "SIMD": simd,
                      "inputDataType": f"UINT{bits}"}  # fmt: skip
        yield Configuration("OpenUpsampleNearestNeighbour_rtl", attributes)


def others() -> Iterator[Configuration]:
    for channels, simd, bits in ((8, 1, 4), (16, 2, 3), (64, 1, 2), (32, 8, 4), (128, 4, 3)):
        attributes: Attributes = {"ChannelsPerStream": [channels, channels], "SIMD": simd, "inputDataTypes": [f"UINT{bits}"] * 2,
                                  "numInputVectors": [1, 8, 8]}  # fmt: skip
        yield Configuration("OpenStreamingConcat_rtl", attributes, inputs=2)
    for outputs, bits in ((2, 4), (2, 24), (3, 8)):
        attributes = {"NumOutputStreams": outputs, "NumChannels": 8, "PE": 1, "inputDataType": f"UINT{bits}",
                      "numInputVectors": [1, 8, 8], "outFIFODepths": [2] * outputs}  # fmt: skip
        yield Configuration("OpenDuplicateStreams_rtl", attributes, outputs=outputs)
