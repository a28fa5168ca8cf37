"""What every data set gives: images with masks, and how a picture is fitted to the network's input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom


@dataclass(frozen=True)
class Pairs:
    """Images with their masks.

    `images` is uint8 NCHW, 0..255; `masks` is uint8 NCHW, 0 or 1; `names` says where each came from.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def as_float(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Images in k/255 and masks of 0 and 1, both float32 NCHW: what the network takes and should give."""
        return self.images.astype(np.float32) / np.float32(255), self.masks.astype(np.float32)


@dataclass(frozen=True)
class Split:
    """Training and validation pairs that have nothing in common."""

    train: Pairs
    validation: Pairs


def fitted_image(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture HW in 0..1, padded with zeros to the proportions of `size`, resized linearly, as 0..255."""
    resized = _fitted(picture.astype(np.float32), size, order=1)
    return (resized * 255).round().clip(0, 255).astype(np.uint8)


def fitted_mask(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask HW, padded and resized like its picture, as 0 and 1: set where it covers more than half a
    pixel.
    """
    return (_fitted(mask.astype(np.float32), size, order=1) > 0.5).astype(np.uint8)


def _fitted(picture: NDArray[np.float32], size: tuple[int, int], order: int) -> NDArray[np.float32]:
    height, width = picture.shape
    unit = max(height / size[0], width / size[1])
    full_height, full_width = max(height, round(size[0] * unit)), max(width, round(size[1] * unit))
    padded = np.zeros((full_height, full_width), np.float32)
    top, left = (full_height - height) // 2, (full_width - width) // 2
    padded[top : top + height, left : left + width] = picture
    resized: NDArray[np.float32] = zoom(
        padded, (size[0] / full_height, size[1] / full_width), order=order, grid_mode=True, mode="nearest"
    )
    assert resized.shape == size
    return resized
