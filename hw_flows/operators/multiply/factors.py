# SPDX-License-Identifier: BSD-3-Clause
"""Two factors: how the values of a smaller one are repeated along those of an image, and what products can be."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from qonnx.core.datatype import BaseDataType


def repeats(factor: Sequence[int], image: Sequence[int]) -> tuple[int, int] | None:
    """(values of `factor` that come again, how often each block of them is used in a row) for values in the order of
    `image`, (H, W, C), where an axis of `factor` has the same size or 1; None where that is no such pattern.

    A value for each channel: all channels, for each pixel. A value for each pixel: one, for each channel.
    """
    if any(own not in (1, size) for own, size in zip(factor, image, strict=True)):
        return None
    repeated = [axis for axis in range(3) if factor[axis] == 1 < image[axis]]
    if not repeated:
        return 1, 1
    first, last = repeated[0], repeated[-1]
    if any(image[axis] > 1 for axis in range(first, last + 1) if axis not in repeated):
        return None
    return prod(image[last + 1 :]), prod(image[first : last + 1])


def product_range(first: BaseDataType, second: BaseDataType) -> tuple[int, int]:
    """Least and largest product of two integers of these types."""
    ends = [int(a) * int(b) for a in (first.min(), first.max()) for b in (second.min(), second.max())]
    return min(ends), max(ends)
