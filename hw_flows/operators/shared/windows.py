# SPDX-License-Identifier: BSD-3-Clause
"""Sliding windows of an image in NumPy, as convolutions, pools and Im2Col have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def pool_pads(a: dict[str, Any], image: Sequence[int]) -> list[int]:
    """Padding (top, left, bottom, right) of a pool with an ONNX node's attributes `a`.

    With `ceil_mode` also what its last windows reach over the image; windows that would begin behind it are left out, as
    PyTorch and ONNX (from version 19 on) have it.
    """
    pads = list(a.get("pads", [0, 0, 0, 0]))
    if not a.get("ceil_mode", 0):
        return pads
    for axis, (size, k, s) in enumerate(zip(image, a["kernel_shape"], a.get("strides", [1, 1]), strict=True)):
        count = -(-(size + pads[axis] + pads[axis + 2] - k) // s) + 1
        if (count - 1) * s >= size + pads[axis]:
            count -= 1
        pads[axis + 2] = max(pads[axis + 2], (count - 1) * s + k - size - pads[axis])
    return pads


def windows(
    x: np.ndarray, a: dict[str, Any], kernel: list[int], axes: tuple[int, int], border_value: float = 0
) -> np.ndarray:
    """Padded sliding windows over the spatial `axes` of a tensor of four; the two kernel axes come last.

    `a`: an ONNX node's attributes (pads, strides, dilations), or Im2Col's (pad_amount, stride, dilations).
    """
    pads = a.get("pads", a.get("pad_amount", [0, 0, 0, 0]))
    strides, dilations = a.get("strides", a.get("stride", [1, 1])), a.get("dilations", [1, 1])
    border = [(0, 0)] * 4
    border[axes[0]], border[axes[1]] = (pads[0], pads[2]), (pads[1], pads[3])
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    found = sliding_window_view(np.pad(x, border, constant_values=border_value), reach, axis=axes)
    steps = [slice(None)] * 4
    steps[axes[0]], steps[axes[1]] = slice(None, None, strides[0]), slice(None, None, strides[1])
    return found[(*steps, slice(None, None, dilations[0]), slice(None, None, dilations[1]))]
