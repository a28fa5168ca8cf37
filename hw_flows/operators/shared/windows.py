# SPDX-License-Identifier: BSD-3-Clause
"""Sliding windows of an image in NumPy, as convolutions, pools and Im2Col have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(x: np.ndarray, a: dict[str, Any], kernel: list[int], axes: tuple[int, int]) -> np.ndarray:
    """Zero-padded sliding windows over the spatial `axes` of a tensor of four; the two kernel axes come last.

    `a`: an ONNX node's attributes (pads, strides, dilations), or Im2Col's (pad_amount, stride, dilations).
    """
    pads = a.get("pads", a.get("pad_amount", [0, 0, 0, 0]))
    strides, dilations = a.get("strides", a.get("stride", [1, 1])), a.get("dilations", [1, 1])
    border = [(0, 0)] * 4
    border[axes[0]], border[axes[1]] = (pads[0], pads[2]), (pads[1], pads[3])
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    found = sliding_window_view(np.pad(x, border), reach, axis=axes)
    steps = [slice(None)] * 4
    steps[axes[0]], steps[axes[1]] = slice(None, None, strides[0]), slice(None, None, strides[1])
    return found[(*steps, slice(None, None, dilations[0]), slice(None, None, dilations[1]))]
