# SPDX-License-Identifier: BSD-3-Clause
"""Blocks of pixels and channels of an image in NumPy, as ONNX' DepthToSpace and SpaceToDepth exchange them."""

from __future__ import annotations

import numpy as np


def depth_to_space(x: np.ndarray, block: int, mode: str) -> np.ndarray:
    """(N, C * block^2, H, W) to (N, C, H * block, W * block); `mode`: "DCR", channel = (dy * block + dx) * C + c, or "CRD",
    channel = (c * block + dy) * block + dx."""
    n, channels, h, w = x.shape
    c = channels // block**2
    if mode == "DCR":
        split = x.reshape(n, block, block, c, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        split = x.reshape(n, c, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
    return split.reshape(n, c, h * block, w * block)


def space_to_depth(x: np.ndarray, block: int, mode: str) -> np.ndarray:
    """The inverse of `depth_to_space`."""
    n, c, h, w = x.shape
    split = x.reshape(n, c, h // block, block, w // block, block)
    order = (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4)
    return split.transpose(order).reshape(n, c * block**2, h // block, w // block)


def block_channels(channels: int, block: int) -> np.ndarray:
    """For each of `channels` * block^2 channels in the order "DCR", its place in the order "CRD"."""
    return np.arange(channels * block**2).reshape(channels, block**2).T.ravel()
