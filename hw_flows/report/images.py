# SPDX-License-Identifier: BSD-3-Clause
"""Images and masks as PNG, small enough to stand inside a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

#: Background, then one colour a class, far apart for colour-blind eyes too (Okabe and Ito).
CLASS_COLOURS = (
    (12, 16, 24),
    (240, 240, 240),
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
)
Colour = tuple[int, int, int]
#: Contours of the reference and of the hardware.
REFERENCE_COLOUR: Colour = (0, 190, 130)
HARDWARE_COLOUR: Colour = (225, 40, 130)
#: Pixels of both masks, only of the first, only of the second.
BOTH: Colour = (150, 150, 150)
ONLY_FIRST: Colour = (86, 180, 233)
ONLY_SECOND: Colour = (213, 94, 0)
#: Pixels along the longer side, at least, so that contours are thinner than what they enclose.
CONTOUR_SIZE = 384


def image_png(image: np.ndarray) -> str:
    """Data URI of an image (C, H, W), smallest value black, largest white; 3 channels in colour, else grey."""
    channels = image if image.shape[0] == 3 else image[:1]
    pixels = _scaled(channels)
    return _data_uri(Image.fromarray(pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0]))


def mask_png(mask: np.ndarray) -> str:
    """Data URI of a mask (H, W) of class numbers, 0 the background."""
    palette = np.array(CLASS_COLOURS, dtype=np.uint8)
    classes = mask.astype(np.int64)
    shown = np.where(classes == 0, 0, (classes - 1) % (len(palette) - 1) + 1)
    return _data_uri(Image.fromarray(palette[shown]))


def contours_png(image: np.ndarray, masks: Sequence[tuple[np.ndarray, Colour]]) -> str:
    """Data URI of an image (C, H, W) in grey under the contours of masks (H, W) of class numbers, the last on top."""
    height, width = masks[0][0].shape
    factor = max(1, -(-CONTOUR_SIZE // max(height, width)))
    grey = _scaled(image[:3].mean(axis=0))
    pixels = np.repeat(np.repeat(grey, factor, axis=0), factor, axis=1)[..., None].repeat(3, axis=2)
    for mask, colour in masks:
        large = np.repeat(np.repeat(mask.astype(np.int64), factor, axis=0), factor, axis=1)
        edge = np.zeros(large.shape, dtype=bool)
        for axis in (0, 1):
            for step in (1, 2, -1, -2):
                beside = np.roll(large, step, axis=axis)
                edge |= (large != beside) & (large != 0)
        pixels[edge] = colour
    return _data_uri(Image.fromarray(pixels))


def difference_png(mask: np.ndarray, reference: np.ndarray) -> str:
    """Data URI of where two masks (H, W) differ: both, only the first, only the second, other classes."""
    one, other = mask.astype(np.int64), reference.astype(np.int64)
    pixels = np.zeros((*one.shape, 3), dtype=np.uint8) + np.array(CLASS_COLOURS[0], dtype=np.uint8)
    pixels[(one != 0) & (one == other)] = BOTH
    pixels[(one != 0) & (one != other)] = ONLY_FIRST
    pixels[(one == 0) & (other != 0)] = ONLY_SECOND
    return _data_uri(Image.fromarray(pixels))


def _scaled(values: np.ndarray) -> np.ndarray:
    """To whole numbers from 0, the smallest, to 255, the largest."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scaled = np.nan_to_num((values - low) / (high - low if high > low else 1.0))
    return np.asarray(np.round(255 * scaled), dtype=np.uint8)


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
