"""How a picture is fitted to the network's input: padded to its proportions, resized by Pillow.

Pillow's filters widen with the reduction (antialias), which linear interpolation does not: a large picture
that is made small would keep every n-th of its pixels, with its noise. A pixel of the mask is set where the
mask covers more than half of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: 256 MiB as float32: a long and narrow picture grows by its padding.
MOST_PADDED_PIXELS = 2**26


def fitted(
    image: NDArray[np.float32], mask: NDArray[np.bool_], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Image CHW in 0..1 and mask HW as 0..255 and as 0 and 1, both CHW of `size` (height, width)."""
    channels = [_resized(channel, size, Image.Resampling.BILINEAR) for channel in image]
    covered = _resized(mask.astype(np.float32), size, Image.Resampling.BOX)
    pixels = (np.stack(channels) * 255).round().clip(0, 255).astype(np.uint8)
    return pixels, (covered > 0.5).astype(np.uint8)[None]


def padded_size(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a picture of `shape` with zeros around it, so that it has the proportions of `size`."""
    height, width = shape
    unit = max(height / size[0], width / size[1])
    return max(height, round(size[0] * unit)), max(width, round(size[1] * unit))


def padded(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """A picture HW with zeros around it, so that it has the proportions of `size`."""
    height, width = picture.shape
    full = padded_size(picture.shape, size)
    larger = np.zeros(full, np.float32)
    top, left = (full[0] - height) // 2, (full[1] - width) // 2
    larger[top : top + height, left : left + width] = picture
    return larger


def _resized(picture: NDArray[np.float32], size: tuple[int, int], kernel: Image.Resampling) -> NDArray[np.float32]:
    whole = Image.fromarray(padded(picture, size))
    return np.asarray(whole.resize((size[1], size[0]), kernel), dtype=np.float32)
